"""Recent latency of one deployment, with bounded memory. Pure."""

import math

KEPT = 128
"""Samples kept: enough for a steady 95th percentile, few enough to forget an hour-old mood."""
LEAST_SAMPLES = 20
"""Fewer say nothing about a tail: one in twenty is the first 95th percentile."""


class Latency:
    """The last 128 latencies of answered calls."""

    def __init__(self) -> None:
        self._ring: list[float] = []
        self._next = 0

    def add(self, latency_s: float) -> None:
        """Remember one answered call."""
        if len(self._ring) < KEPT:
            self._ring.append(latency_s)
        else:
            self._ring[self._next] = latency_s
            self._next = (self._next + 1) % KEPT

    def percentile_s(self, share: float) -> float | None:
        """The smallest latency that at least `share` of the calls did not exceed (nearest rank).

        None until there are 20 samples. Sorts 128 floats, about 5 µs: not for every call.
        """
        if len(self._ring) < LEAST_SAMPLES:
            return None
        rank = max(1, math.ceil(share * len(self._ring)))
        return sorted(self._ring)[min(rank, len(self._ring)) - 1]

    def __repr__(self) -> str:
        p95_s = self.percentile_s(0.95)
        shown = "unknown" if p95_s is None else f"{p95_s:.3f} s"
        return f"<Latency p95 {shown} of {len(self._ring)} calls>"
