"""The state of files as seen from outside, to notice changes without reading them.

Not the modification time alone: a copy may keep it. Device and inode follow a swapped symlink
(Kubernetes swaps a folder's), the change time follows every write and cannot be set back.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

FileState = tuple[str, tuple[int, ...]]

MAX_FILES = 10_000
"""Files of a folder that are looked at; a knowledge folder has some dozens."""


def state_of(paths: Iterable[Path]) -> tuple[FileState, ...]:
    """Each file with what tells a change; one that is missing or unreadable has that as its state.

    Blocks for the disk: call it in a thread.
    """
    return tuple((str(path), _facts(path)) for path in paths)


def files_below(folder: Path) -> tuple[Path, ...]:
    """The regular files of the folder's own folders (`<folder>/<name>/<file>`), sorted."""
    return tuple(sorted(_files(folder)))[:MAX_FILES]


def _files(folder: Path) -> Iterator[Path]:
    for base in _entries(folder):
        if not base.name.startswith("."):
            yield from (file for file in _entries(base) if not file.name.startswith("."))


def _entries(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in os.listdir(folder)]  # noqa: PTH208 # names, one call
    except OSError:
        return []


def _facts(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        return (getattr(error, "errno", None) or -1,)
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
