"""One try at one deployment: given a place and leave, timed, settled and told in the trail."""

import logging
from types import TracebackType
from typing import Any, Self

from gateway.core.errors import ProviderError, ProviderTimeout, ServerError
from gateway.core.health import Health, Refusal, Ticket
from gateway.core.limiting import Reserved, reserve_try
from gateway.core.model import NO_USAGE, Completion, Detail, Outcome, Prompt, Usage
from gateway.core.options import Deployment, Timeouts
from gateway.core.rooms import Rooms
from gateway.core.timebudget import attempt_time_s, shared_clocks, timed_out
from gateway.core.walk import Walk

log = logging.getLogger(__name__)


class Trying:
    """Holds one try, as an async context manager; `given_s` is the time it may take.

    What ends the block decides the outcome: nothing: OK; a ProviderError: its own; running out of
    time: the deployment's TIMEOUT or the caller's DEADLINE; a cancellation or a reader who left:
    ABANDONED; anything else is a bug of an adapter and told as SERVER_ERROR. Whatever it was, the
    place is given back and the ticket settled.
    """

    __slots__ = (
        "_began_s",
        "_first_text_s",
        "_health",
        "_model",
        "_reserved",
        "_rooms",
        "_stream",
        "_ticket",
        "_usage",
        "_walk",
        "clocks",
        "deployment",
        "given_s",
    )

    def __init__(
        self, rooms: Rooms, walk: Walk[Any, Any, Any], health: Health, clocks: Timeouts
    ) -> None:
        self._rooms = rooms
        self._walk = walk
        self._health = health
        self._ticket: Ticket | None = None
        self._reserved = Reserved(health.deployment)
        self._usage: Usage | None = None
        self._began_s = 0.0
        self.deployment = health.deployment
        self.clocks = clocks
        self.given_s = 0.0
        self._model = ""
        self._stream = False
        self._first_text_s: float | None = None

    @classmethod
    async def begin(
        cls,
        rooms: Rooms,
        walk: Walk[Any, Any, Any],
        deployment: Deployment,
        prompt: Prompt,
        *,
        stream: bool = False,
    ) -> Self | None:
        """Leave for one try, to be entered at once; None when there is none now.

        1. it is out (breaker, cool-down, alarm, drained): told as SKIPPED
        2. no place comes free in its time: noted, since the answer may then be OVERLOADED's
        3. a limit is used up: told as LIMITED; may raise QuotaExhausted
        4. too little time is left to begin: nothing is told, nothing was tried
        """
        health = rooms.health.of(deployment)
        if health.refusal(rooms.clock()) is not None:
            walk.trail.add(deployment.name, Outcome.SKIPPED, 0.0)
            return None
        wait_s = min(deployment.concurrency.wait_s, walk.models_time_s(rooms.clock()))
        if not await health.slots.acquire(wait_s):
            walk.slots_full = True
            walk.trail.add(deployment.name, Outcome.SKIPPED, 0.0)
            return None
        reserved = await _reserved(rooms, walk, (health, deployment), prompt)
        if reserved is None:
            return None
        now_s = rooms.clock()
        clocks = deployment.timeouts
        if others_left(rooms, walk, deployment):
            clocks = shared_clocks(walk.models_time_s(now_s), clocks, stream=stream)
        given_s = attempt_time_s(now_s, walk.caller.deadline, walk.reserve_s(), clocks.total_s)
        ticket = health.admit(now_s) if given_s is not None else None
        if given_s is None or ticket is None or isinstance(ticket, Refusal):
            health.slots.release()
            outcome = Outcome.DEADLINE if given_s is None else Outcome.SKIPPED
            walk.trail.add(deployment.name, outcome, 0.0)
            await reserved.settle(rooms, None, NO_USAGE)
            return None
        walk.allowance.asked = True
        trying = cls(rooms, walk, health, clocks)
        trying.deployment = deployment  # the call's own, whatever a reload has made of it since
        trying._reserved = reserved
        trying.given_s = given_s
        trying._stream = stream
        trying._ticket = ticket
        trying._began_s = now_s
        return trying

    def hear(self) -> None:
        """Text has come: a stream that is then cut by the caller's deadline was not silent."""
        if self._first_text_s is None:
            self._first_text_s = self._elapsed_s()

    def replied(self, completion: Completion) -> None:
        """Note a whole reply, of use or not: what it took is what limits count."""
        self._usage = self._reserved.used(self._rooms, completion)
        self._model = completion.model

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        translated = self._translated(error)
        if isinstance(translated, ProviderError):
            self._walk.trail.spend(translated.usage)
        outcome = self._settle(translated)
        await self._reserved.settle(self._rooms, outcome, self._used(translated))
        if translated is not error and translated is not None:
            raise translated from error

    def _translated(self, error: BaseException | None) -> BaseException | None:
        """The error as policies understand it."""
        name = self.deployment.name
        if isinstance(error, TimeoutError | ProviderTimeout):
            timeout_s = self.deployment.timeouts.total_s
            if isinstance(error, ProviderTimeout) and self._elapsed_s() < self.given_s:
                return error  # its own shorter clock: first token, idle, connect
            fair_s = None if self._first_text_s is not None else self._health.fair_s()
            return timed_out(name, self.given_s, timeout_s, fair_s)
        if isinstance(error, ProviderError) or not isinstance(error, Exception):
            return error  # fine, its own, or nobody's: the caller has left
        log.error("the adapter of deployment %r failed", name, exc_info=error)
        return ServerError(f"the adapter of deployment {name!r} failed; see the log")

    def _used(self, error: BaseException | None) -> Usage:
        """What the try used: of its reply, else as its error tells; a try cut off tells nothing."""
        if self._usage is None and isinstance(error, ProviderError):
            return error.usage
        return self._usage or NO_USAGE

    def _settle(self, error: BaseException | None) -> Outcome:
        outcome = Outcome.OK if error is None else Outcome.ABANDONED
        retry_after_s = None
        if isinstance(error, ProviderError):
            outcome, retry_after_s = error.outcome, error.retry_after_s
        latency_s = self._elapsed_s()
        if self._ticket is not None:
            now_s = self._began_s + latency_s
            self._health.settle(self._ticket, now_s, outcome, latency_s, retry_after_s)
        self._health.slots.release()  # last: who waits sees the limit that this try has set
        attempt = self._walk.trail.add(
            self.deployment.name, outcome, latency_s, self._detail(error)
        )
        self._rooms.observer.attempted(self._walk.call, self._walk.caller, attempt)
        return outcome

    def _detail(self, error: BaseException | None) -> Detail:
        return Detail(
            usage=self._used(error),
            model=self._model,
            stream=self._stream,
            first_text_s=self._first_text_s,
        )

    def _elapsed_s(self) -> float:
        return self._rooms.clock() - self._began_s


async def _reserved(
    rooms: Rooms, walk: Walk[Any, Any, Any], held: tuple[Health, Deployment], prompt: Prompt
) -> Reserved | None:
    """What limits grant one try; its slot is given back when that is nothing."""
    health, deployment = held  # the call's own, whatever a reload has made of it since
    reserved = None
    try:
        reserved = await reserve_try(rooms, walk, deployment, prompt)
    finally:
        if reserved is None:
            health.slots.release()
    return reserved


def others_left(rooms: Rooms, walk: Walk[Any, Any, Any], deployment: Deployment) -> bool:
    """Whether a deployment that was not tried yet would take this call now."""
    now_s = rooms.clock()
    tried = {attempt.deployment for attempt in walk.trail.attempts}
    return any(
        other.name not in tried
        and walk.fits(other)
        and rooms.health.of(other).refusal(now_s) is None
        for other, _ in walk.candidates
        if other is not deployment
    )
