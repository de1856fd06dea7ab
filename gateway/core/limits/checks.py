"""What a limit is to a store: checks with keys, and what came of a set of them.

A store knows nothing of tenants, routes, money or calendars. Keys are made in
`gateway.core.limits.rules`; a key names its window, so a store never needs the date. All times are
lengths in seconds, so that stores on other machines need no agreed clock.
"""

from dataclasses import dataclass

PLACE_RETRY_S = 1.0
"""What callers are told who found no place free: nobody knows when a call in progress ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Calls at a pace, by the generic cell rate algorithm (GCRA; ITU-T I.371).

    Kept per key is one number, the theoretical arrival time `tat`. With `due = max(tat, now)` the
    check passes when `due + amount * interval_s <= now + burst * interval_s`, and `tat` becomes
    `due + amount * interval_s`. Giving n back subtracts `n * interval_s` from `tat`. A key may be
    forgotten once `tat <= now`.
    """

    key: str
    interval_s: float
    """Seconds between two calls at the steady pace: 60 / calls per minute. Above 0."""
    burst: int
    """Calls that pass at once after a rest; at least 1. In t seconds at most
    `burst + t / interval_s` pass."""
    amount: int = 1
    """Calls to take; 1."""
    shadow: bool = False
    """Measured, never enforced; see `LimitStore.reserve`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An amount that may be used up within a window of time, such as tokens in a minute.

    Kept per key is the amount used. The check fails when `used + amount > limit`, and when
    `used >= limit` (which matters for amount 0: "is anything left?"). A key may be forgotten
    `left_s` after it was last seen; a new window comes under a new key.
    """

    key: str
    limit: int
    """Most that may be used; at least 1."""
    amount: int
    """What to reserve; at least 0."""
    left_s: float
    """Seconds until the window ends."""
    shadow: bool = False
    """Measured, never enforced; see `LimitStore.reserve`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Calls in progress at once. Each takes one place, given back by `settle`.

    Kept per key are the grants that hold a place, with the time when each expires. A place that
    was not given back `ttl_s` after it was taken is free again: its process died. The check fails
    when `limit` places are held.
    """

    key: str
    limit: int
    """Most places held at once; at least 1."""
    ttl_s: float
    """Seconds after which a place is free again, given back or not."""
    shadow: bool = False
    """Measured, never enforced; see `LimitStore.reserve`."""


Check = Rate | Window | Places


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Every check passed and its amount is reserved; to be settled exactly once.

    `exceeded`: indices of the shadow checks that would have refused; nothing was reserved for
    them. `levels`: for each check the share of its limit that is now in use, this grant included:
    of a Rate `(tat - now) / (burst * interval_s)`, of a Window `used / limit`, of Places
    `held / limit`. `local`: given by one process out of its own share, while the shared store
    could not be reached.
    """

    id: str
    """Unique among all grants of all processes that share the store's data."""
    checks: tuple[Check, ...]
    exceeded: frozenset[int] = frozenset()
    levels: tuple[float, ...] = ()
    local: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """One check that failed: its index, and in how many seconds it has room if nothing else comes.

    Of a Rate: `due + amount * interval_s - burst * interval_s - now`. Of a Window: its `left_s`.
    Of Places: `PLACE_RETRY_S`.
    """

    index: int
    retry_after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """At least one check that is enforced failed, and nothing at all was reserved.

    `refused`: every enforced check that failed, in the order of the checks. `exceeded` and
    `levels` as in `Grant`, but without this call.
    """

    refused: tuple[Refused, ...]
    exceeded: frozenset[int] = frozenset()
    levels: tuple[float, ...] = ()
    local: bool = False
