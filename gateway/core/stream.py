"""The life of a streamed request: the same walk as `gateway.core.engine`, told in events.

Nothing is spliced: before the first text is sent a failing deployment is replaced silently, after
it a `Restarted` event tells the reader to throw away what it has, and the next one begins anew.
`Completed` carries the whole answer and is the only good end.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from gateway.core.asking import Candidate, again, go_on_after, model_answer, refused, usable
from gateway.core.engine import Engine
from gateway.core.errors import (
    DeadlineExceeded,
    PromptTooLong,
    ProviderError,
    UnsafeAnswer,
)
from gateway.core.flow import Flow
from gateway.core.limiting import counted, enter, in_order
from gateway.core.model import (
    Answer,
    Caller,
    Chunk,
    Outcome,
    Prompt,
)
from gateway.core.ports import ChecksAnswers, Task
from gateway.core.reply import Reply, Turn
from gateway.core.toolloop import Talk
from gateway.core.trying import Trying
from gateway.core.walk import Walk


class HasText(Protocol):
    """A value that can be streamed: its text is what the events spell."""

    @property
    def text(self) -> str:
        """The whole text."""
        ...


Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A", bound=HasText)


@dataclass(frozen=True, slots=True)
class Started:
    """The stream has begun; `deployment` will be tried first, empty for rules and cache.

    `conversation_id`: of the conversation that the gateway keeps, empty for none.
    """

    deployment: str
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """More text."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A tool is at work; `state` is started, done or failed."""

    tool: str
    state: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """Throw away the text so far; `deployment` begins anew, empty when the rules do."""

    failed_deployment: str
    outcome: Outcome
    deployment: str


@dataclass(frozen=True, slots=True)
class Completed(Generic[A]):
    """The whole answer, authoritative."""

    answer: Answer[A]


TAKEN_BACK = None
"""Stands among the texts of an upstream stream where it takes back all before it."""

Event = Started | Delta | ToolProgress | Restarted | Completed[Any]


@dataclass(slots=True)
class _Shown:
    """What the reader has: whether any text, and whose failure made it worthless."""

    text: bool = False
    failed: tuple[str, Outcome] | None = None

    def fail(self, deployment: str, outcome: Outcome) -> None:
        """A deployment failed. Only the one whose text the reader has is ever told of."""
        if self.text and self.failed is None:
            self.failed = (deployment, outcome)

    def restart(self, deployment: str) -> Restarted | None:
        """The event that must precede new text, if any."""
        if self.failed is None:
            return None
        event = Restarted(*self.failed, deployment)
        self.text, self.failed = False, None
        return event


