"""Copies of calls for a candidate: asked on the side, counted and logged, never used.

A copy begins after the caller's answer is there, so it costs the caller nothing. It uses neither
the candidate's places nor its breaker: whatever comes of it, no caller is touched.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.asking import parsed
from gateway.core.errors import OutputInvalid, ProviderError
from gateway.core.model import NO_USAGE, Completion, Outcome, Prompt, Usage
from gateway.core.options import Deployment, MirrorOptions
from gateway.core.rooms import Rooms
from gateway.core.walk import Walk

log = logging.getLogger("gateway.mirrors")


@dataclass(slots=True)
class MirrorCount:
    """What became of the copies of one route for one candidate."""

    route: str
    deployment: str
    sent: int = 0
    good: int = 0
    dropped: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    cost_usd_micros: int = 0
    latency_s: float = 0.0


class Mirrors:
    """Sends copies; `close` at the drain ends those under way."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._under_way: dict[tuple[str, str], set[asyncio.Task[None]]] = {}
        self._counts: dict[tuple[str, str], MirrorCount] = {}
        self._closed = False

    def __repr__(self) -> str:
        return f"Mirrors(under_way={sum(map(len, self._under_way.values()))})"

    @property
    def counts(self) -> Mapping[tuple[str, str], MirrorCount]:
        """By route and candidate, since the start."""
        return self._counts

    def copy(self, walk: Walk[Any, Any, Any]) -> None:
        """Copy an answered call, by the odds of its route; returns at once."""
        mirror = walk.route.mirror
        if mirror is None or walk.prompt is None or self._closed:
            return
        if self._rooms.rng.random() * 100 >= mirror.percent:
            return
        key = (walk.route.name, mirror.deployment)
        count = self._counts.setdefault(key, MirrorCount(*key))
        candidate = self._candidate(walk, mirror)
        under_way = self._under_way.setdefault(key, set())
        if candidate is None or len(under_way) >= mirror.at_once:
            count.dropped += 1
            return
        count.sent += 1
        task = asyncio.create_task(self._ask(walk, candidate, walk.prompt, count))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    async def close(self) -> None:
        """Send no more, and end what is under way."""
        self._closed = True
        tasks = [task for tasks in self._under_way.values() for task in tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _candidate(self, walk: Walk[Any, Any, Any], mirror: MirrorOptions) -> Deployment | None:
        """The candidate if it is on, and not known to be out by what callers met."""
        candidate = walk.plan.deployments.get(mirror.deployment)
        if candidate is None:
            return None
        refused = self._rooms.health.of(candidate).refusal(self._rooms.clock())
        return None if refused else candidate

    async def _ask(
        self,
        walk: Walk[Any, Any, Any],
        candidate: Deployment,
        prompt: Prompt,
        count: MirrorCount,
    ) -> None:
        began_s = self._rooms.clock()
        outcome, usage = Outcome.ABANDONED, NO_USAGE
        try:
            outcome, usage = await self._outcome(walk, candidate, prompt)
        except Exception:
            outcome = Outcome.SERVER_ERROR
            log.exception("a copy for deployment %r failed unexpectedly", candidate.name)
        finally:
            latency_s = self._rooms.clock() - began_s
            count.latency_s += latency_s
            count.cost_usd_micros += usage.cost_usd_micros
            if outcome is Outcome.OK:
                count.good += 1
            else:
                count.failed[outcome.value] += 1
            _tell(walk, candidate, (outcome, usage, latency_s))

    async def _outcome(
        self, walk: Walk[Any, Any, Any], candidate: Deployment, prompt: Prompt
    ) -> tuple[Outcome, Usage]:
        """How the candidate would have done: with its own time, and by the task's own check."""
        total_s = candidate.timeouts.total_s
        try:
            async with asyncio.timeout(total_s):
                completion = await self._rooms.provider.complete(candidate, prompt, total_s)
                return await self._judged(walk, completion), completion.usage
        except TimeoutError:
            return Outcome.TIMEOUT, NO_USAGE
        except ProviderError as error:
            return error.outcome, error.usage

    async def _judged(self, walk: Walk[Any, Any, Any], completion: Completion) -> Outcome:
        if completion.tool_calls:  # tools are not run for a copy
            return Outcome.OK
        try:
            await parsed(self._rooms, walk, completion)
        except OutputInvalid:
            return Outcome.OUTPUT_INVALID
        return Outcome.OK


def _tell(
    walk: Walk[Any, Any, Any], candidate: Deployment, ended: tuple[Outcome, Usage, float]
) -> None:
    outcome, usage, latency_s = ended
    event = {
        "request_id": walk.caller.request_id,
        "tenant": walk.caller.tenant,
        "call": walk.call.value,
        "route": walk.route.name,
        "deployment": candidate.name,
        "outcome": outcome.value,
        "latency_ms": round(latency_s * 1000, 1),
        "output_tokens": usage.output_tokens,
        "cost_usd_micros": usage.cost_usd_micros,
    }
    log.info("a copy was answered", extra={"event": event})
