"""The life of a request, top to bottom.

`Engine.answer` is the walk: route, cache, models in order, rules. What it decides with lives beside
it as pure functions and state machines (routing, health, retry, timebudget, trail); what it talks
to is behind the ports. `gateway.core.stream` walks the same way for streamed answers.
"""

import asyncio
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar, cast

from gateway.core.abilities import checks_answers, pins
from gateway.core.asking import Asking, parsed
from gateway.core.cache import CacheKeys, may_read, may_store, ttl_s
from gateway.core.door import Door
from gateway.core.errors import DeadlineExceeded, NoAnswer, OutputInvalid, QuotaExhausted
from gateway.core.flights import Flights
from gateway.core.limiting import counted, enter
from gateway.core.mirror import Mirrors
from gateway.core.model import Answer, AnswerBy, Call, Caller, Completion, Prompt, Source
from gateway.core.permits import permit_route
from gateway.core.ports import CacheEntry, Task
from gateway.core.remembering import Remembering
from gateway.core.retry import RetryPolicy
from gateway.core.rooms import Rooms
from gateway.core.routing import choose_route, order
from gateway.core.shared_flights import patience_s
from gateway.core.starting import loaded
from gateway.core.tooling import Tooling
from gateway.core.variants import varied
from gateway.core.waiting import within
from gateway.core.walk import Walk

Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A")


