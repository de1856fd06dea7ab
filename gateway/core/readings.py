"""What a part of the process shows of its present state, for metrics and for ops."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

NO_LABELS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure as it is now. `name` after Prometheus' conventions, with its unit at the end.

    A name that ends in `_total` only ever grows; all others go up and down.
    """

    name: str
    value: float
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)


Readings = Callable[[], Iterable[Reading]]
"""Asked on the event loop at every scrape; in microseconds, and without waiting."""