class StreamEngine:
    """Answers calls as streams of events; shares route, cache, policies and rules with `Engine`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rooms = engine.rooms

    async def events(
        self, task: Task[Q, D, A], request: Q, caller: Caller
    ) -> AsyncGenerator[Event, None]:
        """The events of one call; ends after `Completed` or with an error, as `Engine.answer`.

        Close it (`aclosing`) to cancel: the upstream connection goes at once.
        """
        walk = self._engine.begin(task, request, caller)
        with self._engine.told_of(walk):
            async with counted(self._rooms, walk), aclosing(self._walk(walk)) as events:
                while True:
                    event = await self._next(events, caller)
                    if event is None:
                        return
                    if isinstance(event, Completed):
                        walk.answered = True
                        await self._engine.remembering.keep(walk, event.answer.value)
                        served = walk.served(self._rooms.clock())
                        self._rooms.observer.answered(task.call, caller, event.answer, served)
                        self._engine.mirrors.copy(walk)
                    yield event

    async def _next(self, events: AsyncGenerator[Event, None], caller: Caller) -> Event | None:
        """The next event within the caller's deadline; None at the end."""
        try:
            async with asyncio.timeout_at(caller.deadline.at_s):
                return await anext(events, None)
        except TimeoutError as error:
            raise DeadlineExceeded("the caller's deadline passed before the end") from error

    async def _walk(self, walk: Walk[Q, D, A]) -> AsyncGenerator[Event, None]:
        """Cache, models in order, rules: the first that gives the whole answer ends the stream."""
        await enter(self._rooms, walk)
        await self._engine.prepare(walk)
        kept = await self._engine.from_cache(walk)
        first = "" if kept or not walk.may_ask else walk.candidates[0][0].name
        yield Started(first, walk.conversation_id)
        if kept is not None:
            yield Delta(kept.value.text)
            yield Completed(kept)
            return
        shown = _Shown()
        async with aclosing(self._from_models(walk, shown)) as events:
            async for event in events:
                yield event
                if isinstance(event, Completed):
                    return
        answer = await self._engine.by_rules(walk)
        if restart := shown.restart(""):
            yield restart
        yield Delta(answer.value.text)
        yield Completed(answer)

    async def _from_models(self, walk: Walk[Q, D, A], shown: _Shown) -> AsyncGenerator[Event, None]:
        """Relay the deployments in order; the last event is `Completed` if one gave it all."""
        if not walk.may_ask:
            return
        prompt = await self._engine.prompt(walk)
        if prompt is None:
            return
        async with self._engine.door(walk) as entered:
            for candidate in in_order(self._rooms, walk) if entered else ():
                if not walk.fits(candidate[0]):
                    continue
                async with aclosing(self._ask(walk, candidate, prompt, shown)) as events:
                    async for event in events:
                        yield event
                        if isinstance(event, Completed):
                            return
        if walk.only_too_long():
            raise PromptTooLong(walk.trail.attempts)

    async def _ask(
        self, walk: Walk[Q, D, A], candidate: Candidate, prompt: Prompt, shown: _Shown
    ) -> AsyncGenerator[Event, None]:
        """Relay one deployment, again where that is worth it.

        The loop is written out, for tenacity's cannot hold the yields of a stream; the decision
        is the same `RetryPolicy`.
        """
        deployment = candidate[0]
        turn = Turn(candidate, Talk(prompt))
        while True:
            try:
                async with aclosing(self._try(walk, turn, shown)) as events:
                    async for event in events:
                        yield event
            except ProviderError as error:
                go_on_after(walk, deployment, error)
                shown.fail(deployment.name, error.outcome)
                failed = self._engine.asking.failed(walk, deployment, error)
                turn = Turn(candidate, again(turn.talk, prompt, error))
            else:
                if turn.wish is None:
                    return
                async with aclosing(self._tools(walk, turn, shown)) as events:
                    async for event in events:
                        yield event
                if walk.tools.use.pending is not None:
                    return
                continue
            delay_s = walk.retry.delay_s(failed)
            if delay_s is None:
                return
            await asyncio.sleep(delay_s)

    async def _tools(
        self, walk: Walk[Q, D, A], turn: Turn, shown: _Shown
    ) -> AsyncGenerator[Event, None]:
        """Run what the turn asked for; an action that waits for a yes is the whole answer."""
        completion, deployment = turn.wish, turn.candidate[0]
        if completion is None:
            return
        async with aclosing(self._engine.tooling.turn(walk, turn.talk, completion)) as steps:
            async for tool, state in steps:
                yield ToolProgress(tool, state)
        if walk.tools.use.pending is None:
            turn.talk = self._engine.tooling.after(walk, turn.talk, completion)
            turn.wish = None
            return
        answered = await self._engine.asking.answered(walk, turn.candidate, completion)
        if shown.text:  # what the model said may promise what only the customer's yes can do
            yield Restarted(deployment.name, Outcome.ABANDONED, "")
        yield Delta(answered.answer.value.text)
        yield Completed(answered.answer)

    async def _try(
        self, walk: Walk[Q, D, A], turn: Turn, shown: _Shown
    ) -> AsyncGenerator[Event, None]:
        """Relay one try: text as it comes, and `Completed` when it is whole and usable."""
        deployment = turn.candidate[0]
        prompt = turn.talk.prompt
        trying = await Trying.begin(self._rooms, walk, deployment, prompt, stream=True)
        if trying is None:
            return
        reply, lead = Reply([]), turn.talk.between
        async with trying:
            texts = self._shown(walk, trying, prompt, reply)
            async with aclosing(texts):
                async for text in texts:
                    if text is TAKEN_BACK:
                        if shown.text and shown.failed is None:
                            yield Restarted(deployment.name, Outcome.ABANDONED, deployment.name)
                        shown.text, lead = False, turn.talk.lead
                        continue
                    if restart := shown.restart(deployment.name):
                        yield restart
                    shown.text = True
                    yield Delta(lead + text)
                    lead = ""
            completion = reply.completion()
            trying.replied(completion)
            if turn.talk.wishes(completion):
                turn.wish = completion
            else:
                completion = turn.talk.whole(completion)
                value = await usable(self._rooms, walk, completion)
        walk.trail.spend(completion.usage)
        if turn.wish is not None:
            return
        answer = model_answer(walk, turn.candidate, value, completion)
        await self._engine.keep(walk, answer, completion)
        yield Completed(answer)

    async def _shown(
        self, walk: Walk[Q, D, A], trying: Trying, prompt: Prompt, reply: Reply
    ) -> AsyncGenerator[str | None, None]:
        """The texts that may be shown, as early as that is known; or TAKEN_BACK."""
        task = walk.task
        checks = task if isinstance(task, ChecksAnswers) else None
        gate = checks.gate(walk.request, walk.draft) if checks else None
        try:
            async with aclosing(self._chunks(trying, prompt, reply)) as chunks:
                async for text in chunks:
                    trying.hear()
                    if text is TAKEN_BACK:
                        gate = checks.gate(walk.request, walk.draft) if checks else None
                        yield TAKEN_BACK
                    elif passed := gate.take(text) if gate else text:
                        yield passed
            if gate and reply.finish is not None and (passed := gate.rest()):
                yield passed
        except UnsafeAnswer as error:
            raise refused(walk, error, reply.so_far()) from error

    async def _chunks(
        self, trying: Trying, prompt: Prompt, reply: Reply
    ) -> AsyncGenerator[str | None, None]:
        """The texts of one upstream stream, coalesced, within its three clocks."""

        def texts(chunk: Chunk) -> str:
            reply.take(chunk)
            return chunk.text

        given_s = trying.given_s
        async with self._rooms.provider.stream(trying.deployment, prompt, given_s) as chunks:
            flow = Flow(chunks, texts, trying.clocks, given_s)
            async with aclosing(flow.flushes()) as flushes:
                async for text in flushes:
                    if flow.restarted:
                        flow.restarted = False
                        yield TAKEN_BACK
                    yield text
