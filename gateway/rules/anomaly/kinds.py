"""What sort an anomaly is and when it began, from what was known on that day."""

from dataclasses import dataclass
from math import log10

import numpy as np

from gateway.rules.anomaly.grid import Floats, Grid, Ints
from gateway.rules.anomaly.model import Kind
from gateway.rules.anomaly.track import Track

FACTORS = (2.0, 3.0)
"""Wrong units come as factors of 100 (cents, yen) and 1,000 (kilo, thousands separator)."""
FACTOR_SLACK = 0.45
"""How far (log10) a value may lie from such a factor: half-way to the next power of ten."""
FEWEST_UNITS = 30.0
"""Expected multiples of the lattice below which a hundredth cannot be told from a bad day."""
SHORT = 2
"""Windows up to this long are a spike or a drop, as long as nothing before was unusual too."""
ONE_DAY_SHARE = 0.75
"""Share of a window's deviation in its last step from which it is that step's own."""
LOOK_BACK = 45
"""Steps that are searched for the beginning of a lasting change."""
SLOW_STEPS = 10
"""A drift needs at least this many steps to be told from a jump."""


@dataclass(frozen=True, slots=True)
class Sort:
    """The kind, the first step of it, and how many learnt steps it has lasted."""

    kind: Kind
    start: int
    steps: int


def sort_of(track: Track, grid: Grid, k: int) -> Sort:
    """The sort of the anomaly at position k of the track.

    1. no value: MISSING_DATA. 2. equal values in a row: STUCK. 3. off by 100 or 1,000:
    SCALE_ERROR. 4. short, or carried by the last step, or nothing but zeros: SPIKE or DROP.
    5. longer: LEVEL_SHIFT or TREND_CHANGE, whichever fits the deviations better.
    """
    i, up = track.first + k, bool(track.sign[k] > 0)
    if track.missing[k]:
        return Sort(Kind.MISSING_DATA, i, 1)
    learnt = np.flatnonzero(track.walked.learnt[: i + 1])
    if track.run[k]:
        run = int(track.run[k])
        return Sort(Kind.STUCK, int(learnt[-run]), run)
    if _is_factor(track, grid, k):
        return Sort(Kind.SCALE_ERROR, i, 1)
    single = Kind.SPIKE if up else Kind.DROP
    span = int(track.span[k])
    if not track.walked.learnt[i]:
        return Sort(single, i, 1)
    gaps = _deviations(track, k, learnt)
    if span > 1 and not np.any(grid.values[learnt[-span:]] > 0):
        return Sort(single, *_zero_run(grid, learnt))
    if span <= SHORT or _own(gaps[-span:], track, k):
        lasting = _lasting(gaps, track, i)
        if not lasting:
            steps = span if span <= SHORT and not _own(gaps[-span:], track, k) else 1
            return Sort(single, int(learnt[-steps]), steps)
    return _change(gaps, learnt, span)


def _is_factor(track: Track, grid: Grid, k: int) -> bool:
    i = track.first + k
    value, mean = float(grid.values[i]), float(track.reference[k] * track.walked.profile[i])
    if value <= 0 or mean <= 0 or track.alone[k] < 3:
        return False
    if value < mean < FEWEST_UNITS * track.walked.lattice[i]:
        return False
    power = abs(log10(value / mean))
    return any(abs(power - f) <= FACTOR_SLACK for f in FACTORS)


def _deviations(track: Track, k: int, learnt: Ints) -> Floats:
    """Signed relative deviation of the latest learnt steps from the reference, last one last."""
    latest = learnt[-LOOK_BACK:]
    mean = np.maximum(track.reference[k] * track.walked.profile[latest], 1e-12)
    # the sums' clipped values, so that one extreme step does not decide about a lasting change
    gaps = track.walked.clipped[latest] / mean - 1
    return np.asarray(np.clip(gaps, -1.0, 3.0) * track.sign[k])


def _own(gaps: Floats, track: Track, k: int) -> bool:
    """Whether the last step alone carries the window."""
    total = float(gaps.sum())
    return bool(track.alone[k] >= 2 and total > 0 and gaps[-1] >= ONE_DAY_SHARE * total)


def _lasting(gaps: Floats, track: Track, i: int) -> bool:
    """Whether at least three of the four steps before deviate the same way, beyond the noise."""
    before = gaps[-5:-1]
    noise = float(np.sqrt(track.walked.spread[i]))
    return bool(np.sum(before > 0.5 * noise) >= 3 and before.mean() > noise)


def _zero_run(grid: Grid, learnt: Ints) -> tuple[int, int]:
    positive = np.flatnonzero(grid.values[learnt] > 0)
    first = int(positive[-1]) + 1 if len(positive) else 0
    return int(learnt[first]), len(learnt) - first


def _change(gaps: Floats, learnt: Ints, span: int) -> Sort:
    """A jump or a ramp: the better of the two least-squares fits over every possible beginning."""
    size = len(gaps)
    longest = min(size - 1, max(2 * span, 14))
    jump = min(((_jump_error(gaps, n), n) for n in range(2, longest + 1)), default=(0.0, 1))
    ramp = min(
        ((_ramp_error(gaps, n), n) for n in range(SLOW_STEPS, longest + 1)),
        default=(np.inf, 1),
    )
    slow = span >= 14 and ramp[0] < jump[0]
    steps = ramp[1] if slow else jump[1]
    kind = Kind.TREND_CHANGE if slow else Kind.LEVEL_SHIFT
    return Sort(kind, int(learnt[-steps]), steps)


def _jump_error(gaps: Floats, steps: int) -> float:
    tail = gaps[-steps:]
    return float(np.sum(gaps[:-steps] ** 2) + np.sum((tail - max(tail.mean(), 0.0)) ** 2))


def _ramp_error(gaps: Floats, steps: int) -> float:
    tail, rise = gaps[-steps:], np.arange(1, steps + 1) / steps
    slope = max(float(tail @ rise) / float(rise @ rise), 0.0)
    return float(np.sum(gaps[:-steps] ** 2) + np.sum((tail - slope * rise) ** 2))
