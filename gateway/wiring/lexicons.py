"""The versions of the lexicons, so that the cache keeps no keywords of an older one."""

import asyncio
from pathlib import Path

from gateway.adapters.file_state import FileState, files_below, state_of
from gateway.tasks.lexicons import lexicon_versions


class LexiconKeeper:
    """`versions` by name; the lexicons themselves are read by the rules' processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.versions: dict[str, str] = {}

    def look(self) -> tuple[FileState, ...]:
        """The state of the files, for a `Watch`."""
        return state_of(files_below(self.folder))

    async def reload(self) -> None:
        """Note the versions as they are now."""
        found = await asyncio.to_thread(lexicon_versions, self.folder)
        for name in self.versions.keys() - found.keys():
            del self.versions[name]
        self.versions.update(found)
