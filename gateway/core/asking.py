"""The models' part of the walk: deployments in order, retries within the budget, one hedge.

Used by the engine for whole answers; gateway.core.relaying relays streams by the same order.
"""

import asyncio
import logging
from dataclasses import replace
from typing import Any, Generic, TypeVar

from gateway.core.errors import (
    AnswerUnread,
    ContentFiltered,
    ContentRefused,
    ContextTooLong,
    OutputInvalid,
    PromptTooLong,
    ProviderError,
    RefusedReply,
    Shed,
    ToolLoop,
    UnsafeAnswer,
    UselessReply,
)
from gateway.core.hedge import HedgeBudget, hedge_after_s
from gateway.core.limiting import in_order
from gateway.core.model import Answer, Completion, Message, Prompt, Role, Source, Usage
from gateway.core.options import Deployment
from gateway.core.retry import FailedTry, try_here
from gateway.core.rooms import Rooms
from gateway.core.tooling import Tooling
from gateway.core.toolloop import Talk
from gateway.core.trying import Trying, others_left
from gateway.core.walk import Walk

Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A")

Candidate = tuple[Deployment, int]

log = logging.getLogger(__name__)


class Answered(Generic[A]):
    """A model's answer beside the completion it was read from, for the cache."""

    __slots__ = ("answer", "completion")

    def __init__(self, answer: Answer[A], completion: Completion) -> None:
        self.answer = answer
        self.completion = completion


