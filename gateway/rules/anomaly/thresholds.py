"""From raw evidence to a false-alarm rate, and what a `sensitivity` means in it.

The raw evidence of a step is the smallest of several tail probabilities of a model that is only
nearly true, so it is no rate. The table below was measured: how often ordinary steps (no label
near, no event) of the shared daily series raised an alert at each raw threshold. The rates were
then rounded up by about a third, because series nobody has seen are less well-behaved.
"""

from functools import lru_cache
from types import MappingProxyType

import numpy as np

from gateway.rules.anomaly.grid import Floats
from gateway.rules.anomaly.model import Sensitivity
from gateway.rules.anomaly.tails import z_of_log10

RAW = (0.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.4, 4.0, 5.0, 6.0, 8.0, 30.0)
SCORE = (0.0, 1.1, 1.45, 1.85, 2.3, 2.75, 3.0, 3.3, 3.9, 4.3, 5.0, 12.0)
"""Alerts per step at each raw threshold, as -log10; beyond 6 extrapolated."""

SCORE_AT = MappingProxyType(
    {
        Sensitivity.LOW: 3.5,  # one false alert per series in about nine years of days
        Sensitivity.MEDIUM: 3.0,  # one in 1,000 points: 0.03 per series and 30 days
        Sensitivity.HIGH: 2.0,  # one in 100 points: one a quarter
    }
)
"""The score (-log10 of the false-alarm rate per point) from which a point is an anomaly."""


MISSING_SCORE = 4.0
"""Score of a missing value in a series that hardly ever misses one: a fact, not a chance."""


def calibrate(raw: Floats) -> Floats:
    """The score of raw evidence; the table's straight lines in between, flat beyond it."""
    return np.asarray(np.interp(raw, RAW, SCORE))


def raw_at(score: float) -> float:
    """The raw evidence that has this score."""
    return float(np.interp(score, SCORE, RAW))


@lru_cache(maxsize=64)
def band_z(score: float) -> float:
    """How many normal scores from the expectation a value must lie to reach that score alone."""
    return z_of_log10(-raw_at(score))
