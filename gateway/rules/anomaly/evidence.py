"""How unlikely each step is, alone and as the end of a window, given what was known before it."""

from dataclasses import dataclass

import numpy as np

from gateway.rules.anomaly import tails
from gateway.rules.anomaly import tuning as c
from gateway.rules.anomaly.grid import Bools, Floats, Ints
from gateway.rules.anomaly.tuning import Tuning
from gateway.rules.anomaly.walk import Walked

UNTESTED = -1.0
HALF = float(np.log10(0.5))


@dataclass(frozen=True, slots=True)
class Evidence:
    """The strongest evidence per judged step.

    `raw`: -log10 of the tail probability, not yet a false-alarm rate; `span`: the window's length;
    `sign`: +1 or -1; `reference`: the level the window was measured against. `alone`: the raw
    evidence of the step by itself. `high`, `low`: the levels its own value was measured against,
    `spread` the noise allowed for.
    """

    raw: Floats
    span: Ints
    sign: Ints
    reference: Floats
    alone: Floats
    high: Floats
    low: Floats
    spread: Floats


@dataclass(frozen=True, slots=True)
class Sums:
    """Running sums (one longer than the series), so that any window is a difference."""

    value: Floats
    clipped: Floats
    profile: Floats
    profile2: Floats
    learnt: Floats
    nonzero: Floats

    @classmethod
    def of(cls, values: Floats, walked: Walked) -> "Sums":
        """The sums over the learnt steps."""
        used = walked.learnt
        profile = np.where(used, walked.profile, 0.0)
        seen = np.where(used, np.maximum(values, 0.0), 0.0)
        columns = (
            seen,
            np.where(used, walked.clipped, 0.0),
            profile,
            profile * profile,
            used.astype(float),
            (seen != 0).astype(float),
        )
        table = np.zeros((len(columns), len(values) + 1))
        np.cumsum(np.stack(columns), axis=1, out=table[:, 1:])
        return cls(*table)


def weigh(values: Floats, walked: Walked, tuning: Tuning, first: int) -> Evidence:
    """The evidence at the steps from `first` on; each uses earlier steps and itself only."""
    size = len(values)
    windows = np.array(tuning.windows)[:, None]
    sums = Sums.of(values, walked)
    steps = np.arange(size)
    start = np.maximum(steps - windows + 1, 0)
    drift = _drift(sums, walked, tuning, start)[:, first:]
    steps, start = steps[first:], start[:, first:]
    high, low = _reference(walked.level, tuning, start)
    total = _window(sums.clipped, steps, start)
    total[0] = _window(sums.value, steps, start[:1])[0]
    shape, shape2 = _window(sums.profile, steps, start), _window(sums.profile2, steps, start)
    spread, lattice = walked.spread[start], walked.lattice[start]
    spread[0] += np.where(sums.learnt[steps] < tuning.warm_up, c.COLD_SPREAD, 0.0)
    with np.errstate(all="ignore"):
        mean_up, mean_low = high * shape, low * shape
        noise_up = spread * high * high * shape2 + c.UPWARD_CAUTION * drift * mean_up * mean_up
        noise_low = spread * low * low * shape2 + drift * mean_low * mean_low
        up = _upper(total, mean_up, lattice * mean_up + noise_up)
        lower = _lower(total, mean_low, (noise_low, lattice))
        count = _window(sums.learnt, steps, start)
        empty = _window(sums.nonzero, steps, start) == 0
        by_zeros = count * np.log10(np.maximum(walked.zeros[start], 1e-9))
        lower = np.where(empty, np.maximum(lower, by_zeros), lower)
        raw = -np.minimum(up, lower)
        above = up < lower
        gap = total - np.where(above, mean_up, mean_low)
        mean_last = np.where(above, high, low) * walked.profile[steps]
        last = np.where(walked.learnt[steps], walked.clipped[steps] - mean_last, 0.0)
        echo = last * np.sign(gap) * count < c.ECHO_SHARE * np.abs(gap)
    echo &= (windows > 1) & (windows <= tuning.echo_windows)
    raw = np.where(echo, 0.0, raw)
    raw = np.where(_testable(walked, tuning, (steps, start, count, shape)), raw, UNTESTED)
    best = raw.argmax(axis=0)
    pick = (best, np.arange(len(steps)))
    above = above[pick]
    return Evidence(
        raw=raw[pick],
        span=np.array(tuning.windows)[best],
        sign=np.where(above, 1, -1),
        reference=np.where(above, high[pick], low[pick]),
        alone=raw[0],
        high=high[0],
        low=low[0],
        spread=spread[0],
    )


