"""Counting in a sliding window of time with bounded memory. Pure."""

BUCKETS = 10


class Window:
    """Two counters, `hits` and `total`, over about the last `length_s` seconds.

    Time is cut into `BUCKETS` pieces a window; the current piece and the nine before it count, so
    an event is forgotten after 0.9 to 1 window. A clock that goes backwards is read as standing.
    """

    __slots__ = ("_hits", "_piece", "_step_s", "_totals", "hits", "total")

    def __init__(self, length_s: float) -> None:
        self._step_s = length_s / BUCKETS
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._hits = [0] * BUCKETS
        self._totals = [0] * BUCKETS
        self._piece = 0
        self.hits = 0
        self.total = 0

    def add(self, now_s: float, *, hits: int = 0, total: int = 0) -> None:
        """Count so many more now."""
        self.advance(now_s)
        slot = self._piece % BUCKETS
        self._hits[slot] += hits
        self._totals[slot] += total
        self.hits += hits
        self.total += total

    def advance(self, now_s: float) -> None:
        """Forget what is too old at `now_s`; `hits` and `total` are right after it."""
        piece = int(now_s // self._step_s)
        for stale in range(self._piece + 1, min(piece, self._piece + BUCKETS) + 1):
            slot = stale % BUCKETS
            self.hits -= self._hits[slot]
            self.total -= self._totals[slot]
            self._hits[slot] = self._totals[slot] = 0
        self._piece = max(piece, self._piece)

    def __repr__(self) -> str:
        return f"<Window {self.hits} of {self.total} in {self._step_s * BUCKETS:g} s>"
