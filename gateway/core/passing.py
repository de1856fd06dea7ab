"""What one try of a stream passes on: from the chunks of a deployment to the reader's screen."""

from typing import Any

from gateway.core.abilities import checks_answers
from gateway.core.asking import refused, unread
from gateway.core.errors import UnsafeAnswer
from gateway.core.events import Reader
from gateway.core.model import Chunk, Completion
from gateway.core.ports import TextGate
from gateway.core.reply import Reply, Turn
from gateway.core.trying import Trying
from gateway.core.walk import Walk


class Passing:
    """A `Sink` of one try: notes the reply, and shows what of its text may be shown."""

    __slots__ = ("_deployment", "_gate", "_lead", "_reader", "_reply", "_trying", "_turn", "_walk")

    def __init__(
        self, walk: Walk[Any, Any, Any], turn: Turn, trying: Trying, reader: Reader
    ) -> None:
        self._walk = walk
        self._turn = turn
        self._trying = trying
        self._reader = reader
        self._deployment = turn.candidate[0].name
        self._reply = Reply([])
        self._lead = turn.talk.between
        self._gate = self._new_gate()

    def take(self, chunk: Chunk) -> str:
        """Note a chunk; its text, to be shown in time."""
        self._reply.take(chunk)
        return chunk.text

    async def show(self, text: str) -> bool:
        """Show what of it is known to be safe; whether that is any. Raises RefusedReply."""
        self._trying.hear()
        passed = self._safe(text) if self._gate else text
        if passed:
            lead, self._lead = self._lead, ""
            await self._reader.spell(self._deployment, lead + passed)
        return bool(passed)

    async def take_back(self) -> None:
        """The model has taken back all it said in this turn."""
        self._gate = self._new_gate()
        await self._reader.take_back(self._deployment, self._deployment)
        self._lead = self._turn.talk.lead

    async def whole(self) -> Completion:
        """The stream is over: its reply. Raises StreamTruncated and RefusedReply."""
        if self._gate and self._reply.finish is not None and (passed := self._safe(None)):
            await self._reader.spell(self._deployment, self._lead + passed)
        return self._reply.completion()

    def _safe(self, text: str | None) -> str:
        """What the gate lets through; None: the text is over."""
        if self._gate is None:
            return text or ""
        try:
            return self._gate.rest() if text is None else self._gate.take(text)
        except UnsafeAnswer as error:
            raise refused(self._walk, error, self._reply.so_far()) from error
        except Exception as error:
            raise unread(error, self._reply.so_far().usage) from error

    def _new_gate(self) -> TextGate | None:
        task = self._walk.task
        if not checks_answers(task):
            return None
        gate: TextGate = task.gate(self._walk.request, self._walk.draft)
        return gate
