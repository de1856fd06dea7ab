"""The embedded limit store: one process counts for itself."""

from collections.abc import Callable, Mapping, Sequence

from gateway.core.limits.checks import Check, Grant, Refusal
from gateway.core.limits.ledger import Ledger
from gateway.core.limits.ports import AS_RESERVED


class MemoryLimits:
    """A `LimitStore` inside the process. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float], ledger: Ledger | None = None) -> None:
        self._clock = clock
        self._ledger = Ledger() if ledger is None else ledger  # an empty one is falsy

    def __repr__(self) -> str:
        return f"MemoryLimits({self._ledger!r})"

    async def reserve(self, checks: Sequence[Check]) -> Grant | Refusal:
        """Reserve what all checks ask for, or nothing; never waits."""
        return self._ledger.reserve(checks, self._clock())

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """Replace what was reserved by what was really used; never waits."""
        self._ledger.settle(grant, self._clock(), actual)
