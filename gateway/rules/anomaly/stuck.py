"""Runs of one and the same value, which live sales do not produce for long.

The chance that a value equals the one before it comes from the noise model (a lattice of
spacing q and deviation s hit twice: q / (2 sqrt(pi) s)) and from how often it has happened in
this series, whichever is larger. Zeros are not counted: those are a stock-out, not a stuck feed.
"""

from math import pi, sqrt

import numpy as np

from gateway.rules.anomaly.grid import Floats, Ints
from gateway.rules.anomaly.walk import Walked

MIN_RUN = 3
"""Equal values in a row before anything is said."""
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
        chance = _chance(walked, int(at[broken[k]]), (int(equal[broken[k]]), int(broken[k])))
        score[at[k]] = -repeats[k] * np.log10(chance)
        runs[at[k]] = repeats[k] + 1
    return score, runs


def _chance(walked: Walked, step: int, seen: tuple[int, int]) -> float:
    """How likely one repeat was, by what was known when the run began."""
    equal, pairs = seen
    mean = walked.level[step] * walked.profile[step]
    deviation = sqrt(walked.lattice[step] * mean + walked.spread[step] * mean * mean)
    by_model = walked.lattice[step] / max(2 * sqrt(pi) * deviation, 1e-12)
    by_history = (equal + 0.5) / (pairs + PRIOR_PAIRS)
    return float(min(max(by_model, by_history), MOST_LIKELY))
