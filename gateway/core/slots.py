"""How many calls one deployment gets at once: a limit that adapts, and the queue before it."""

import asyncio
from collections import deque
from collections.abc import Callable

from gateway.core.options import ConcurrencyOptions

SHRINK = 0.7
"""What is left of the limit after one bad sign; gentler than TCP's half, since one sign per round
of calls is counted and a model's round lasts seconds."""
GROWTH_SHARE = 0.05
"""Growth per round of answered calls, as a share of the maximum: full again in some 20 rounds."""


class AdaptiveLimit:
    """Additive increase, multiplicative decrease. Pure.

    Shrinks on 429, overload and timeouts, once for all calls in flight at that time: calls that
    began before the last shrinking cannot have felt it. Grows only while at least half is in use,
    since answers of an idle deployment prove nothing.
    """

    def __init__(self, options: ConcurrencyOptions) -> None:
        self._options = options
        self._limit = float(options.maximum)
        self._shrunk_at_s = float("-inf")

    @property
    def options(self) -> ConcurrencyOptions:
        """The options in force; new ones keep the limit inside their bounds."""
        return self._options

    @options.setter
    def options(self, options: ConcurrencyOptions) -> None:
        was_full = self._limit >= self._options.maximum
        self._options = options
        self._set(float(options.maximum) if was_full else self._limit)

    @property
    def limit(self) -> int:
        """Calls at once, from `minimum` to `maximum`."""
        return int(self._limit)

    def answered(self, in_use: int) -> None:
        """A call was answered while so many, itself included, were in use."""
        if 2 * in_use >= self.limit:
            step = max(1.0, GROWTH_SHARE * self._options.maximum)
            self._set(self._limit + step / self._limit)

    def pushed_back(self, started_s: float, now_s: float) -> None:
        """A call that began at `started_s` was told, or felt, that there is no room."""
        if started_s >= self._shrunk_at_s:
            self._shrunk_at_s = now_s
            self._set(self._limit * SHRINK)

    def _set(self, limit: float) -> None:
        # a minimum above the maximum is a slip in the file: the maximum protects the provider
        lowest = min(self._options.minimum, self._options.maximum)
        self._limit = min(float(self._options.maximum), max(float(lowest), limit))

    def __repr__(self) -> str:
        return f"<AdaptiveLimit {self.limit} of {self._options.maximum}>"


class Slots:
    """Places for calls at one deployment, given in the order of asking.

    `capacity` is asked each time, so that an adaptive limit can shrink and grow underneath: after
    shrinking nobody is thrown out, only nobody new gets in.
    """

    def __init__(self, capacity: Callable[[], int]) -> None:
        self._capacity = capacity
        self._in_use = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def in_use(self) -> int:
        """Places taken."""
        return self._in_use

    @property
    def waiting(self) -> int:
        """Callers in the queue."""
        return len(self._waiting)

    async def acquire(self, wait_s: float) -> bool:
        """Take a place, waiting up to `wait_s` seconds; False: none came free.

        Whoever got True must call `release` once. Cancelling while waiting takes no place.
        """
        self.let_in()
        if not self._waiting and self._in_use < self._capacity():
            self._in_use += 1
            return True
        if wait_s <= 0:
            return False
        return await self._queue(wait_s)

    def release(self) -> None:
        """Give a place back; the longest waiting gets it."""
        if self._in_use <= 0:
            raise RuntimeError("a slot was released that nobody held; release once per acquire")
        self._in_use -= 1
        self.let_in()

    def let_in(self) -> None:
        """Give free places to those who wait; call it when the capacity grew by itself."""
        while self._waiting and self._in_use < self._capacity():
            self._in_use += 1
            self._waiting.popleft().set_result(None)

    async def _queue(self, wait_s: float) -> bool:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await asyncio.wait((turn,), timeout=wait_s)
        except asyncio.CancelledError:
            if turn.done():
                self.release()
            else:
                self._waiting.remove(turn)
            raise
        if turn.done():
            return True
        self._waiting.remove(turn)
        return False

    def __repr__(self) -> str:
        return f"<Slots {self._in_use} of {self._capacity()} in use, {len(self._waiting)} waiting>"
