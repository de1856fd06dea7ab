"""The versions of a configuration that were in force, on disk: for a restart, and to go back.

One file a version, `<n>-<version>.yaml`, in a folder of its own for each configuration file. `n`
grows, so the highest is the last good one. Nothing in here may stop a gateway: what cannot be
written is a warning.
"""

import contextlib
import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.config.errors import ConfigError
from gateway.config.files import read_text

log = logging.getLogger(__name__)

ENV_VARIABLE = "ERP_GATEWAY_STATE_DIR"
DEFAULT_FOLDER = Path("var")
"""Relative to the working folder, as the question log's."""
MOST_KEPT = 50
"""Versions kept of one file, the newest; 1 MiB each at most, some kilobytes usually."""
PATH_CHARS = 12

_NAME = re.compile(r"(\d{6,})-([0-9a-f]{4,64})\.yaml")


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """One version on disk. `at_s`: when it came into force, wall seconds."""

    number: int
    version: str
    at_s: float
    path: Path


class History:
    """The kept versions of one configuration file. `folder` is made when something is kept."""

    def __init__(self, state: Path, config: Path, most: int = MOST_KEPT) -> None:
        # as it is named, symlinks not followed: Kubernetes swaps what they point to
        name = os.path.abspath(config)  # noqa: PTH100 # Path.absolute keeps ".."
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        self.folder = state / f"config-{digest[:PATH_CHARS]}"
        self._config = name
        self._most = most

    def __repr__(self) -> str:
        return f"History({str(self.folder)!r})"

    def versions(self) -> tuple[Kept, ...]:
        """What is kept, oldest first; empty where nothing can be read."""
        try:
            return tuple(sorted(self._found()))
        except OSError:
            return ()

    def find(self, version: str) -> Kept | None:
        """The newest of this version, by its beginning; None when there is none."""
        return next((k for k in reversed(self.versions()) if k.version.startswith(version)), None)

    def text(self, kept: Kept) -> str:
        """Its text. Raises ConfigError when it cannot be read."""
        return read_text(kept.path)

    def keep(self, version: str, text: str) -> None:
        """Note that this version is in force now; a failure is told in the log and nowhere else."""
        try:
            self._keep(version, text)
        except OSError as error:
            log.warning(
                "version %s could not be kept in %s (%s): a restart with a broken file could not"
                " fall back on it; give a writable folder with %s",
                *(version, self.folder, error.strerror, ENV_VARIABLE),
            )

    def _keep(self, version: str, text: str) -> None:
        versions = self.versions()
        if versions and versions[-1].version == version and self._same(versions[-1], text):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        number = versions[-1].number + 1 if versions else 1
        written(self.folder / f"{number:06d}-{version}.yaml", text)
        written(self.folder / "of.txt", f"{self._config}\n")
        for old in versions[: max(0, len(versions) + 1 - self._most)]:
            old.path.unlink(missing_ok=True)

    def _same(self, kept: Kept, text: str) -> bool:
        try:
            return self.text(kept) == text
        except ConfigError:
            return False

    def _found(self) -> Iterator[Kept]:
        for path in self.folder.iterdir():
            if match := _NAME.fullmatch(path.name):
                with contextlib.suppress(FileNotFoundError):  # another worker has just tidied up
                    yield Kept(int(match[1]), match[2], path.stat().st_mtime, path)


def written(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o640)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def state_folder(asked: str, env: Mapping[str, str]) -> Path:
    """Where state lives: what the command line says, else the environment variable, else `var/`."""
    return Path(asked or env.get(ENV_VARIABLE, "") or DEFAULT_FOLDER)
