"""How unlikely each step is, alone and as the end of a window, given what was known before it."""

from dataclasses import dataclass, fields

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
class Windows:
    """Every window (row) ending at every step (column).

    `start`: its first step. `total`: the sum of its values (clipped, if it is longer than one
    step). `count`: how many steps were learnt from, `nonzero` of them not zero. `shape`,
    `shape2`: sums of the profile and of its square. `usable`: it may be tested.
    """

    start: Ints
    total: Floats
    count: Floats
    nonzero: Floats
    shape: Floats
    shape2: Floats
    usable: Bools

    @classmethod
    def of(cls, values: Floats, walked: Walked, tuning: Tuning) -> "Windows":
        """All windows, as differences of running sums."""
        used, size, lengths = walked.learnt, len(values), np.array(tuning.windows)[:, None]
        profile = np.where(used, walked.profile, 0.0)
        seen = np.where(used, np.maximum(values, 0.0), 0.0)
        sums = np.zeros((5, size + 1))
        columns = (walked.clipped, used, seen != 0, profile, profile * profile)
        np.cumsum(np.stack(columns), axis=1, out=sums[:, 1:])
        start = np.maximum(np.arange(size) - lengths + 1, 0)
        total, count, nonzero, shape, shape2 = sums[:, None, 1:] - sums.take(start, axis=1)
        total[0] = seen
        warm = sums[1].take(start) >= tuning.warm_up
        warm[0] = sums[1, :-1] >= c.COLD_STEPS
        after = start > walked.rebased
        after[0] = True
        filled = count >= c.MIN_COVERAGE * lengths
        usable = used & filled & after & warm & (walked.level.take(start) > 0) & (shape > 0)
        return cls(start, total, count, nonzero, shape, shape2, usable)

    def since(self, first: int) -> "Windows":
        """Only those that end at step `first` or later."""
        return Windows(*(getattr(self, f.name)[:, first:] for f in fields(self)))


def weigh(values: Floats, walked: Walked, tuning: Tuning, first: int) -> Evidence:
    """The evidence at the steps from `first` on; each uses earlier steps and itself only."""
    with np.errstate(all="ignore"):
        windows = Windows.of(values, walked, tuning)
        drift = _drift(windows, walked, tuning)[:, first:]
        high, low = (levels[:, first:] for levels in _reference(walked.level, tuning, windows))
        windows, steps = windows.since(first), np.arange(first, len(values))
        spread = walked.spread.take(windows.start)
        warm = np.cumsum(walked.learnt)[steps] > tuning.warm_up
        spread[0] += np.where(warm, 0.0, c.COLD_SPREAD)
        tails_of = _Tails(windows, walked, spread, drift)
        up, lower = tails_of.upper(high), tails_of.lower(low)
        above = up < lower
        reference = np.where(above, high, low)
        raw = -np.minimum(up, lower)
        raw[_echoes(windows, walked, tuning, reference)] = 0.0
        raw[~windows.usable] = UNTESTED
    pick = (raw.argmax(axis=0), np.arange(len(steps)))
    return Evidence(
        raw=raw[pick],
        span=np.array(tuning.windows)[pick[0]],
        sign=np.where(above[pick], 1, -1),
        reference=reference[pick],
        alone=raw[0],
        high=high[0],
        low=low[0],
        spread=spread[0],
    )


def _echoes(windows: Windows, walked: Walked, tuning: Tuning, reference: Floats) -> Bools:
    """Short windows whose last step is ordinary: an earlier step has told it already."""
    gap = windows.total - reference * windows.shape
    part = slice(-gap.shape[1], None)
    last = walked.clipped[part] - reference * walked.profile[part]
    echo = last * np.sign(gap) * windows.count < c.ECHO_SHARE * np.abs(gap)
    lengths = np.array(tuning.windows)[:, None]
    return np.asarray(echo & (lengths > 1) & (lengths <= tuning.echo_windows))


def _reference(level: Floats, tuning: Tuning, windows: Windows) -> tuple[Floats, Floats]:
    """The highest and lowest level before the window and at the look-backs before that."""
    steps = np.arange(len(level))
    back = steps - np.array(tuning.lookback)[:, None]
    asked = level.take(np.maximum(back, np.minimum(tuning.warm_up - 1, steps)))
    own = level.take(windows.start)
    trust = np.array(tuning.trust)[:, None]
    high, low = asked.max(axis=0).take(windows.start), asked.min(axis=0).take(windows.start)
    return own + trust * (high - own), own + trust * (low - own)


