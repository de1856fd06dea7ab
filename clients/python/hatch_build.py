"""Build hook: the wheel carries freshly generated stubs and the service config of all clients."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class GenerateStubs(BuildHookInterface):  # type: ignore[type-arg]  # its config type is internal
    """Runs proto/generate.py into a temporary folder, and adds what it wrote as gateway/v1.

    `gateway` gets no __init__.py: it stays a namespace, open for other packages' parts.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 # hook signature
        """Generate; raises CalledProcessError when protoc fails. Does nothing for an sdist."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        source = root if (root / "proto").is_dir() else root.parent.parent  # an sdist, or the tree
        config = source / "service_config.json"
        if not config.is_file():
            config = root.parent / "service_config.json"
        self._made = tempfile.TemporaryDirectory()
        command = [sys.executable, str(source / "proto" / "generate.py"), "--out", self._made.name]
        subprocess.run([*command, "gateway/v1"], check=True)  # noqa: S603 # our own script
        included = build_data["force_include"]
        included[str(Path(self._made.name) / "gateway" / "v1")] = "gateway/v1"
        included[str(config)] = "erp_gateway_client/service_config.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 # hook signature
        """Remove the temporary folder."""
        if self.target_name == "wheel":
            self._made.cleanup()
