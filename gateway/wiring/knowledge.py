"""The knowledge of a process: read, at hand at once, trained behind, read again when it changes.

A model trained before is taken from the state folder. Until training is done a base answers from an
untrained index: no call waits for it, whatever its deadline.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from gateway.adapters.knowledge_folder import KnowledgeUnreadableError, read_knowledge
from gateway.adapters.process_pool import ProcessRunner
from gateway.adapters.state_folder import StateFolder
from gateway.rules.chat import ChatModel, KnowledgeBase, KnowledgeError, parse_knowledge, train
from gateway.rules.chat.lexical import untrained
from gateway.rules.chat.packing import packed, training_version, unpacked

RELOAD_EVERY_S = 2.0
"""How often the files are looked at; reading a megabyte of them takes a millisecond or two."""
NAME_CHARACTERS = 16

log = logging.getLogger(__name__)


class Knowledge:
    """Trained knowledge by name, in `models`; `ready` is set as soon as every base is at hand."""

    def __init__(self, folder: Path, state: Path | None) -> None:
        self.models: dict[str, ChatModel] = {}
        self.ready = asyncio.Event()
        self._folder = folder
        self._state = StateFolder(state)
        self._seen: dict[str, list[tuple[str, str]]] = {}

    def __repr__(self) -> str:
        return f"Knowledge({list(self.models)})"

    def load(self) -> list[KnowledgeBase]:
        """Read every base and have it at hand; returns those that need training.

        Raises KnowledgeError and KnowledgeUnreadableError.
        """
        self._seen = read_knowledge(self._folder)
        bases = [parse_knowledge(name, files) for name, files in self._seen.items()]
        waiting = [base for base in bases if not self._take_kept(base)]
        for base in waiting:
            self.models[base.name] = untrained(base)
        self.ready.set()
        return waiting

    async def train(self, bases: Sequence[KnowledgeBase]) -> None:
        """Train in a process of its own. A base that cannot be trained stays with its index."""
        if not bases:
            return
        trainer = ProcessRunner(1)
        try:
            for base in bases:
                try:
                    model = await trainer.run(train, base)
                except Exception:
                    log.exception("knowledge base %r could not be trained", base.name)
                    continue
                self.models[base.name] = model
                await asyncio.to_thread(self._keep, model)
        finally:
            await trainer.aclose()

    async def watch(self) -> None:
        """Read the files again whenever they change, for ever; what is wrong changes nothing."""
        while True:
            await asyncio.sleep(RELOAD_EVERY_S)
            try:
                found = await asyncio.to_thread(read_knowledge, self._folder)
                if found != self._seen:
                    await self._reload(found)
            except KnowledgeUnreadableError as error:
                log.warning("the knowledge stays as it was: %s", error)
            except Exception:
                log.exception("the knowledge stays as it was")

    async def _reload(self, found: dict[str, list[tuple[str, str]]]) -> None:
        before, self._seen = self._seen, found
        for name in before.keys() - found.keys():
            self.models.pop(name, None)
            log.info("knowledge base %r is gone", name)
        changed = [name for name, files in found.items() if before.get(name) != files]
        waiting = []
        for name in changed:
            try:
                base = await asyncio.to_thread(parse_knowledge, name, found[name])
            except KnowledgeError as error:
                log.warning("knowledge base %r stays as it was: %s", name, error)
                continue
            if not self._take_kept(base):
                waiting.append(base)
        await self.train(waiting)
        log.info("knowledge read again: %s", ", ".join(changed) or "nothing new")

    def _take_kept(self, base: KnowledgeBase) -> bool:
        raw = self._state.read(_file_of(base))
        try:
            if raw is not None:
                self.models[base.name] = unpacked(raw, base)
                return True
        except ValueError as error:
            log.warning("the kept model of %r is made again: %s", base.name, error)
        return False

    def _keep(self, model: ChatModel) -> None:
        base = model.knowledge
        self._state.write(_file_of(base), packed(model), instead_of=f"{base.name}.*.model")


def _file_of(base: KnowledgeBase) -> str:
    """Named after what it was made from: the knowledge's files, and the code that trained it."""
    version, code = base.version[:NAME_CHARACTERS], training_version()[:NAME_CHARACTERS]
    return f"{base.name}.{version}.{code}.model"
