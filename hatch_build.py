"""Build hook: a wheel is built with freshly generated stubs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GenerateStubs(BuildHookInterface):  # type: ignore[type-arg]  # its config type is internal
    """Runs proto/generate.py before the files are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 # hook signature
        """Generate the stubs; raises CalledProcessError when protoc fails."""
        script = Path(self.root) / "proto" / "generate.py"
        subprocess.run([sys.executable, str(script)], check=True)  # noqa: S603 # our own script
