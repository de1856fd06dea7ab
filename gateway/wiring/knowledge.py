"""The knowledge bases in use: trained at the start, and anew when their files change.

Training takes a second or two of a core, so it happens in a process of its own. A base whose files
are wrong keeps what it had; the others go on.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.adapters.file_state import FileState, files_below, state_of
from gateway.adapters.knowledge_folder import KnowledgeUnreadableError, read_knowledge
from gateway.adapters.process_pool import ProcessRunner
from gateway.rules.chat import (
    ChatModel,
    KnowledgeBase,
    KnowledgeError,
    digest_of,
    parse_knowledge,
    train,
)

log = logging.getLogger(__name__)

Files = list[tuple[str, str]]


class KnowledgeKeeper:
    """`models` by name is what Chat works with; `folder` says where the files are now."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self.models: dict[str, ChatModel] = {}
        self.trained = asyncio.Event()
        self._folder = folder
        self._turn = asyncio.Lock()

    def read(self) -> Sequence[KnowledgeBase]:
        """Every base as it stands. Raises KnowledgeError or KnowledgeUnreadableError."""
        folder = read_knowledge(self._folder())
        return [parse_knowledge(name, files) for name, files in folder.items()]

    def look(self) -> tuple[FileState, ...]:
        """The state of the files, for a `Watch`."""
        return state_of(files_below(self._folder()))

    async def train(self, bases: Sequence[KnowledgeBase]) -> None:
        """Train at the start; Chat waits for it, nothing else.

        One that cannot be trained is missing then (NOT_FOUND), and the log says why.
        """
        trainer = ProcessRunner(1)
        async with self._turn:
            try:
                for base in bases:
                    try:
                        self.models[base.name] = await trainer.run(train, base)
                    except Exception:
                        log.exception("knowledge base %r could not be trained", base.name)
                self.trained.set()
            finally:
                await trainer.aclose()

    async def reload(self) -> tuple[str, ...]:
        """Take over what has changed on disk; tells what was, and what was refused and why."""
        async with self._turn:
            try:
                found = await asyncio.to_thread(read_knowledge, self._folder())
            except KnowledgeUnreadableError as error:
                return _refused(str(error))
            told = self._without(found)
            changed = {name: files for name, files in found.items() if self._is_new(name, files)}
            return (*told, *await self._learn(changed)) if changed else told

    def _is_new(self, name: str, files: Files) -> bool:
        model = self.models.get(name)
        return model is None or model.knowledge.digest != digest_of(files)

    def _without(self, found: Mapping[str, Files]) -> tuple[str, ...]:
        gone = sorted(self.models.keys() - found.keys())
        if gone and not found:
            return _refused(f"the folder {self._folder()} holds no knowledge base any more")
        for name in gone:
            del self.models[name]
            log.warning("knowledge base %r is gone", name)
        return tuple(f"knowledge base {name!r} is gone" for name in gone)

    async def _learn(self, changed: Mapping[str, Files]) -> tuple[str, ...]:
        trainer = ProcessRunner(1)
        told: list[str] = []
        try:
            for name, files in changed.items():
                told += await self._learn_one(trainer, name, files)
        finally:
            await trainer.aclose()
        return tuple(told)

    async def _learn_one(self, trainer: ProcessRunner, name: str, files: Files) -> tuple[str, ...]:
        try:
            learned = await trainer.run(_learned, name, files)
        except Exception as error:
            log.exception("knowledge base %r could not be trained", name)
            return (f"knowledge base {name!r} could not be trained: {error!r}",)
        if isinstance(learned, str):
            return _refused(learned)
        self.models[name] = learned
        log.info("knowledge base %r was taken over", name)
        return (f"knowledge base {name!r} was taken over",)


def _learned(name: str, files: Files) -> ChatModel | str:
    """In the trainer's process: the model, or why the files are wrong."""
    try:
        return train(parse_knowledge(name, files))
    except KnowledgeError as error:
        return str(error)


def _refused(reason: str) -> tuple[str, ...]:
    log.error("new knowledge is refused, the old one stays in use: %s", reason)
    return (f"refused, the old knowledge stays in use: {reason}",)
