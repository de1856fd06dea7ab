"""What one process has let through alone, as long as the shared store was not told of it. Pure.

It is told in batches. A batch takes a place under a name of its own: a store that has had the batch
refuses it the second time and changes nothing. So one whose reply was lost can be sent again, and
counts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from gateway.core.limits.checks import Check, Grant, Places, Window

MAX_SEEN = 10_000
"""Most windows whose use is remembered: some 2 MB."""
AT_ONCE = 100
"""Windows of one batch, so that the store is not held up by it."""
_TOLD = "told/"
ENDLESS = 2**53 - 1
"""A limit that nothing reaches: what was used must be added. Doubles are exact up to it."""


@dataclass(slots=True)
class _Used:
    window: Window
    ends_s: float
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Uses by key, and what tells this batch from all others."""

    used: Mapping[str, _Used]
    name: str = field(default_factory=lambda: f"{_TOLD}{uuid4().hex}")

    def checks(self, now_s: float) -> list[Check]:
        """What to reserve at the shared store; nothing when every window has ended."""
        adding: list[Check] = [
            endless(used.window, used.amount, used.ends_s - now_s)
            for used in self.used.values()
            if used.ends_s > now_s
        ]
        if not adding:
            return []
        lasts_s = max(used.ends_s for used in self.used.values()) - now_s
        return [*adding, Places(key=self.name, limit=1, ttl_s=lasts_s)]

    def as_grant(self) -> Grant:
        """All that is in it, to be given back where it was counted meanwhile."""
        return Grant(
            id=self.name,
            checks=tuple(replace(used.window, amount=used.amount) for used in self.used.values()),
        )


def is_batch(checks: Sequence[Check]) -> bool:
    """Whether these are a batch's: of what was used already nothing is ever given back."""
    return any(isinstance(check, Places) and check.key.startswith(_TOLD) for check in checks)


class Owed:
    """Uses by window, until they were told."""

    def __init__(self) -> None:
        self._noted: dict[str, _Used] = {}
        self._batch: Batch | None = None

    def __bool__(self) -> bool:
        """Whether anything was not told yet."""
        return bool(self._noted) or self._batch is not None

    def __repr__(self) -> str:
        return f"Owed({len(self._noted)} windows, {self._batch and self._batch.name})"

    def note(self, window: Window, amount: int, now_s: float) -> None:
        """So much of the window was used."""
        if amount <= 0 or (window.key not in self._noted and len(self._noted) >= MAX_SEEN):
            return
        used = self._noted.setdefault(window.key, _Used(window, now_s + window.left_s))
        used.amount += amount

    def batch(self) -> Batch | None:
        """What to tell next: the same one until `told` is called."""
        if self._batch is None and self._noted:
            keys = list(self._noted)[:AT_ONCE]
            self._batch = Batch({key: self._noted.pop(key) for key in keys})
        return self._batch

    def told(self) -> None:
        """The store has the batch."""
        self._batch = None


def endless(window: Window, amount: int, left_s: float) -> Window:
    """A check that always passes, and adds to what was used of the window."""
    return replace(window, limit=ENDLESS, amount=amount, left_s=left_s, shadow=False)