class Asking:
    """Asks the deployments of a walk, one after the other, until one gives a usable answer."""

    def __init__(self, rooms: Rooms, tooling: Tooling) -> None:
        self._rooms = rooms
        self._tooling = tooling
        self._hedges: dict[str, HedgeBudget] = {}

    async def first_usable(self, walk: Walk[Q, D, A], prompt: Prompt) -> Answered[A] | None:
        """The first usable answer, or None. Raises ContentRefused and PromptTooLong."""
        waiting = list(in_order(self._rooms, walk))
        while waiting:
            candidate = waiting.pop(0)
            if not walk.fits(candidate[0]):
                continue
            second = self._hedge_with(walk, prompt, waiting)
            if second is None:
                answered = await self._ask(walk, candidate, prompt)
            else:
                answered = await self._race(walk, candidate, second, prompt)
            if answered is not None:
                return answered
            waiting = [c for c in waiting if not _was_tried(walk, c[0])]
        if walk.only_too_long():
            raise PromptTooLong(walk.trail.attempts)
        return None

    async def _ask(
        self, walk: Walk[Q, D, A], candidate: Candidate, prompt: Prompt
    ) -> Answered[A] | None:
        """Ask one deployment, and again with what its tools brought; None to go on to the next."""
        talk = Talk(prompt)
        while True:
            turn = await self._turn(walk, candidate, talk)
            if not isinstance(turn, Completion):
                return turn
            async for _ in self._tooling.turn(walk, talk, turn):
                pass
            if walk.tools.use.pending is not None:
                return await self.answered(walk, candidate, turn)
            talk = self._tooling.after(walk, talk, turn)

    async def _turn(
        self, walk: Walk[Q, D, A], candidate: Candidate, talk: Talk
    ) -> Answered[A] | Completion | None:
        """One turn, tried again where that is worth it; a Completion is a wish for tools."""
        failures: list[ProviderError] = []
        try:
            return await self._try(walk, candidate, talk)
        except ProviderError as error:
            failures.append(error)
        return await self._again(walk, candidate, talk, failures)

    async def _again(
        self,
        walk: Walk[Q, D, A],
        candidate: Candidate,
        talk: Talk,
        failures: list[ProviderError],
    ) -> Answered[A] | Completion | None:
        """What follows a first try that failed. Most succeed, so most calls wait without this."""
        deployment, _ = candidate
        asked = talk

        async def one_try() -> Answered[A] | Completion | None:
            nonlocal asked
            try:
                if failures:
                    raise failures.pop()
                return await self._try(walk, candidate, asked)
            except UselessReply as error:
                asked = replace(talk, prompt=asked_again(talk.prompt, error))
                raise

        try:
            return await try_here(
                one_try, walk.retry, lambda error: self.failed(walk, deployment, error)
            )
        except ProviderError as error:
            go_on_after(walk, deployment, error)
            return None

    async def _try(
        self, walk: Walk[Q, D, A], candidate: Candidate, talk: Talk
    ) -> Answered[A] | Completion | None:
        """One try: given leave, timed, parsed and settled; None when there was no leave."""
        deployment = candidate[0]
        trying = await Trying.begin(self._rooms, walk, deployment, talk.prompt)
        if trying is None:
            return None
        async with trying, asyncio.timeout(trying.given_s):
            completion = await self._rooms.provider.complete(
                deployment, talk.prompt, trying.given_s
            )
            trying.replied(completion)
            wishes = talk.wishes(completion)
            if not wishes:
                completion = talk.whole(completion)
                value = await usable(self._rooms, walk, completion)
        walk.trail.spend(completion.usage)
        if wishes:
            return completion
        return Answered(model_answer(walk, candidate, value, completion), completion)

    async def answered(
        self, walk: Walk[Q, D, A], candidate: Candidate, completion: Completion
    ) -> Answered[A]:
        """The answer of a turn whose tools ended the talk: an action waits for a yes."""
        value = await parsed(self._rooms, walk, completion)
        return Answered(model_answer(walk, candidate, value, completion), completion)

    def failed(
        self, walk: Walk[Any, Any, Any], deployment: Deployment, error: ProviderError
    ) -> FailedTry:
        """A failed try as the retry policy wants to know it."""
        now_s = self._rooms.clock()
        health = self._rooms.health.of(deployment)
        return FailedTry(
            error=error,
            deployment=deployment.name,
            now_s=now_s,
            remaining_s=walk.models_time_s(now_s),
            others_left=others_left(self._rooms, walk, deployment),
            ready_in_s=health.ready_in_s(now_s),
            budget=health.retries,
        )

    # ---- hedging: a second deployment beside a slow first one

    def _hedge_with(
        self, walk: Walk[Any, Any, Any], prompt: Prompt, waiting: list[Candidate]
    ) -> Candidate | None:
        """The deployment to hedge with; never for calls with tools, which may act twice."""
        options = walk.route.hedge
        if not options.enabled or prompt.tools:
            return None
        self._hedges.setdefault(walk.route.name, HedgeBudget()).called(options)
        return next((c for c in waiting if walk.fits(c[0])), None)

    async def _race(
        self, walk: Walk[Q, D, A], first: Candidate, second: Candidate, prompt: Prompt
    ) -> Answered[A] | None:
        """The first answer of two; the second starts when the first is unusually slow."""
        after_s = hedge_after_s(self._rooms.health.of(first[0]).latency, walk.route.hedge)
        if after_s is None:
            return await self._ask(walk, first, prompt)
        tasks = [asyncio.create_task(self._ask(walk, first, prompt))]
        try:
            await asyncio.wait(tasks, timeout=after_s)
            if not tasks[0].done() and self._hedges[walk.route.name].take():
                tasks.append(asyncio.create_task(self._ask(walk, second, prompt)))
            answered = await _first_answer(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if answered is None:
            return None
        told = replace(answered.answer, attempts=tuple(walk.trail.attempts))
        return Answered(told, answered.completion)


async def _first_answer(tasks: list[asyncio.Task[Answered[A] | None]]) -> Answered[A] | None:
    for task in asyncio.as_completed(tasks):
        answered = await task
        if answered is not None:
            return answered
    return None


async def parsed(rooms: Rooms, walk: Walk[Q, D, A], completion: Completion) -> A:
    """The value in a model's reply; heavy reading happens off the loop. Raises OutputInvalid."""
    task = walk.task
    if task.heavy:
        return await rooms.runner.run(task.parse, walk.request, walk.draft, completion)
    return task.parse(walk.request, walk.draft, completion)


async def usable(rooms: Rooms, walk: Walk[Q, D, A], completion: Completion) -> A:
    """As `parsed`, but of a model that can be told why its reply is of no use: UselessReply.

    A fault of our own, or a lack of room, is AnswerUnread: no fault of the deployment.
    """
    try:
        return await parsed(rooms, walk, completion)
    except UnsafeAnswer as error:
        raise refused(walk, error, completion) from error
    except OutputInvalid as error:
        raise UselessReply(str(error), completion) from error
    except ProviderError:
        raise
    except Exception as error:
        raise unread(error, completion.usage) from error


def unread(error: Exception, usage: Usage) -> AnswerUnread:
    """The error of a reply that our own code could not read or check, logged."""
    if isinstance(error, Shed):
        log.warning("no room to read a reply: %s", error)
    else:
        log.error("a reply could not be read or checked", exc_info=error)
    return AnswerUnread("our own reading or check of the reply failed; see the log", usage=usage)


def refused(walk: Walk[Any, Any, Any], error: UnsafeAnswer, completion: Completion) -> RefusedReply:
    """The error of a reply that may not be shown, counted."""
    walk.refusals += 1
    return RefusedReply(str(error), completion)


def model_answer(
    walk: Walk[Q, D, A], candidate: Candidate, value: A, completion: Completion
) -> Answer[A]:
    """A model's answer with its name, its trail and its cost."""
    deployment, tier = candidate
    return walk.answer(
        value,
        Source.MODEL,
        model_version=deployment.model_version,
        deployment=deployment.name,
        model=completion.model,
        finish=completion.finish,
        degrade_reason=walk.why_model(tier),
    )


def go_on_after(walk: Walk[Any, Any, Any], deployment: Deployment, error: ProviderError) -> None:
    """Whether the next deployment may be asked after this error. Raises ContentRefused if not."""
    if isinstance(error, ContentFiltered):
        raise ContentRefused(deployment.name, walk.trail.attempts) from error
    if isinstance(error, ContextTooLong):
        walk.found_too_long(deployment)
    walk.tools.looped = isinstance(error, ToolLoop)


def asked_again(prompt: Prompt, error: UselessReply) -> Prompt:
    """The prompt that tells a model why its reply was of no use."""
    return replace(
        prompt,
        messages=(
            *prompt.messages,
            Message(Role.ASSISTANT, error.completion.text or "(empty)"),
            Message(Role.USER, f"Your reply cannot be used: {error}. Reply again, correctly."),
        ),
    )


def again(talk: Talk, prompt: Prompt, error: ProviderError) -> Talk:
    """The talk of a stream's next try: of a useless reply the model is told why, else anew."""
    if not isinstance(error, UselessReply):
        return Talk(prompt)
    return Talk(asked_again(talk.prompt, error), talk.turn)


def _was_tried(walk: Walk[Any, Any, Any], deployment: Deployment) -> bool:
    return any(attempt.deployment == deployment.name for attempt in walk.trail.attempts)
