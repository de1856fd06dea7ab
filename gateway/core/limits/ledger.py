"""The counts of one process: a state machine that decides as `LimitStore` says. Pure.

It is also the model that other stores are tested against.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.limits import gcra
from gateway.core.limits.checks import (
    PLACE_RETRY_S,
    Check,
    Grant,
    Places,
    Rate,
    Refusal,
    Refused,
    Window,
)
from gateway.core.limits.ports import AS_RESERVED

MAX_KEYS = 100_000
"""Most keys kept, some 25 MB. A tenant has at most a handful, and only tenants with a key have
any; beyond it the key that was not used for longest is forgotten."""

KEPT_SHARE = 0.9
"""What is left of the keys after too many were swept."""


@dataclass(slots=True)
class _Pace:
    tat_s: float = float("-inf")

    def over(self, now_s: float) -> bool:
        return self.tat_s <= now_s


@dataclass(slots=True)
class _Used:
    amount: int = 0
    ends_s: float = float("-inf")

    def over(self, now_s: float) -> bool:
        return self.ends_s <= now_s


@dataclass(slots=True)
class _Held:
    """Grants with a place, by id, with the time when each expires."""

    expiry_s: dict[str, float] = field(default_factory=dict)

    def over(self, now_s: float) -> bool:
        return all(at_s <= now_s for at_s in self.expiry_s.values())

    def expire(self, now_s: float) -> None:
        for grant in [g for g, at_s in self.expiry_s.items() if at_s <= now_s]:
            del self.expiry_s[grant]


_State = _Pace | _Used | _Held


class Ledger:
    """Counts by key. `now_s` is any clock that never goes back, the same for all calls."""

    def __init__(self, name: str = "local", max_keys: int = MAX_KEYS) -> None:
        self._name = name
        self._max_keys = max_keys
        self._states: OrderedDict[str, _State] = OrderedDict()
        self._grants = 0

    def __len__(self) -> int:
        """Keys kept."""
        return len(self._states)

    def __repr__(self) -> str:
        return f"<Ledger {self._name!r} keys={len(self)} grants={self._grants}>"

    def reserve(self, checks: Sequence[Check], now_s: float) -> Grant | Refusal:
        """As `LimitStore.reserve`."""
        waits = [self._wait_s(check, now_s) for check in checks]
        exceeded = frozenset(
            i
            for i, (check, wait) in enumerate(zip(checks, waits, strict=True))
            if wait and check.shadow
        )
        refused = tuple(
            Refused(i, wait) for i, wait in enumerate(waits) if wait and i not in exceeded
        )
        if refused:
            levels = tuple(self._level(check, now_s) for check in checks)
            return Refusal(refused=refused, exceeded=exceeded, levels=levels)
        self._grants += 1
        grant_id = f"{self._name}-{self._grants}"
        for i, check in enumerate(checks):
            if i not in exceeded:
                self._take(check, grant_id, now_s)
        self._shrink(now_s)
        return Grant(
            id=grant_id,
            checks=tuple(checks),
            exceeded=exceeded,
            levels=tuple(self._level(check, now_s) for check in checks),
        )

    def settle(self, grant: Grant, now_s: float, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """As `LimitStore.settle`."""
        for i, check in enumerate(grant.checks):
            if i not in grant.exceeded:
                self._settle(check, grant.id, now_s, actual.get(check.key))

    def _wait_s(self, check: Check, now_s: float) -> float:
        """Seconds until the check would pass; 0 when it passes."""
        state = self._state(check, now_s)
        if isinstance(check, Rate) and isinstance(state, _Pace):
            return gcra.wait_s(check, state.tat_s, now_s)
        if isinstance(check, Window) and isinstance(state, _Used):
            fits = state.amount + check.amount <= check.limit and state.amount < check.limit
            return 0.0 if fits else max(check.left_s, gcra.TOLERANCE_S)
        if isinstance(check, Places) and isinstance(state, _Held):
            return 0.0 if len(state.expiry_s) < check.limit else PLACE_RETRY_S
        raise _mixed(check)

    def _take(self, check: Check, grant_id: str, now_s: float) -> None:
        state = self._state(check, now_s)
        if isinstance(check, Rate) and isinstance(state, _Pace):
            state.tat_s = gcra.taken(check, state.tat_s, now_s)
        elif isinstance(check, Window) and isinstance(state, _Used):
            state.amount += check.amount
            state.ends_s = now_s + check.left_s
        elif isinstance(check, Places) and isinstance(state, _Held):
            state.expiry_s[grant_id] = now_s + check.ttl_s
        self._states[check.key] = state
        self._states.move_to_end(check.key)

    def _settle(self, check: Check, grant_id: str, now_s: float, actual: int | None) -> None:
        state = self._states.get(check.key)
        if state is None or state.over(now_s):
            return
        if isinstance(check, Places) and isinstance(state, _Held):
            state.expiry_s.pop(grant_id, None)
        elif actual is None:
            return
        elif isinstance(check, Rate) and isinstance(state, _Pace):
            state.tat_s = gcra.given_back(check, state.tat_s, check.amount - actual)
        elif isinstance(check, Window) and isinstance(state, _Used):
            state.amount = max(0, state.amount + actual - check.amount)

    def _level(self, check: Check, now_s: float) -> float:
        state = self._state(check, now_s)
        if isinstance(check, Rate) and isinstance(state, _Pace):
            return gcra.level(check, state.tat_s, now_s)
        if isinstance(check, Window) and isinstance(state, _Used):
            return state.amount / check.limit if check.limit else 1.0
        if isinstance(check, Places) and isinstance(state, _Held):
            return len(state.expiry_s) / check.limit
        raise _mixed(check)

    def _state(self, check: Check, now_s: float) -> _State:
        """What is kept under the key, or a fresh state that is not kept yet."""
        state = self._states.get(check.key)
        if isinstance(state, _Held):
            state.expire(now_s)
        if state is None or state.over(now_s):
            if isinstance(check, Rate):
                return _Pace()
            return _Used() if isinstance(check, Window) else _Held()
        return state

    def _shrink(self, now_s: float) -> None:
        """Forget what is over once there are too many keys, then what was used longest ago."""
        if len(self._states) <= self._max_keys:
            return
        for key in [key for key, state in self._states.items() if state.over(now_s)]:
            del self._states[key]
        while len(self._states) > self._max_keys * KEPT_SHARE:  # room, or every call would sweep
            self._states.popitem(last=False)


def _mixed(check: Check) -> TypeError:
    return TypeError(f"key {check.key!r} is used for two kinds of checks; keys must differ")