def _window(sums: Floats, steps: Ints, start: Ints) -> Floats:
    return np.asarray(sums[steps + 1] - sums[start])


def _testable(walked: Walked, tuning: Tuning, facts: tuple[Ints, Ints, Floats, Floats]) -> Bools:
    """A window must end in a learnt step, be well filled, and not reach behind a new level."""
    steps, start, count, shape = facts
    known_steps = np.concatenate(([0], np.cumsum(walked.learnt)))
    windows = np.array(tuning.windows)[:, None]
    filled = count >= c.MIN_COVERAGE * windows
    after = start > walked.rebased[steps]
    after[0] = True
    warm = known_steps[start] >= tuning.warm_up
    warm[0] = known_steps[start[0]] >= c.COLD_STEPS
    known = warm & (walked.level[start] > 0) & (shape > 0)
    return np.asarray(walked.learnt[steps] & filled & after & known)


def _reference(level: Floats, tuning: Tuning, start: Ints) -> tuple[Floats, Floats]:
    """The highest and lowest level before the window and at the look-backs before that."""
    warm = tuning.warm_up
    back = np.arange(len(level)) - np.array(tuning.lookback)[:, None]
    asked = level[np.maximum(back, np.minimum(warm - 1, np.arange(len(level))))]
    own = level[start]
    trust = np.array(tuning.trust)[:, None]
    high, low = asked.max(axis=0)[start], asked.min(axis=0)[start]
    return own + trust * (high - own), own + trust * (low - own)


def _drift(sums: Sums, walked: Walked, tuning: Tuning, start: Ints) -> Floats:
    """Squared relative drift of the level over each window, from the series' own earlier windows.

    The mean over all windows that ended before this one began, drawn to the prior.
    """
    size = len(walked.level)
    steps, windows = np.arange(size), np.array(tuning.windows)[:, None]
    level = walked.level[start]
    mean = level * _window(sums.profile, steps, start)
    count = _window(sums.learnt, steps, start)
    with np.errstate(all="ignore"):
        gap = (_window(sums.clipped, steps, start) - mean) / mean
        gap = np.clip(gap, -c.MAX_DEVIATION, c.MAX_DEVIATION)
        noise = walked.lattice[start] / mean + walked.spread[start] * (
            level * level * _window(sums.profile2, steps, start)
        ) / (mean * mean)
    usable = _testable(walked, tuning, (steps, start, count, mean))
    excess = np.where(usable, gap * gap - np.minimum(noise, c.MAX_DEVIATION**2), 0.0)
    table = np.zeros((2, len(windows), size + 1))
    np.cumsum(excess, axis=1, out=table[0, :, 1:])
    np.cumsum(usable, axis=1, out=table[1, :, 1:])
    learnt = np.take_along_axis(table, start[None], axis=2) / windows
    prior = np.array(tuning.drift)[:, None] ** 2
    mean_drift = (learnt[0] + c.DRIFT_PRIOR_WINDOWS * prior) / (learnt[1] + c.DRIFT_PRIOR_WINDOWS)
    result = np.maximum(mean_drift, 0.36 * prior)
    result[0] = 0.0
    return np.asarray(result)


def _upper(total: Floats, mean: Floats, variance: Floats) -> Floats:
    z = tails.normal_score(total, mean, variance)
    return np.where(z > 0, tails.log10_normal_tail(z), HALF)


def _lower(total: Floats, mean: Floats, noise: tuple[Floats, Floats]) -> Floats:
    """As `_upper`, but never below the chance of an exact zero, which counts half at zero."""
    excess, lattice = noise
    variance = lattice * mean + excess
    z = tails.normal_score(total, mean, variance)
    log_tail = np.where(z < 0, tails.log10_normal_tail(-z), HALF)
    zero = tails.log10_zero(mean, variance, lattice)
    return np.maximum(log_tail, np.where(total <= 0, zero + HALF, zero))
