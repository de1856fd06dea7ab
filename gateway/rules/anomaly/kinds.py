"""What sort an anomaly is and when it began, from what was known on that day."""

from dataclasses import dataclass

import numpy as np

from gateway.rules.anomaly.grid import Floats, Grid, Ints
from gateway.rules.anomaly.model import Kind
from gateway.rules.anomaly.track import Track

FACTOR_FROM = 36.0
"""From this factor on a single value is a wrong unit: between the largest spikes known (about 15)
and a factor of 100 (cents, yen), less what noise takes from it."""
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
RAMP_WINS, RAMP_WINS_LATE = 0.35, 0.8
"""Log-likelihood in favour of a jump below which it is called a drift all the same: a jump is
mostly noticed within a few steps, so one that would be nine steps old is probably none."""


@dataclass(frozen=True, slots=True)
class Sort:
    """The kind, the first step of it, and how many learnt steps it has lasted."""

    kind: Kind
    start: int
    steps: int


def sort_of(track: Track, grid: Grid, k: int) -> Sort:
    """The sort of the anomaly at position k of the track.

    1. no value: MISSING_DATA. 2. equal values in a row: STUCK. 3. off by a factor that
    no shopper makes: SCALE_ERROR. 4. short, or carried by the last step, or nothing but zeros:
    SPIKE or DROP.
    5. longer: LEVEL_SHIFT or TREND_CHANGE, whichever fits the deviations better.
    """
    i, up = track.first + k, bool(track.sign[k] > 0)
    if track.missing[k]:
        return Sort(Kind.MISSING_DATA, i, 1)
    learnt = np.flatnonzero(track.walked.learnt[: i + 1])
    if track.run[k]:
        run = int(track.run[k])
        return Sort(Kind.STUCK, int(learnt[-run]), run)
    if track.reference[k] > 0 and _is_factor(track, grid, k):
        return Sort(Kind.SCALE_ERROR, i, 1)
    single = Kind.SPIKE if up else Kind.DROP
    span = int(track.span[k])
    if not track.walked.learnt[i] or track.reference[k] <= 0:
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
    return max(value / mean, mean / value) >= FACTOR_FROM


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
    longest = min(size - 1, max(2 * span, 2 * SLOW_STEPS))
    jump, jump_steps = min((_jump_error(gaps, n), n) for n in range(2, longest + 1))
    ramp, ramp_steps = min(
        ((_ramp_error(gaps, n), n) for n in range(SLOW_STEPS, longest + 1)),
        default=(np.inf, SLOW_STEPS),
    )
    for_jump = size / 2 * np.log(max(ramp, 1e-9) / max(jump, 1e-9))
    slow = for_jump < (RAMP_WINS if jump_steps < SLOW_STEPS - 1 else RAMP_WINS_LATE)
    steps = ramp_steps if slow else jump_steps
    kind = Kind.TREND_CHANGE if slow else Kind.LEVEL_SHIFT
    return Sort(kind, int(learnt[-steps]), steps)


def _jump_error(gaps: Floats, steps: int) -> float:
    tail = gaps[-steps:]
    return float(np.sum(gaps[:-steps] ** 2) + np.sum((tail - max(tail.mean(), 0.0)) ** 2))


def _ramp_error(gaps: Floats, steps: int) -> float:
    tail, rise = gaps[-steps:], np.arange(1, steps + 1) / steps
    slope = max(float(tail @ rise) / float(rise @ rise), 0.0)
    return float(np.sum(gaps[:-steps] ** 2) + np.sum((tail - slope * rise) ** 2))
