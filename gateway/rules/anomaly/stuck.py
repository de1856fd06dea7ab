"""Runs of one and the same value, which live sales do not produce for long.

The chance that a value equals the one before it comes from the noise model (a lattice of
spacing q and deviation s hit at its mode: q / (sqrt(2 pi) s)), from how often neighbours were
equal in this series and how often it held this very value (packs of twelve): whichever is
largest. Zeros are not counted: those are a stock-out, not a stuck feed.
"""

from collections import Counter
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


def weigh(values: Floats, walked: Walked, warm_up: int, first: int) -> tuple[Floats, Ints]:
    """The score of each step from `first` on as the end of a run, and its length (0: no run)."""
    size = len(values)
    score, runs = np.zeros(size), np.zeros(size, np.int64)
    at = np.flatnonzero(walked.learnt)
    if len(at) <= warm_up:
        return score[first:], runs[first:]
    learnt = values[at]
    same = np.concatenate(([False], (learnt[1:] == learnt[:-1]) & (learnt[1:] > 0)))
    begins = np.maximum.accumulate(np.where(same, -1, np.arange(len(at))))
    repeats = np.arange(len(at)) - begins
    ends = np.flatnonzero((repeats >= MIN_RUN - 1) & (begins >= warm_up) & (at >= first))
    equal_pairs = np.concatenate(([0], np.cumsum(same)))
    alike: Counter[float] = Counter()
    counted = 0
    for k in ends.tolist():
        begin = int(begins[k])
        alike.update(learnt[counted:begin].tolist())
        counted = begin
        often = max(alike[float(learnt[k])], int(equal_pairs[begin]))
        share = (often + 0.5) / (begin + PRIOR_PAIRS)
        chance = _chance(walked, int(at[begin]), share)
        score[at[k]] = -repeats[k] * np.log10(chance) - MARGIN
        runs[at[k]] = repeats[k] + 1
    return score[first:], runs[first:]


def _chance(walked: Walked, step: int, by_history: float) -> float:
    """How likely one repeat was, by what was known when the run began."""
    mean = walked.level[step] * walked.profile[step]
    deviation = sqrt(walked.lattice[step] * mean + walked.spread[step] * mean * mean)
    by_model = walked.lattice[step] / max(sqrt(2 * pi) * deviation, 1e-12)
    return float(min(max(by_model, by_history), MOST_LIKELY))
