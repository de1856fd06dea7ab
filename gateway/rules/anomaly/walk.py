"""One pass over a series: before each step what was expected, after it what was learnt.

Level: four exponentially weighted means mixed by their recent loss. Profile: one factor per slot
of the season, drawn to flat (or, by the hour, to the hour's own factor) while little is known.
Spread: over-dispersion beyond Poisson. Values are clipped before they teach, so that an anomaly
does not become the norm, and the level is set anew once a change has lasted. Nothing here looks
ahead: entry i of every array was fixed before value i was seen.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np

from gateway.rules.anomaly import tuning as c
from gateway.rules.anomaly.grid import Bools, Floats, Grid, Ints
from gateway.rules.anomaly.tuning import Tuning

CLOSED_CHANCE = log(0.01)
"""A run of zeros in one slot less likely than this means closed, not unlucky."""
SETTLING = 7
"""Learnt steps that only found the level, before anything else is learnt."""
SMALLEST_MEAN = 1e-9
"""Expected values below teach nothing about the relative noise."""
SMALLEST_LATTICE = 1e-6
"""Values whose common divisor is smaller than this share of them are amounts, not counts."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What was known before each step.

    `level` x `profile` is the expected value; `spread` the squared relative noise beyond Poisson;
    `lattice` the common divisor of the values so far (0: none); `zeros` the share of zeros.
    `learnt[i]`: the step was open, present and no event. `clipped`: its value, cut for sums.
    `rebased[i]`: the last step at which the level had been set anew.
    """

    level: Floats
    profile: Floats
    spread: Floats
    lattice: Floats
    zeros: Floats
    learnt: Bools
    closed: Bools
    clipped: Floats
    rebased: Ints


def walk(grid: Grid, skip: Bools, tuning: Tuning) -> Walked:  # noqa: C901, PLR0912, PLR0915
    """Walks the grid; steps in `skip` (known events) are neither judged nor learnt.

    One long loop on local numbers by measurement: with a method per concern it takes three times
    as long, and a judgement of the last of 400 days shall cost 2 ms.
    """
    size, period = grid.size, grid.period
    a1, a2, a3, a4 = (1 - 0.5 ** (1 / h) for h in tuning.level_half_lives)
    plain_mean = 1 / a4  # until then the slowest level is the plain mean of all it has seen
    spread_count_max = 1 / (1 - 0.5 ** (1 / tuning.spread_half_life))
    zero_keep = 0.5 ** (1 / c.ZERO_HALF_LIFE)
    keep, prior, loss_keep = tuning.profile_memory, c.PRIOR_VISITS, c.LOSS_MEMORY
    clip_sd, window_clip_sd, sharpness = c.CLIP_SD, c.WINDOW_CLIP_SD, -c.MIX_SHARPNESS
    zero_prior, min_spread = c.ZERO_PRIOR_STEPS, c.MIN_SPREAD
    span, closed_after = tuning.rebase_after, tuning.closed_after
    rebase_sum = c.REBASE_Z * sqrt(span)
    hours = _Hours() if period > 24 else None

    l1 = l2 = l3 = l4 = level = 0.0
    e1 = e2 = e3 = e4 = 0.0
    profile, slot_sum, slot_base = [1.0] * period, [0.0] * period, [0.0] * period
    zero_run = [0] * period
    spread, spread_count, lattice = c.PRIOR_SPREAD, c.PRIOR_SPREAD_STEPS, 0.0
    zero_sum = zero_count = zero_share = deviation_sum = 0.0
    seen = rebased = 0
    varied, first = False, 0.0
    deviations: list[float] = []
    recent: list[float] = []
    levels, profiles, spreads = [0.0] * size, [0.0] * size, [0.0] * size
    lattices, zeros, clips = [0.0] * size, [0.0] * size, [0.0] * size
    rebases = [0] * size
    learnt, closed = [False] * size, [False] * size

    i = -1
    blind = (skip | np.isnan(grid.values)).tolist()
    values = np.maximum(grid.values, 0.0).tolist()  # a return teaches as a day without sales
    for x, slot, unseen in zip(values, grid.slot.tolist(), blind, strict=True):
        i += 1
        factor = profile[slot]
        levels[i], profiles[i], spreads[i] = level, factor, spread
        lattices[i], zeros[i], rebases[i] = lattice, zero_share, rebased
        if unseen:
            continue
        if x == 0.0:
            run = zero_run[slot]
            zero_run[slot] = run + 1
            if run >= closed_after and run * log(zero_share + 1e-9) < CLOSED_CHANCE:
                closed[i] = True
                continue
        else:
            zero_run[slot] = 0
            if lattice > 0.0 and x % lattice > 1e-9 * x:
                lattice = _divisor(lattice, x)
        if not varied:
            varied = seen > 0 and x != first
            lattice, first = _divisor(max(x, first), min(x, first)) if varied else 0.0, x
        learnt[i] = True
        seen += 1
        mean = level * factor
        if seen > SETTLING:
            poisson, square = lattice * mean, mean * mean
            variance = poisson + spread * square + 1e-12
            deviation = sqrt(variance)
            gap = x - mean
            reach = clip_sd * deviation
            clipped = (
                x
                if -reach < gap < reach + lattice
                else mean - reach
                if gap < 0.0
                else mean + reach + lattice
            )
            ceiling = mean + window_clip_sd * deviation + 2 * lattice
            clips[i] = x if x < ceiling else ceiling
            z = gap / deviation
            z = 4.0 if z > 4.0 else -4.0 if z < -4.0 else z
            if mean > SMALLEST_MEAN:
                if spread_count < spread_count_max:
                    spread_count += 1.0
                off = clipped - mean
                excess = (off * off - poisson) / square
                spread += (excess - spread) * mean / ((mean + 3 * lattice) * spread_count)
                if spread < min_spread:
                    spread = min_spread
            precision = 1.0 / variance
            off = clipped - l1 * factor
            e1 = e1 * loss_keep + off * off * precision
            off = clipped - l2 * factor
            e2 = e2 * loss_keep + off * off * precision
            off = clipped - l3 * factor
            e3 = e3 * loss_keep + off * off * precision
            off = clipped - l4 * factor
            e4 = e4 * loss_keep + off * off * precision
        else:
            clips[i] = clipped = x
            z = 0.0
        zero_count = zero_count * zero_keep + 1.0
        zero_sum = zero_sum * zero_keep + (x == 0.0)
        zero_share = zero_sum / (zero_count + zero_prior)
        even = clipped / factor if factor > 0.05 else level
        if seen > plain_mean:
            l1 += (even - l1) * a1
            l2 += (even - l2) * a2
            l3 += (even - l3) * a3
            l4 += (even - l4) * a4
        else:
            least = 1.0 / seen
            l1 += (even - l1) * max(a1, least)
            l2 += (even - l2) * max(a2, least)
            l3 += (even - l3) * max(a3, least)
            l4 += (even - l4) * max(a4, least)
        best = e1 if e1 < e2 else e2
        best = best if best < e3 else e3
        best = best if best < e4 else e4
        w1, w2 = exp(sharpness * (e1 - best)), exp(sharpness * (e2 - best))
        w3, w4 = exp(sharpness * (e3 - best)), exp(sharpness * (e4 - best))
        level = (w1 * l1 + w2 * l2 + w3 * l3 + w4 * l4) / (w1 + w2 + w3 + w4)
        if level > 0.0:
            total = slot_sum[slot] = slot_sum[slot] * keep + clipped
            base = slot_base[slot] = slot_base[slot] * keep + level
            weight = prior * level
            shape = hours.learn(slot, clipped, level) if hours else 1.0
            profile[slot] = (weight * shape + total) / (weight + base)
            if slot % 7 == 0 and seen > 2 * SETTLING:
                scale = period / sum(profile)
                profile = [f * scale for f in profile]
        recent.append(x / factor if factor > 0.05 else level)
        deviations.append(z)
        deviation_sum += z
        if len(deviations) > span:
            deviation_sum -= deviations[-span - 1]
        if not -rebase_sum <= deviation_sum <= rebase_sum and i - rebased >= span:
            level = l1 = l2 = l3 = l4 = _new_level(recent[-span:])
            e1 = e2 = e3 = e4 = deviation_sum = 0.0
            rebased = i
            deviations = []
    return Walked(
        level=np.array(levels),
        profile=np.array(profiles),
        spread=np.array(spreads),
        lattice=np.array(lattices),
        zeros=np.array(zeros),
        learnt=np.array(learnt, bool),
        closed=np.array(closed, bool),
        clipped=np.array(clips),
        rebased=np.array(rebases, np.int64),
    )


def _divisor(a: float, b: float) -> float:
    """The common divisor of two numbers, 0 when it is too small to matter."""
    tolerance = SMALLEST_LATTICE * b
    while b > tolerance:
        a, b = b, a % b
    return a if a > 1e-3 * tolerance / SMALLEST_LATTICE else 0.0


def _new_level(values: list[float]) -> float:
    """Half-way between median and mean: robust, but not blind to half of the values."""
    ordered = sorted(values)
    return (ordered[len(ordered) // 2] + sum(values) / len(values)) / 2


class _Hours:
    """The factor of each hour of the day, learnt seven times as fast as the hour of the week."""

    def __init__(self) -> None:
        self._sums = [0.0] * 24
        self._bases = [0.0] * 24

    def learn(self, slot: int, value: float, level: float) -> float:
        hour = slot % 24
        total = self._sums[hour] = self._sums[hour] * 0.97 + value
        base = self._bases[hour] = self._bases[hour] * 0.97 + level
        return (level + total) / (level + base)
