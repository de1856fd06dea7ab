"""Limits that outlive their shared store: while it is away, each process enforces its share."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from gateway.core.limits.checks import Check, Grant, Rate, Refusal, Window
from gateway.core.limits.owed import MAX_SEEN, Owed, endless
from gateway.core.limits.ports import AS_RESERVED, LimitStore, LimitsUnavailable
from gateway.core.tails import Tails

log = logging.getLogger(__name__)


def part_of(check: Check, share: float, used: int = 0) -> Check:
    """The check that one process makes by itself with its share; `used`: of a Window, elsewhere."""
    if isinstance(check, Rate):
        burst = max(1, int(check.burst * share))
        return replace(check, interval_s=check.interval_s / share, burst=burst)
    if isinstance(check, Window):
        limit = max(0, int((check.limit - used) * share))  # 0 refuses all
        return replace(check, limit=limit, amount=min(check.amount, limit))
    return replace(check, limit=max(1, int(check.limit * share)))


class SharedOut:
    """A `LimitStore` of one of several processes that share nothing: each has its part."""

    def __init__(self, own: LimitStore, share: float) -> None:
        self._own = own
        self._share = _checked(share)

    def __repr__(self) -> str:
        return f"<SharedOut {self._share:.3g} of each limit>"

    async def reserve(self, checks: Sequence[Check]) -> Grant | Refusal:
        """As `LimitStore.reserve`, of this process's part; the verdict says `local`."""
        parts = [part_of(check, self._share) for check in checks]
        return replace(await self._own.reserve(parts), local=True)

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """As `LimitStore.settle`."""
        await self._own.settle(grant, actual)


class FallingBackLimits:
    """A `LimitStore` that never fails: `primary` while it can be reached, else `local`.

    `share`: the part of each limit that one process may use by itself, above 0 to 1: 1 / processes.
    Of a window it is the share of what `primary` last said was left, so a budget that was nearly
    used up stays so. What was used meanwhile is added to `primary`, once, before it decides
    anything again. `clock` is monotonic. What cannot be settled stays reserved, and what was used
    beyond it is added later: rather too little is let through than too much.
    """

    def __init__(
        self,
        primary: LimitStore,
        local: LimitStore,
        share: float,
        clock: Callable[[], float],
    ) -> None:
        self._primary = primary
        self._local = local
        self._share = _checked(share)
        self._clock = clock
        self._away = False
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._owed = Owed()
        self._telling: asyncio.Task[None] | None = None
        self._tails = Tails()

    @property
    def away(self) -> bool:
        """Whether the shared store could not be reached the last time."""
        return self._away

    def __repr__(self) -> str:
        state = f"alone with {self._share:.3g} of each limit" if self._away else "shared"
        return f"<FallingBackLimits {state}>"

    async def reserve(self, checks: Sequence[Check]) -> Grant | Refusal:
        """As `LimitStore.reserve`; the verdict says `local` when this process decided alone."""
        try:
            if self._away and self._owed:
                await self._tell()
            verdict = await self._primary.reserve(checks)
        except LimitsUnavailable as error:
            self._leave(error)
            own = [part_of(c, self._share, self._seen.get(c.key, 0)) for c in checks]
            return replace(await self._local.reserve(own), local=True)
        self._remember(checks, verdict)
        if self._away:
            self._return()
        return verdict

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """As `LimitStore.settle`, at the store that gave the grant, though the caller hangs up."""
        await self._tails.finish(self._settle(grant, actual))

    def come_back(self) -> None:
        """Tell the shared store soon what it missed; call it when it is back."""
        if self._owed:
            self._tails.begin(self._tell_soon())

    async def drain(self, most_s: float) -> None:
        """At the end: wait for what is being settled, for at most `most_s`."""
        self.come_back()
        await self._tails.drain(most_s)

    async def _settle(self, grant: Grant, actual: Mapping[str, int]) -> None:
        if grant.local:
            await self._local.settle(grant, actual)
            for check in _windows(grant):
                self._owed.note(check, actual.get(check.key, check.amount), self._clock())
            if not self._away:  # the store is back, and was not told of this yet
                self.come_back()
            return
        try:
            await self._primary.settle(grant, actual)
        except LimitsUnavailable as error:
            self._leave(error)
            await self._count_beyond(grant, actual)

    async def _count_beyond(self, grant: Grant, actual: Mapping[str, int]) -> None:
        """Count here what was used beyond what stays reserved there."""
        for check in _windows(grant):
            more = actual.get(check.key, check.amount) - check.amount
            if more > 0:
                await self._local.reserve([endless(check, more, check.left_s)])
                self._owed.note(check, more, self._clock())

    def _remember(self, checks: Sequence[Check], verdict: Grant | Refusal) -> None:
        for check, level in zip(checks, verdict.levels, strict=False):
            if isinstance(check, Window):
                self._saw(check.key, round(level * check.limit))

    def _saw(self, key: str, used: int) -> None:
        self._seen[key] = used
        self._seen.move_to_end(key)
        while len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)

    # ---- away, and back

    async def _tell(self) -> None:
        """Tell the shared store what it missed; however many ask for it, it is told once."""
        if self._telling is None or self._telling.done():
            self._telling = self._tails.begin(self._tell_all())
        await asyncio.shield(self._telling)

    async def _tell_soon(self) -> None:
        try:
            await self._tell()
        except LimitsUnavailable as error:
            self._leave(error)

    async def _tell_all(self) -> None:
        while (batch := self._owed.batch()) is not None:
            if checks := batch.checks(self._clock()):
                await self._primary.reserve(checks)  # refused: it has had this batch before
            self._owed.told()
            # from now on the shared store says that it is used
            await self._local.settle(batch.as_grant(), dict.fromkeys(batch.used, 0))
            for key, used in batch.used.items():
                self._saw(key, self._seen.get(key, 0) + used.amount)
        self._return()

    def _return(self) -> None:
        if self._away:
            self._away = False
            log.warning("limits are shared again: the store is back")
        self.come_back()

    def _leave(self, error: LimitsUnavailable) -> None:
        if self._away:
            return
        self._away = True
        log.warning(
            "limits fall back to this process: %s; it enforces %.3g of each limit by itself",
            error,
            self._share,
        )


def _windows(grant: Grant) -> Iterator[Window]:
    """The windows of which something was reserved."""
    for index, check in enumerate(grant.checks):
        if isinstance(check, Window) and index not in grant.exceeded:
            yield check


def _checked(share: float) -> float:
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share!r}")
    return share
