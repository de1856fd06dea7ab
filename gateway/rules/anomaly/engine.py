"""The judgement of every step from the steps before it."""

import numpy as np

from gateway.rules.anomaly import evidence, signed, stuck, tails, thresholds, walk
from gateway.rules.anomaly.grid import Bools, Floats, Grid, Ints
from gateway.rules.anomaly.track import Known, Track
from gateway.rules.anomaly.tuning import TUNINGS
from gateway.rules.anomaly.walk import Walked

RARELY_MISSING = 0.02
MISSING_MEMORY = 90
OPEN = 0.1
"""A slot whose factor is below this has hardly any business: nobody misses its value."""
NEGATIVE_RAW = 6.0
"""Raw evidence of the first negative value in a series that never had one."""


def judge(grid: Grid, known: Known, first: int, threshold: float) -> Track:
    """Judges the steps from `first` on; `threshold` is the score at which the band ends."""
    tuning = TUNINGS[grid.index.interval]
    walked = walk.walk(grid, known.skip, tuning)
    found = evidence.weigh(grid.values, walked, tuning, first)
    z = thresholds.band_z(threshold)
    part = slice(first, None)
    values, profile, lattice = grid.values[part], walked.profile[part], walked.lattice[part]
    with np.errstate(all="ignore"):
        high, low = found.high * profile, found.low * profile
        upper = tails.value_at(z, high, lattice * high + found.spread * high * high)
        lower = tails.value_at(-z, low, lattice * low + found.spread * low * low)
        zero = tails.log10_zero(low, lattice * low + found.spread * low * low, lattice)
        zero = np.maximum(zero, np.log10(np.maximum(walked.zeros[part], 1e-9)))
        lower = np.where(zero >= tails.log10_normal_tail(np.array(z)), 0.0, lower)
    score = np.where(found.raw >= 0, thresholds.calibrate(found.raw), np.nan)
    track = Track(
        first=first,
        expected=walked.level[part] * profile,
        lower=np.minimum(lower, walked.level[part] * profile),
        upper=np.maximum(upper, walked.level[part] * profile),
        score=score,
        span=found.span,
        run=np.zeros(len(values), np.int64),
        sign=found.sign,
        reference=found.reference,
        alone=found.alone,
        missing=_missing(grid, walked, known)[part],
        walked=walked,
    )
    _add_special(track, grid, known)
    return signed.replace_where_negative(track, grid, known.skip, threshold)


def _add_special(track: Track, grid: Grid, known: Known) -> None:
    """Stuck runs, missing values, first negatives and event days, where they say more."""
    part = slice(track.first, None)
    values = grid.values[part]
    warm_up = TUNINGS[grid.index.interval].warm_up
    stuck_score, runs = stuck.weigh(grid.values, track.walked, warm_up, track.first)
    stuck_wins = (runs > 0) & (stuck_score > track.score)
    track.score[stuck_wins] = stuck_score[stuck_wins]
    track.run[stuck_wins] = runs[stuck_wins]
    first_negative = (values < 0) & ~np.isnan(track.score)
    track.score[first_negative] = np.maximum(
        track.score[first_negative], thresholds.calibrate(np.array(NEGATIVE_RAW))
    )
    track.span[first_negative & (track.sign > 0)] = 1  # what rose until then is another story
    track.sign[first_negative] = -1
    track.score[track.missing] = thresholds.MISSING_SCORE
    track.sign[track.missing] = -1
    _judge_events(track, values, known.only[part])


def _judge_events(track: Track, values: Floats, only: Ints) -> None:
    """A known promotion may lift sales, but a fall on its day is still told, and vice versa."""
    walked, first = track.walked, track.first
    for k in np.flatnonzero(only):
        i = first + int(k)
        value, mean = values[k : k + 1], track.expected[k : k + 1]
        if np.isnan(value[0]) or walked.level[i] <= 0:
            continue
        variance = walked.lattice[i] * mean + walked.spread[i] * mean * mean
        z = only[k] * tails.normal_score(value, mean, variance)
        log_tail = tails.log10_normal_tail(z)
        if only[k] < 0:
            zero = tails.log10_zero(mean, variance, walked.lattice[i : i + 1])
            log_tail = np.maximum(log_tail, zero)
        track.score[k] = thresholds.calibrate(-log_tail)[0] if z[0] > 0 else 0.0
        track.sign[k], track.span[k], track.reference[k] = only[k], 1, walked.level[i]


def _missing(grid: Grid, walked: Walked, known: Known) -> Bools:
    """Steps whose missing value is itself remarkable: few were missing before, none expected."""
    gone = np.isnan(grid.values)
    if not gone.any():
        return gone
    before = np.concatenate(([0], np.cumsum(gone)))[:-1]
    steps = np.arange(grid.size)
    start = np.maximum(steps - MISSING_MEMORY, 0)
    rarely = before - before[start] <= np.maximum(RARELY_MISSING * (steps - start), 0)
    warm = np.cumsum(walked.learnt) >= TUNINGS[grid.index.interval].warm_up
    return np.asarray(
        gone & rarely & warm & ~known.skip & (walked.level > 0) & (walked.profile > OPEN)
    )
