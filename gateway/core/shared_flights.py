"""Single flight over several gateways: of equal calls at the same time, one asks the models.

Who takes the lease of a cache key asks; others look into the cache now and then. Nobody waits
longer than asking would usually take, so a leader that is slow, fails or dies costs a little time
and nothing else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from gateway.core.latency import Latency
from gateway.core.ports import Clock

T = TypeVar("T")

UNKNOWN_S = 1.0
"""What asking takes, as long as nobody knows: a quick model's short answer."""
POLL_FIRST_S = 0.02
POLL_GROWTH = 1.5
POLL_CAP_S = 0.25


class LeaseStore(Protocol):
    """Says who asks. Never raises, but for bugs."""

    async def take(self, key: bytes, token: bytes, ttl_s: float) -> bool:
        """Whether `token` has the key now, for at most `ttl_s`; true too when nobody can know.

        Who is cancelled meanwhile holds nothing.
        """
        ...

    def release(self, key: bytes, token: bytes) -> None:
        """Give the key back if `token` has it; nobody waits for it."""
        ...


class NoLeases:
    """One gateway alone: whoever wants to ask may."""

    async def take(self, key: bytes, token: bytes, ttl_s: float) -> bool:  # noqa: ARG002 # the port's
        """Always."""
        return True

    def release(self, key: bytes, token: bytes) -> None:
        """Nothing was kept."""


def patience_s(latency: Latency, left_s: float) -> float:
    """How long to wait for another gateway's answer, of `left_s` that models have for this call.

    At most what asking usually takes; and after it, time for a slow answer must be left.
    """
    usual_s = latency.percentile_s(0.5) or UNKNOWN_S
    slow_s = latency.percentile_s(0.95) or left_s / 2
    return max(0.0, min(usual_s, left_s - slow_s))


class SharedFlights:
    """Decides who asks. `make_token` makes bytes that nobody else makes."""

    def __init__(self, leases: LeaseStore, clock: Clock, make_token: Callable[[], bytes]) -> None:
        self._leases = leases
        self._clock = clock
        self._make_token = make_token

    def __repr__(self) -> str:
        return f"SharedFlights({self._leases!r})"

    async def share(
        self,
        key: bytes,
        times: tuple[float, float],
        look: Callable[[], Awaitable[T | None]],
        ask: Callable[[], Awaitable[T | None]],
    ) -> T | None:
        """What `look` finds once another gateway has asked, else what `ask` brings.

        `times`: seconds to wait for another's answer, and seconds that asking can take at most.
        """
        patient_s, longest_s = times
        token, wait_s, until_s = self._make_token(), POLL_FIRST_S, self._clock() + patient_s
        waited = False
        try:
            while not await self._leases.take(key, token, longest_s):
                left_s = until_s - self._clock()
                if left_s <= 0:
                    return await ask()
                await asyncio.sleep(min(wait_s, left_s))
                wait_s, waited = min(POLL_CAP_S, wait_s * POLL_GROWTH), True
                if (found := await look()) is not None:
                    return found
            found = await look() if waited else None  # kept just before the lease came free
            return found if found is not None else await ask()
        finally:  # even if it was not told: a take that was cancelled may have come through
            self._leases.release(key, token)


def alone() -> SharedFlights:
    """For a gateway that shares nothing."""
    return SharedFlights(NoLeases(), lambda: 0.0, lambda: b"")
