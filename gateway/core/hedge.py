"""When a second deployment is started beside a slow first one, and how often at most. Pure."""

from gateway.core.latency import Latency
from gateway.core.options import HedgeOptions

BURST = 10.0
"""Most extra calls saved up in quiet times."""


def hedge_after_s(latency: Latency, options: HedgeOptions) -> float | None:
    """Seconds after which the second starts; None: never, or the first is not known well enough."""
    if not options.enabled:
        return None
    usual_s = latency.percentile_s(options.percentile)
    return None if usual_s is None else max(options.minimum_s, usual_s)


class HedgeBudget:
    """Extra calls of one route: never more than a share of its calls, however long the run."""

    def __init__(self) -> None:
        self._saved = 0.0

    def called(self, options: HedgeOptions) -> None:
        """A call of the route begins."""
        self._saved = min(BURST, self._saved + options.share_of_calls)

    def take(self) -> bool:
        """Whether an extra call may start now; if so, it is counted."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True

    def __repr__(self) -> str:
        return f"<HedgeBudget {self._saved:.1f} extra calls saved>"
