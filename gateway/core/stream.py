"""The life of a streamed request: the same walk as `gateway.core.engine`, told in events.

Nothing is spliced: before the first text is sent a failing deployment is replaced silently, after
it a `Restarted` event tells the reader to throw away what it has, and the next one begins anew.
`Completed` carries the whole answer and is the only good end.

Events are pushed: each is awaited where it happens, so nothing stands between a model's bytes and
the caller's but the decisions themselves (docs/decisions/0053).
"""

import asyncio
from typing import TypeVar

from gateway.core.engine import Engine
from gateway.core.errors import DeadlineExceeded
from gateway.core.events import Completed, Delta, HasText, Reader, Started, Tell
from gateway.core.limiting import counted, enter
from gateway.core.model import Answer, Caller
from gateway.core.ports import Task
from gateway.core.relaying import Relaying
from gateway.core.walk import Walk

Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A", bound=HasText)


class StreamEngine:
    """Answers calls as streams of events; shares route, cache, policies and rules with `Engine`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rooms = engine.rooms
        self._relaying = Relaying(engine.rooms, engine.asking, engine.tooling)

    async def relay(self, task: Task[Q, D, A], request: Q, caller: Caller, tell: Tell) -> None:
        """Tell the events of one call, the last of which is `Completed`; raises as `Engine.answer`.

        Cancel it to stop: the upstream connection goes at once. What `tell` raises gets out.
        """
        walk = self._engine.begin(task, request, caller)
        with self._engine.told_of(walk):
            async with counted(self._rooms, walk):
                answer = await self._within_deadline(walk, Reader(tell))
                walk.answered = True
                await self._engine.remembering.keep(walk, answer.value)
                served = walk.served(self._rooms.clock())
                self._rooms.observer.answered(task.call, caller, answer, served)
                self._engine.mirrors.copy(walk)
                await tell(Completed(answer))

    async def _within_deadline(self, walk: Walk[Q, D, A], reader: Reader) -> Answer[A]:
        try:
            async with asyncio.timeout_at(walk.caller.deadline.at_s):
                return await self._shown(walk, reader)
        except TimeoutError as error:
            raise DeadlineExceeded("the caller's deadline passed before the end") from error

    async def _shown(self, walk: Walk[Q, D, A], reader: Reader) -> Answer[A]:
        """Cache, models in order, rules: the first whole answer, whose text the reader has."""
        await enter(self._rooms, walk)
        await self._engine.prepare(walk)
        kept = await self._engine.from_cache(walk)
        first = "" if kept or not walk.may_ask else walk.candidates[0][0].name
        await reader.tell(Started(first, walk.conversation_id))
        if kept is not None:
            await reader.tell(Delta(kept.value.text))
            return kept
        answer = await self._from_models(walk, reader)
        if answer is None:
            answer = await self._engine.by_rules(walk)
            await reader.spell("", answer.value.text)
        return answer

    async def _from_models(self, walk: Walk[Q, D, A], reader: Reader) -> Answer[A] | None:
        """A model's answer; None: none gave a whole one."""
        if not walk.may_ask:
            return None
        prompt = await self._engine.prompt(walk)
        if prompt is None:
            return None
        async with self._engine.door(walk) as entered:
            answered = await self._relaying.first_whole(walk, prompt, reader) if entered else None
        if answered is None:
            return None
        await self._engine.keep(walk, answered.answer, answered.completion)
        return answered.answer
