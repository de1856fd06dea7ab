"""The judgement of every point from the points before it."""

from dataclasses import dataclass

import numpy as np

from gateway.rules.anomaly.grid import Bools, Floats, Grid, Ints


@dataclass(frozen=True, slots=True)
class Track:
    """What the engine thinks of each step, each made from earlier steps and the step itself.

    `score` is NaN where a step was not judged. `span`: how many steps, ending with this one, the
    strongest evidence covers. `sign`: +1 above expectation, -1 below.
    """

    expected: Floats
    lower: Floats
    upper: Floats
    score: Floats
    span: Ints
    sign: Ints


def judge(grid: Grid, skip: Bools) -> Track:
    """Robust band per weekday over eight weeks."""
    size, period = grid.size, grid.period
    values = np.where(skip, np.nan, grid.values)
    expected, spread = np.full(size, np.nan), np.full(size, np.nan)
    for i in range(size):
        past = values[max(0, i - 8 * period) : i]
        same = past[::-1][period - 1 :: period]
        pool = same[~np.isnan(same)] if np.sum(~np.isnan(same)) >= 4 else past[~np.isnan(past)]
        if len(pool) >= 4 and i >= 14:
            expected[i] = np.median(pool)
            mad = 1.4826 * np.median(np.abs(pool - expected[i]))
            spread[i] = max(mad, 0.1 * abs(expected[i]), np.sqrt(max(abs(expected[i]), 1e-9)))
    z = (grid.values - expected) / spread
    score = np.where(skip, np.nan, np.minimum(np.abs(z), 30) / 2)
    sign = np.where(z < 0, -1, 1)
    return Track(
        expected, expected - 6 * spread, expected + 6 * spread, score, np.ones(size, np.int64), sign
    )
