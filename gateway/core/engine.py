"""The life of a request, top to bottom.

`Engine.answer` is the walk: route, cache, models in order, rules. Everything it decides with lives
beside it as pure functions and state machines (routing, breaker, retry, timebudget, trail); all it
talks to is behind the ports. `gateway.core.stream` walks the same way for streamed answers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, ParamSpec, TypeVar

from gateway.core.cache import Flights, cache_key, may_read, may_store, ttl_s
from gateway.core.errors import (
    ContentFiltered,
    ContentRefused,
    ContextTooLong,
    DeadlineExceeded,
    NoAnswer,
    OutputInvalid,
    PromptTooLong,
    ProviderError,
    ProviderTimeout,
    Shed,
)
from gateway.core.health import HealthBoard, Refusal
from gateway.core.model import (
    NO_USAGE,
    Answer,
    AnswerBy,
    Call,
    Caller,
    Completion,
    Message,
    Outcome,
    Prompt,
    Role,
    Source,
)
from gateway.core.options import Deployment, OnOverload, Plan
from gateway.core.ports import (
    CacheEntry,
    CacheStore,
    Clock,
    Observer,
    Provider,
    RulesRunner,
    Task,
)
from gateway.core.retry import RetryPolicy, RetryTokens, retrying
from gateway.core.routing import choose_route, order
from gateway.core.slots import Slots
from gateway.core.timebudget import attempt_time
from gateway.core.trail import why_degraded
from gateway.core.walk import Trying, Walk, timed_out

P = ParamSpec("P")
T = TypeVar("T")
Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """What the engine works with; put together in gateway.wiring, by hand in tests.

    `plan` returns the configuration in force; `clock` is the event loop's, `wall` the calendar's
    (for ages that outlive the process); `doors` bound the model calls in flight for each call.
    """

    plan: Callable[[], Plan]
    provider: Provider
    health: HealthBoard
    cache: CacheStore
    runner: RulesRunner
    observer: Observer
    clock: Clock
    wall: Clock
    rng: Random
    doors: Mapping[Call, Slots]
    retry_tokens: RetryTokens = field(default_factory=RetryTokens)


class Engine:
    """Answers calls. One per process; keeps no state of a call beyond its walk."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self._flights = Flights[Answer[Any]]()

    async def answer(self, task: Task[Q, D, A], request: Q, caller: Caller) -> Answer[A]:
        """Answer one call: by an equal call's answer, by a model, or by the rules.

        Raises CallerError where the call cannot be answered as sent, and Unanswered where nothing
        may or can answer it in time; no failure of a provider gets out of here.
        """
        walk = self.begin(task, request, caller)
        try:
            async with asyncio.timeout_at(caller.deadline.at_s):
                answer = await self.from_cache(walk)
                if answer is None:
                    answer = await self._from_models(walk)
                if answer is None:
                    answer = await self.by_rules(walk)
        except TimeoutError as error:
            raise DeadlineExceeded("the caller's deadline passed before any answer") from error
        self.rooms.observer.answered(task.call, caller, answer)
        return answer

    # ---- 1. the route: which deployments may answer, and in which order

    def begin(self, task: Task[Q, D, A], request: Q, caller: Caller) -> Walk[Q, D, A]:
        """Fix what holds for the whole call: one plan, one route, one order of deployments."""
        rooms, plan = self.rooms, self.rooms.plan()
        route = choose_route(plan, task.call, caller)
        by_model = caller.answer_by is not AnswerBy.RULES_ONLY
        walk = Walk(
            task=task,
            request=request,
            caller=caller,
            plan=plan,
            route=route,
            candidates=order(route, plan, rooms.rng) if by_model else (),
            retry=RetryPolicy(route.retry, rooms.retry_tokens),
            began_s=rooms.clock(),
            models_wanted=by_model,
        )
        if by_model and (text := task.cache_text(request, route)) is not None:
            walk.key = cache_key(task.call, caller, route, task.version, text)
        return walk

    # ---- 2. the cache: an equal call's answer

    async def from_cache(self, walk: Walk[Q, D, A]) -> Answer[A] | None:
        """The answer of an equal call, if one is kept and still reads well."""
        if walk.key is None or not may_read(walk.caller.cache, walk.route.cache):
            return None
        entry = await self.rooms.cache.get(walk.key)
        if entry is None:
            return None
        value = entry.value
        if value is None:
            try:
                value = await self._parse(walk, entry.completion)
            except OutputInvalid:
                return None  # kept by an older version: a miss
        return replace(
            self._answer(walk, value, Source.CACHE),
            deployment=entry.deployment,
            model=entry.completion.model,
            finish=entry.completion.finish,
            cache_age_s=max(0.0, self.rooms.wall() - entry.stored_at_s),
        )

    async def keep(self, walk: Walk[Q, D, A], answer: Answer[A], completion: Completion) -> None:
        """Put a model's answer into the cache, where the rules of storing allow it."""
        options = walk.route.cache
        if walk.key is None or not may_store(answer, walk.caller.cache, options):
            return
        entry = CacheEntry(completion, answer.deployment, self.rooms.wall(), answer.value)
        await self.rooms.cache.put(walk.key, entry, ttl_s(options, self.rooms.rng.random()))

    async def _from_models(self, walk: Walk[Q, D, A]) -> Answer[A] | None:
        """A model's answer; of equal calls at the same time only one asks."""
        if walk.key is None or not may_read(walk.caller.cache, walk.route.cache):
            return await self._by_models(walk)
        answer, shared = await self._flights.share(walk.key, lambda: self._by_models(walk))
        if answer is None or not shared:
            return answer
        return replace(
            answer,
            source=Source.CACHE,
            usage=NO_USAGE,
            attempts=tuple(walk.trail.attempts),
            cache_age_s=0.0,
            model_latency_s=0.0,
        )

    # ---- 3. the models: tier after tier, each within what time is left

    async def _by_models(self, walk: Walk[Q, D, A]) -> Answer[A] | None:
        """The first usable answer of the route's deployments; None when none gives one."""
        if not walk.candidates:
            return None
        prompt = await self.prompt(walk)
        if prompt is None:
            return None
        async with self.door(walk) as entered:
            if not entered:
                return None
            for deployment, tier in walk.candidates:
                if not walk.fits(deployment):
                    continue
                answer = await self._ask(walk, deployment, tier, prompt)
                if answer is not None:
                    return answer
        return None

    async def prompt(self, walk: Walk[Q, D, A]) -> Prompt | None:
        """What to ask; None, and no model wanted, when the rules' answer is the best there is."""
        if walk.task.drafts_first:
            await self._draft(walk)
        prompt = walk.task.prompt(walk.request, walk.draft, walk.route)
        walk.models_wanted = prompt is not None
        return prompt

    async def _ask(
        self, walk: Walk[Q, D, A], deployment: Deployment, tier: int, prompt: Prompt
    ) -> Answer[A] | None:
        """Ask one deployment, again where that is worth it; None to go on to the next."""
        asked = prompt
        try:
            async for attempt in retrying(walk.retry, deployment, self.time_left(walk)):
                with attempt:
                    try:
                        return await self._try(walk, deployment, tier, asked)
                    except UselessReply as useless:
                        asked = again(prompt, useless.completion, useless)
                        raise
        except ProviderError as error:
            walk.failed(deployment, error)
        return None

    async def _try(
        self, walk: Walk[Q, D, A], deployment: Deployment, tier: int, prompt: Prompt
    ) -> Answer[A]:
        """One try: admitted, timed, parsed and settled."""
        async with await self.admitted(walk, deployment):
            completion = await self._complete(walk, deployment, prompt)
            walk.trail.spend(completion.usage)
            try:
                value = await self._parse(walk, completion)
            except OutputInvalid as error:
                raise UselessReply(completion, str(error)) from error
        answer = self.model_answer(walk, value, completion, deployment, tier)
        await self.keep(walk, answer, completion)
        return answer

    async def _complete(
        self, walk: Walk[Q, D, A], deployment: Deployment, prompt: Prompt
    ) -> Completion:
        """The model's whole reply, within the deployment's clock and the caller's."""
        limit = attempt_time(
            self.rooms.clock(), walk.caller.deadline, walk.reserve_s(), deployment.timeouts.total_s
        )
        try:
            async with asyncio.timeout(limit.time_s):
                return await self.rooms.provider.complete(deployment, prompt, limit.time_s)
        except (TimeoutError, ProviderTimeout) as error:
            raise timed_out(
                by_caller=limit.by_caller, deployment=deployment.name, after_s=limit.time_s
            ) from error
