"""Single flight in this process: of equal calls at the same time, one asks and the others wait.

A call that waits is never worse off than alone. It waits within its own time and keeps its own
reserve for the rules, its cancellation is its own, and of another's bad luck it takes nothing: what
brings no answer, or one that tools had a part in, is not shared.

Of two equal calls the one whose time ends much earlier would have gone on to its next model long
before the other. So it waits only as long as it can still ask for itself, and then leads anew.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from gateway.core.model import Answer, Source
from gateway.core.rooms import Rooms
from gateway.core.timebudget import LEAST_USEFUL_S
from gateway.core.walk import Walk

A = TypeVar("A")

SIMILAR = 1.25
"""A call with at most this much of one's own time goes through the same tries at about the same
moments: waiting for it loses nothing. Far above what clocks of one client differ by."""


class _Flight:
    """One asking call. `landed`: its answer, None where there is none to share."""

    __slots__ = ("landed", "leader", "until_s")

    def __init__(self, leader: Walk[Any, Any, Any], until_s: float) -> None:
        self.leader = leader
        self.until_s = until_s
        self.landed: asyncio.Future[Answer[Any] | None] = asyncio.get_running_loop().create_future()


class Flights:
    """The asking calls by cache key; one per engine."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._flights: dict[bytes, _Flight] = {}

    def __repr__(self) -> str:
        return f"Flights(in_flight={len(self._flights)})"

    async def share(
        self, key: bytes, walk: Walk[Any, Any, A], ask: Callable[[], Awaitable[Answer[A] | None]]
    ) -> Answer[A] | None:
        """The answer of an equal call that is asking, else what `ask` brings.

        1. nobody is asking: this call leads
        2. the leader has an answer that may be shared: it is this call's, too, at no cost
        3. the leader has none: this call asks for itself
        4. the leader was cancelled: the first that waits leads
        5. the leader takes longer than this call can wait, and there is time to ask: it leads anew
        6. neither answer nor time: None, and the walk knows why
        """
        while (flight := self._flights.get(key)) is not None:
            wait_s = self._wait_s(walk, flight)
            if wait_s > 0:
                await asyncio.wait((flight.landed,), timeout=wait_s)
            _take_draft(walk, flight.leader)
            if flight.landed.cancelled():
                continue
            if flight.landed.done():
                answer = flight.landed.result()
                return await ask() if answer is None else _shared(walk, answer)
            if walk.models_time_s(self._rooms.clock()) < LEAST_USEFUL_S:
                walk.outwaited = True
                return None
            if self._flights.get(key) is flight:
                break
        return await self._lead(key, walk, ask)

    def _wait_s(self, walk: Walk[Any, Any, Any], flight: _Flight) -> float:
        """How long to wait: all the models' time behind a similar call, else while one can ask."""
        now_s = self._rooms.clock()
        left_s = walk.models_time_s(now_s)
        if flight.until_s - now_s <= SIMILAR * left_s:
            return left_s
        latency = self._rooms.health.of(walk.candidates[0][0]).latency
        return max(0.0, left_s - (latency.percentile_s(0.95) or left_s / 2))

    async def _lead(
        self, key: bytes, walk: Walk[Any, Any, A], ask: Callable[[], Awaitable[Answer[A] | None]]
    ) -> Answer[A] | None:
        now_s = self._rooms.clock()
        flight = self._flights[key] = _Flight(walk, now_s + walk.models_time_s(now_s))
        answer = None
        try:
            answer = await ask()
        except asyncio.CancelledError:
            flight.landed.cancel()
            raise
        finally:
            if self._flights.get(key) is flight:  # else another leads anew
                del self._flights[key]
            if not flight.landed.done():
                flight.landed.set_result(None if walk.tools.used else answer)
        return answer


def _take_draft(walk: Walk[Any, Any, Any], leader: Walk[Any, Any, Any]) -> None:
    """Take the leader's draft where it took long: the reserve is for writing, not for drafting.

    A light one is made in no time, and holds what tools brought to the leader's customer.
    """
    if walk.task.heavy and walk.draft is None:
        walk.draft = leader.draft


def _shared(walk: Walk[Any, Any, A], answer: Answer[A]) -> Answer[A]:
    """Another's answer as this call's: it cost nothing, and this call tried nobody for it."""
    return walk.answer(
        answer.value,
        Source.CACHE,
        model_version=answer.model_version,
        deployment=answer.deployment,
        model=answer.model,
        finish=answer.finish,
        degrade_reason=answer.degrade_reason,
        cache_age_s=0.0,
    )
