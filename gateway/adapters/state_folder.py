"""Bytes that can be made again, kept in a folder between starts: written whole or not at all."""

import contextlib
import hashlib
import logging
import os
import tempfile
from pathlib import Path

MAX_BYTES = 512 * 1024 * 1024
MAGIC = b"erp-gateway state 1\n"
_DIGEST = 32

log = logging.getLogger(__name__)


class StateFolder:
    """Keeps bytes by name. A file that is damaged, or none, is the same: nothing was kept.

    A folder that cannot be written costs the time of making things again, never a start. None:
    nothing is kept.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def __repr__(self) -> str:
        return f"StateFolder({str(self._folder)!r})"

    def read(self, name: str) -> bytes | None:
        """What was kept under this name, if it is whole."""
        if self._folder is None:
            return None
        try:
            with (self._folder / name).open("rb") as file:
                raw = file.read(MAX_BYTES)
        except OSError:
            return None
        head, digest = raw[: len(MAGIC)], raw[len(MAGIC) : len(MAGIC) + _DIGEST]
        content = raw[len(MAGIC) + _DIGEST :]
        if head != MAGIC or hashlib.sha256(content).digest() != digest:
            log.warning("%s is damaged; it is made again", self._folder / name)
            return None
        return content

    def write(self, name: str, content: bytes, instead_of: str = "") -> None:
        """Keep it; files of the pattern `instead_of` are deleted then."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._replace(self._folder / name, content)
            for old in self._folder.glob(instead_of) if instead_of else ():
                if old.name != name:
                    old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s cannot be kept (%s); it is made again at every start", name, error)

    def _replace(self, path: Path, content: bytes) -> None:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(MAGIC + hashlib.sha256(content).digest())
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