class Engine:
    """Answers calls. One per process; whatever belongs to one call lives in its `Walk`."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.tooling = Tooling(rooms)
        self.asking = Asking(rooms, self.tooling)
        self.mirrors = Mirrors(rooms)
        self.remembering = Remembering(rooms)
        self._flights = Flights(rooms)
        self._keys = CacheKeys()
        self._provider_ready = False
        self._loaded: set[Call] = set()

    async def answer(self, task: Task[Q, D, A], request: Q, caller: Caller) -> Answer[A]:
        """Answer one call: by an equal call's answer, by a model, or by the rules.

        Raises CallerError where the call cannot be answered as it was sent, and Unanswered where
        nothing may or can answer it in time; no failure of a provider gets out of here.
        """
        walk = self.begin(task, request, caller)
        with self.told_of(walk):
            async with counted(self.rooms, walk):
                answer = await self._within_deadline(walk)
            await self.remembering.keep(walk, answer.value)
        self.rooms.observer.answered(task.call, caller, answer, walk.served(self.rooms.clock()))
        self.mirrors.copy(walk)
        return answer

    async def _within_deadline(self, walk: Walk[Q, D, A]) -> Answer[A]:
        try:
            return await within(walk.caller.deadline.at_s, self._answered(walk))
        except TimeoutError as error:
            raise DeadlineExceeded("the caller's deadline passed before any answer") from error

    async def _answered(self, walk: Walk[Q, D, A]) -> Answer[A]:
        """The cache's answer, a model's, or the rules'."""
        await enter(self.rooms, walk)
        await self.prepare(walk)
        answer = await self.from_cache(walk)
        if answer is None:
            answer = await self._from_models(walk)
        if answer is None:
            answer = await self.by_rules(walk)
        return answer

    def told_of(self, walk: Walk[Any, Any, Any]) -> "ToldOf":
        """Tell who wants to hear of it when the call ends without an answer."""
        return ToldOf(self.rooms, walk)

    # ---- 1. the route: which deployments may answer, in which order

    def begin(self, task: Task[Q, D, A], request: Q, caller: Caller) -> Walk[Q, D, A]:
        """Fix what holds for the whole call: one plan, one route, one order of deployments."""
        rooms, plan = self.rooms, self.rooms.plan()
        taken = choose_route(plan, task.call, caller)
        if taken is None:
            raise NoAnswer(f"no route takes this {task.call.value} call; add one to the file")
        route, variant = varied(taken, caller)
        if pins(task):
            task = cast("Task[Q, D, A]", task.pinned(plan))  # a copy of itself
        permit_route(caller.scopes, route.name, task.knowledge_base(request, route))
        by_model = caller.answer_by is not AnswerBy.RULES_ONLY
        return Walk(
            task=task,
            request=request,
            caller=caller,
            plan=plan,
            route=route,
            variant=variant,
            candidates=order(route, plan, rooms.rng) if by_model else (),
            retry=RetryPolicy(route.retry, rooms.rng),
            began_s=rooms.clock(),
            models_wanted=by_model,
        )

    async def prepare(self, walk: Walk[Q, D, A]) -> None:
        """What comes before any answer: the task's own things, the conversation, the cache key."""
        task, route = walk.task, walk.route
        if task.call not in self._loaded:
            await loaded(task.ready(), walk.caller.deadline.remaining_s(self.rooms.clock()))
            self._loaded.add(task.call)
        await self.remembering.recall(walk)
        if task.drafts_first and not task.heavy:
            await self.draft(walk)
        if walk.models_wanted and route.cache.enabled:
            text = task.cache_text(walk.request, walk.draft, route)
            if text is not None:
                walk.key = self._keys.key(task, walk.caller, route, walk.plan, text)

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
                value = await self._reread(walk, entry.completion)
            except OutputInvalid:
                return None  # kept by another version: a miss
        deployment = walk.plan.deployments.get(entry.deployment)
        label = deployment.model_version if deployment else ""
        return walk.answer(
            value,
            Source.CACHE,
            model_version=label,
            deployment=entry.deployment,
            model=entry.completion.model,
            finish=entry.completion.finish,
            cache_age_s=max(0.0, self.rooms.wall() - entry.stored_at_s),
        )

    async def _reread(self, walk: Walk[Q, D, A], completion: Completion) -> A:
        if walk.task.drafts_first:
            await self.draft(walk)
        return await parsed(self.rooms, walk, completion)

    async def keep(self, walk: Walk[Q, D, A], answer: Answer[A], completion: Completion) -> None:
        """Put a model's answer into the cache, where the rules of storing allow it."""
        options = walk.route.cache
        if walk.key is None or walk.tools.used or not may_store(answer, walk.caller.cache, options):
            return
        entry = CacheEntry(
            completion,
            answer.deployment,
            self.rooms.wall(),
            answer.value,
            tenant=walk.caller.tenant,
            route=walk.route.name,
        )
        await self.rooms.cache.put(walk.key, entry, ttl_s(options, self.rooms.rng.random()))

    # ---- 3. the models: of equal calls at the same time only one asks them

    async def _from_models(self, walk: Walk[Q, D, A]) -> Answer[A] | None:
        """A model's answer, this call's own or that of an equal call in flight; None: none."""
        if not walk.may_ask:
            return None
        if walk.key is None or not may_read(walk.caller.cache, walk.route.cache):
            return await self._by_models(walk)
        return await self._flights.share(walk.key, walk, lambda: self._first_of_all(walk))

    async def _first_of_all(self, walk: Walk[Q, D, A]) -> Answer[A] | None:
        """As `_by_models`, unless another gateway is asking just this: then its answer."""
        if walk.key is None or not walk.candidates or not walk.caller.cache.writes:
            return await self._by_models(walk)
        left_s = walk.models_time_s(self.rooms.clock())
        latency = self.rooms.health.of(walk.candidates[0][0]).latency
        return await self.rooms.flights.share(
            walk.key,
            (patience_s(latency, left_s), left_s),
            lambda: self.from_cache(walk),
            lambda: self._by_models(walk),
        )

    async def _by_models(self, walk: Walk[Q, D, A]) -> Answer[A] | None:
        """The first usable answer of the route's deployments; None when there is none."""
        prompt = await self.prompt(walk)
        if prompt is None:
            return None
        async with self.door(walk) as entered:
            answered = await self.asking.first_usable(walk, prompt) if entered else None
        if answered is None:
            return None
        await self.keep(walk, answered.answer, answered.completion)
        return answered.answer

    async def prompt(self, walk: Walk[Q, D, A]) -> Prompt | None:
        """What to ask; None, and no model wanted, when the rules' answer is the best there is."""
        if walk.task.drafts_first:
            await self.draft(walk)
            walk.look_up_s = self.tooling.look_up_s(walk)
        prompt = walk.task.prompt(walk.request, walk.draft, walk.route)
        walk.models_wanted = prompt is not None
        if prompt is not None:
            mask = walk.route.privacy.mask
            walk.prompt = replace(prompt, origin=self.tooling.origin(walk), mask=mask)
        return walk.prompt

    def door(self, walk: Walk[Any, Any, Any]) -> Door:
        """A place among the calls that are with models; False: the rules shall answer.

        Raises Shed where the route rejects what it has no room for.
        """
        return Door(self.rooms, walk, self._models_ready)

    async def _models_ready(self, walk: Walk[Any, Any, Any]) -> bool:
        """Whether models can be spoken to at all; right after a start that takes a moment."""
        if not self._provider_ready:
            try:
                async with asyncio.timeout(walk.models_time_s(self.rooms.clock())):
                    await self.rooms.provider.ready()
            except TimeoutError:
                walk.not_ready = True
                return False
            self._provider_ready = True
        return True

    # ---- 4. the rules: always an answer

    async def by_rules(self, walk: Walk[Q, D, A]) -> Answer[A]:
        """The rules' answer. Raises NoAnswer or QuotaExhausted where it is forbidden."""
        if not walk.rules_allowed:
            used_up = walk.allowance.used_up
            if used_up and not walk.allowance.asked:
                raise QuotaExhausted(used_up.rule.name, used_up.retry_after_s)
            reason = walk.why_rules()
            raise NoAnswer(
                f"no model answered ({reason.value if reason else 'none was needed'}), "
                "and this call may not be answered by rules",
                walk.trail.attempts,
            )
        draft, task = await self.draft(walk), walk.task
        if walk.refusals and checks_answers(task):
            walk.draft = task.refused(draft)
        await self.tooling.for_rules(walk)
        value = task.rules(walk.request, await self.draft(walk))
        return walk.answer(value, Source.RULES, degrade_reason=walk.why_rules())

    async def draft(self, walk: Walk[Q, D, A]) -> D:
        """The rules' work on the request, made once; heavy work happens off the loop."""
        if walk.draft is None:
            task = walk.task
            if task.heavy:
                walk.draft = await self.rooms.runner.run(task.draft, walk.request, walk.route)
            else:
                walk.draft = task.draft(walk.request, walk.route)
        return walk.draft


class ToldOf:
    """Around a call: tells who wants to hear of it when it ends without an answer."""

    __slots__ = ("_rooms", "_walk")

    def __init__(self, rooms: Rooms, walk: Walk[Any, Any, Any]) -> None:
        self._rooms = rooms
        self._walk = walk

    def __enter__(self) -> None:
        """Nothing to tell yet."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        walk = self._walk
        if error is None or walk.answered:  # the reader of a stream left with the whole answer
            return
        served = walk.served(self._rooms.clock())
        self._rooms.failures.failed(walk.call, walk.caller, error, served)
