"""A naive model of a limit store, written from the port's words and unlike the code: buckets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.core.limits.checks import Check, Grant, Places, Rate, Window


@dataclass
class Model:
    """Buckets that fill up, lists of holders, sums. It never forgets anything."""

    now_s: float = 0.0
    buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    used: dict[str, tuple[int, float]] = field(default_factory=dict)
    held: dict[str, dict[str, float]] = field(default_factory=dict)

    def calls_left(self, rate: Rate) -> float:
        full, at_s = self.buckets.get(rate.key, (float(rate.burst), self.now_s))
        return min(float(rate.burst), full + (self.now_s - at_s) / rate.interval_s)

    def amount_used(self, window: Window) -> int:
        amount, ends_s = self.used.get(window.key, (0, self.now_s + 1))
        return amount if ends_s > self.now_s else 0

    def holders(self, key: str) -> dict[str, float]:
        return {g: at_s for g, at_s in self.held.get(key, {}).items() if at_s > self.now_s}

    def passes(self, check: Check) -> bool:
        if isinstance(check, Rate):
            return self.calls_left(check) >= check.amount
        if isinstance(check, Window):
            used = self.amount_used(check)
            return used < check.limit and used + check.amount <= check.limit
        return len(self.holders(check.key)) < check.limit

    def refusing(self, checks: Sequence[Check]) -> list[int]:
        return [i for i, c in enumerate(checks) if not c.shadow and not self.passes(c)]

    def exceeded(self, checks: Sequence[Check]) -> set[int]:
        return {i for i, c in enumerate(checks) if c.shadow and not self.passes(c)}

    def take(self, grant: Grant) -> None:
        for i, check in enumerate(grant.checks):
            if i in grant.exceeded:
                continue
            if isinstance(check, Rate):
                self.buckets[check.key] = (self.calls_left(check) - check.amount, self.now_s)
            elif isinstance(check, Window):
                self.used[check.key] = (
                    self.amount_used(check) + check.amount,
                    self.now_s + check.left_s,
                )
            else:
                self.held.setdefault(check.key, {})[grant.id] = self.now_s + check.ttl_s

    def settle(self, grant: Grant, actual: Mapping[str, int]) -> None:
        for i, check in enumerate(grant.checks):
            if i in grant.exceeded:
                continue
            if isinstance(check, Places):
                self.held[check.key].pop(grant.id, None)
                continue
            back = check.amount - actual.get(check.key, check.amount)
            if isinstance(check, Rate):
                left = min(float(check.burst), self.calls_left(check) + back)
                self.buckets[check.key] = (left, self.now_s)
            else:
                amount, ends_s = self.used[check.key]
                self.used[check.key] = (max(0, amount - back), ends_s)