def _drift(windows: Windows, walked: Walked, tuning: Tuning) -> Floats:
    """Squared relative drift of the level over each window, from the series' own earlier windows.

    The mean over all windows that ended before this one began, drawn to the prior.
    """
    start, lengths = windows.start, np.array(tuning.windows)[:, None]
    mean = walked.level.take(start) * windows.shape
    gap = np.clip(windows.total / mean - 1, -c.MAX_DEVIATION, c.MAX_DEVIATION)
    noise = walked.lattice.take(start) / mean
    noise += walked.spread.take(start) * windows.shape2 / (windows.shape * windows.shape)
    excess = gap * gap - np.minimum(noise, c.MAX_DEVIATION**2)
    sums = np.zeros((2, len(lengths), start.shape[1] + 1))
    np.cumsum(np.where(windows.usable, excess, 0.0), axis=1, out=sums[0, :, 1:])
    np.cumsum(windows.usable, axis=1, out=sums[1, :, 1:])
    learnt = np.take_along_axis(sums, start[None], axis=2) / lengths
    prior, worth = np.array(tuning.drift)[:, None] ** 2, c.DRIFT_PRIOR_WINDOWS
    result = (learnt[0] + worth * prior) / (learnt[1] + worth)
    result = np.maximum(result, c.LEAST_DRIFT * prior)
    result[0] = 0.0
    return np.asarray(result)


@dataclass(frozen=True, slots=True)
class _Tails:
    """The two tails of each window's total, as log10, for a given reference level."""

    windows: Windows
    walked: Walked
    spread: Floats
    drift: Floats

    def upper(self, level: Floats) -> Floats:
        mean, excess, lattice = self._moments(level, c.UPWARD_CAUTION)
        z = tails.normal_score(self.windows.total, mean, lattice * mean + excess)
        return np.where(z > 0, tails.log10_normal_tail(z), HALF)

    def lower(self, level: Floats) -> Floats:
        """Never below the chance of an exact zero, which counts half at zero.

        Nor below what the series' own share of zeros says.
        """
        mean, excess, lattice = self._moments(level, 1.0)
        windows, variance = self.windows, lattice * mean + excess
        z = tails.normal_score(windows.total, mean, variance)
        log_tail = np.where(z < 0, tails.log10_normal_tail(-z), HALF)
        zero = tails.log10_zero(mean, variance, lattice)
        log_tail = np.maximum(log_tail, np.where(windows.total <= 0, zero + HALF, zero))
        return np.maximum(log_tail, self._by_zeros(mean, excess, lattice))

    def _by_zeros(self, mean: Floats, excess: Floats, lattice: Floats) -> Floats:
        """The tail if zeros come at the series' own rate, whatever the model says of them.

        Chernoff's bound for as many zeros (or more) as the window has, times the tail of what is
        left among the other steps.
        """
        windows, count = self.windows, self.windows.count
        rate = np.clip(self.walked.zeros.take(windows.start), 1e-9, 0.99)
        rest = windows.nonzero / count
        share = np.maximum(1 - rest, rate)
        surprise = share * np.log(share / rate)
        surprise += (1 - share) * np.log(np.maximum(1 - share, 1e-9) / (1 - rate))
        mean_rest = mean * rest / (1 - rate)
        own = excess / (mean * mean) * count
        spread = np.maximum(
            (1 + own) * (1 - rate) - 1, np.minimum(own, c.LEAST_SPREAD_BESIDE_ZEROS)
        )
        spread /= np.maximum(windows.nonzero, 1)
        z = tails.normal_score(
            windows.total, mean_rest, lattice * mean_rest + spread * mean_rest * mean_rest
        )
        log_rest = np.where((z < 0) & (rest > 0), tails.log10_normal_tail(-z), 0.0)
        return np.asarray(log_rest - count * surprise * tails.LOG10_E)

    def _moments(self, level: Floats, caution: float) -> tuple[Floats, Floats, Floats]:
        """Mean of the total, its variance beyond Poisson's, and the lattice."""
        mean = level * self.windows.shape
        excess = self.spread * level * level * self.windows.shape2
        excess += caution * self.drift * mean * mean
        return mean, excess, self.walked.lattice.take(self.windows.start)
