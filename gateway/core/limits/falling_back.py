"""Limits that outlive their shared store: while it is away, each process enforces its share."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.core.limits.checks import Check, Grant, Rate, Refusal, Window
from gateway.core.limits.ports import AS_RESERVED, LimitStore, LimitsUnavailable

log = logging.getLogger(__name__)

MAX_SEEN = 10_000
"""Most windows whose use is remembered, those last seen: some 2 MB."""


@dataclass(slots=True)
class _Spent:
    """What was used of a window out of this process's share, until it ends."""

    window: Window
    ends_s: float
    amount: int = 0


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
    used up stays so. What was used meanwhile is added to `primary` when it is back. `clock` is
    monotonic. What cannot be settled stays reserved: rather too little is let through than too
    much.
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
        self._spent: dict[str, _Spent] = {}
        self._settling: set[asyncio.Future[None]] = set()

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
            verdict = await self._primary.reserve(checks)
            if self._away:
                await self._return()
        except LimitsUnavailable as error:
            self._leave(error)
            own = [part_of(c, self._share, self._seen.get(c.key, 0)) for c in checks]
            return replace(await self._local.reserve(own), local=True)
        self._remember(checks, verdict)
        return verdict

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """As `LimitStore.settle`, at the store that gave the grant."""
        if grant.local:
            await self._local.settle(grant, actual)
            self._note_spent(grant, actual)
            return
        settling = asyncio.ensure_future(self._settle(grant, actual))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)
        await asyncio.shield(settling)  # a caller who hangs up meanwhile still gives back

    async def _settle(self, grant: Grant, actual: Mapping[str, int]) -> None:
        try:
            await self._primary.settle(grant, actual)
        except LimitsUnavailable as error:
            self._leave(error)

    def _remember(self, checks: Sequence[Check], verdict: Grant | Refusal) -> None:
        for check, level in zip(checks, verdict.levels, strict=False):
            if isinstance(check, Window):
                self._seen[check.key] = round(level * check.limit)
                self._seen.move_to_end(check.key)
        while len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)

    def _note_spent(self, grant: Grant, actual: Mapping[str, int]) -> None:
        ends_s = self._clock()
        for index, check in enumerate(grant.checks):
            if not isinstance(check, Window) or index in grant.exceeded:
                continue
            if check.key not in self._spent and len(self._spent) < MAX_SEEN:
                self._spent[check.key] = _Spent(check, ends_s + check.left_s)
            if spent := self._spent.get(check.key):
                spent.amount += actual.get(check.key, check.amount)

    async def _return(self) -> None:
        """Add what was used meanwhile to the shared store, in two round trips."""
        now_s = self._clock()
        due = [spent for spent in self._spent.values() if spent.amount and spent.ends_s > now_s]
        if due:
            looks = [replace(s.window, amount=0, left_s=s.ends_s - now_s, shadow=True) for s in due]
            verdict = await self._primary.reserve(looks)
            if isinstance(verdict, Grant):
                await self._primary.settle(verdict, {s.window.key: s.amount for s in due})
        self._spent.clear()
        self._away = False
        log.warning("limits are shared again: the store is back")

    def _leave(self, error: LimitsUnavailable) -> None:
        if self._away:
            return
        self._away = True
        log.warning(
            "limits fall back to this process: %s; it enforces %.3g of each limit by itself",
            error,
            self._share,
        )


def _checked(share: float) -> float:
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share!r}")
    return share
