"""Runs of one and the same value, which live sales do not produce for long.

The chance that a value equals the one before it comes from the noise model (a lattice of
spacing q and deviation s hit at its mode: q / (sqrt(2 pi) s)), from how often neighbours were
equal in this series and how often it held this very value (packs of twelve): whichever is
largest. Zeros are not counted: those are a stock-out, not a stuck feed.
"""

from math import pi, sqrt

import numpy as np

from gateway.rules.anomaly.grid import Floats, Ints
from gateway.rules.anomaly.walk import Walked

MIN_RUN = 3
"""Equal values in a row before anything is said."""
MARGIN = 0.2
"""Taken off the score, because the noise around a steady level is often less than estimated."""
MOST_LIKELY = 0.9
PRIOR_PAIRS = 5.0
"""Pairs of unequal neighbours that the empirical share starts from (with half an equal one)."""


def weigh(values: Floats, walked: Walked, warm_up: int) -> tuple[Floats, Ints]:
    """The score of each step as the end of a run, and the run's length (0: no run)."""
    size = len(values)
    score, runs = np.zeros(size), np.zeros(size, np.int64)
    at = np.flatnonzero(walked.learnt)
    if len(at) <= warm_up:
        return score, runs
    same = np.zeros(len(at), bool)
    same[1:] = (values[at][1:] == values[at][:-1]) & (values[at][1:] > 0)
    order = np.arange(len(at))
    broken = np.maximum.accumulate(np.where(same, -1, order))
    repeats = order - broken
    ends = np.flatnonzero((repeats >= MIN_RUN - 1) & (broken >= warm_up))
    equal = np.concatenate(([0], np.cumsum(same)))
    for k in ends:
        begin = int(broken[k])
        alike = int(np.sum(values[at[:begin]] == values[at[k]]))
        share = (max(alike, int(equal[begin])) + 0.5) / (begin + PRIOR_PAIRS)
        score[at[k]] = -repeats[k] * np.log10(_chance(walked, int(at[begin]), share)) - MARGIN
        runs[at[k]] = repeats[k] + 1
    return score, runs


def _chance(walked: Walked, step: int, by_history: float) -> float:
    """How likely one repeat was, by what was known when the run began."""
    mean = walked.level[step] * walked.profile[step]
    deviation = sqrt(walked.lattice[step] * mean + walked.spread[step] * mean * mean)
    by_model = walked.lattice[step] / max(sqrt(2 * pi) * deviation, 1e-12)
    return float(min(max(by_model, by_history), MOST_LIKELY))
