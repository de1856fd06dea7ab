"""The knowledge of a process: read, soon at hand, trained behind, read again when it changes.

A model trained before is taken from the state folder. Until training is done a base answers from an
untrained index: no call waits for it, whatever its deadline. Only the index is waited for, 0.2 s
after the doors are open: reading alone (10 ms) finds what is wrong in the files.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from gateway.adapters.file_state import FileState, files_below, state_of
from gateway.adapters.knowledge_folder import KnowledgeUnreadableError, read_knowledge
from gateway.adapters.process_pool import ProcessRunner
from gateway.adapters.state_folder import StateFolder
from gateway.rules import chat as chat_rules
from gateway.rules import masking
from gateway.rules.chat import KnowledgeBase, KnowledgeError, parse_knowledge

NAME_CHARACTERS = 16

Files = list[tuple[str, str]]
Train = Callable[[KnowledgeBase], "chat_rules.ChatModel"]

log = logging.getLogger(__name__)


class Knowledge:
    """Knowledge by name, in `models`; `ready` is set as soon as every base is at hand.

    At the start `load`, then `index`, then `train`. `folder` says where the files are now.
    """

    def __init__(
        self, folder: Callable[[], Path], state: Path | None, train: Train | None = None
    ) -> None:
        self.models: dict[str, chat_rules.ChatModel] = {}
        self.ready = asyncio.Event()
        self._folder = folder
        self._state = StateFolder(state)
        self._make = train  # None: the rules' own, not named here, for that would load numpy
        self._seen: dict[str, Files] = {}
        self._bases: list[KnowledgeBase] = []
        self._turn = asyncio.Lock()

    def __repr__(self) -> str:
        return f"Knowledge({list(self.models)})"

    def load(self) -> None:
        """Read and check every base. Raises KnowledgeError and KnowledgeUnreadableError."""
        self._seen = read_knowledge(self._folder())
        self._bases = [parse_knowledge(name, files) for name, files in self._seen.items()]

    async def index(self) -> list[KnowledgeBase]:
        """Have every base at hand that `load` has read; returns those that need training."""
        async with self._turn:
            kept = await asyncio.to_thread(self._indexed)
            self.ready.set()
        return [base for base in self._bases if base.name not in kept]

    def _indexed(self) -> set[str]:
        """The names of those that were kept. Loads numpy, so not on the event loop."""
        chat_rules.warm()
        masking.mask("")
        kept = {base.name for base in self._bases if self._take_kept(base)}
        for base in self._bases:
            if base.name not in kept:
                self.models[base.name] = chat_rules.untrained(base)
        return kept

    async def train(self, bases: Sequence[KnowledgeBase]) -> None:
        """Train in a process of its own. A base that cannot be trained stays with its index."""
        async with self._turn:
            await self._train(bases)

    async def _train(self, bases: Sequence[KnowledgeBase]) -> set[str]:
        """The names of those that were trained, and are in force now."""
        trained: set[str] = set()
        if not bases:
            return trained
        trainer = ProcessRunner(1)
        try:
            for base in bases:
                try:
                    model = await trainer.run(self._make or chat_rules.train, base)
                except Exception:
                    log.exception("knowledge base %r could not be trained", base.name)
                    continue
                self.models[base.name] = model
                trained.add(base.name)
                await asyncio.to_thread(self._keep, model)
        finally:
            await trainer.aclose()
        return trained

    def look(self) -> tuple[FileState, ...]:
        """The state of the files, for a `Watch`."""
        return state_of(files_below(self._folder()))

    async def reload(self) -> tuple[str, ...]:
        """Read the files again; what is wrong changes nothing. Tells what was taken over or not."""
        async with self._turn:
            try:
                found = await asyncio.to_thread(read_knowledge, self._folder())
            except KnowledgeUnreadableError as error:
                return _refused(str(error))
            return await self._take_over(found) if found != self._seen else ()

    async def _take_over(self, found: Mapping[str, Files]) -> tuple[str, ...]:
        if self.models and not found:
            return _refused(f"the folder {self._folder()} holds no knowledge base any more")
        told: list[str] = []
        for name in self.models.keys() - found.keys():
            del self.models[name]
            told.append(f"knowledge base {name!r} is gone")
        waiting = []
        for name, files in found.items():
            if self._seen.get(name) == files:
                continue
            try:
                base = await asyncio.to_thread(parse_knowledge, name, files)
            except KnowledgeError as error:
                told += _refused(str(error))
                continue
            if self._take_kept(base):
                told.append(self._noted(name, files))
            else:
                waiting.append(base)
        self._seen = {name: files for name, files in self._seen.items() if name in found}
        trained = await self._train(waiting)
        for base in waiting:
            if base.name in trained:
                told.append(self._noted(base.name, found[base.name]))
            else:
                told += await self._without_training(base)
        log.info("knowledge read again: %s", "; ".join(told))
        return tuple(told)

    def _noted(self, name: str, files: Files) -> str:
        """Only what is in force counts as seen: anything else is tried again on the next reload."""
        self._seen[name] = files
        return f"knowledge base {name!r} was taken over"

    async def _without_training(self, base: KnowledgeBase) -> tuple[str, ...]:
        if base.name not in self.models:  # an index is better than no base
            self.models[base.name] = await asyncio.to_thread(chat_rules.untrained, base)
            return (f"knowledge base {base.name!r} is new, but could not be trained: see the log",)
        return _refused(f"knowledge base {base.name!r} could not be trained: see the log")

    def _take_kept(self, base: KnowledgeBase) -> bool:
        raw = self._state.read(_file_of(base))
        try:
            if raw is not None:
                self.models[base.name] = chat_rules.unpacked(raw, base)
                return True
        except ValueError as error:
            log.warning("the kept model of %r is made again: %s", base.name, error)
        return False

    def _keep(self, model: "chat_rules.ChatModel") -> None:
        base = model.knowledge
        self._state.write(
            _file_of(base), chat_rules.packed(model), instead_of=f"{base.name}.*.model"
        )


def _file_of(base: KnowledgeBase) -> str:
    """Named after what it was made from: the knowledge's files, and the code that trained it."""
    version, code = base.version[:NAME_CHARACTERS], chat_rules.training_version()[:NAME_CHARACTERS]
    return f"{base.name}.{version}.{code}.model"


def _refused(reason: str) -> tuple[str, ...]:
    log.error("new knowledge is refused, the old one stays in use: %s", reason)
    return (f"refused, the old knowledge stays in use: {reason}",)
