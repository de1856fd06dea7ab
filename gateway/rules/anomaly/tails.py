"""Tail probabilities of sales figures, in base-10 logarithms, for whole arrays at once.

Sales are modelled as negative binomial with mean M and variance V on a lattice of spacing q
(q = 1 for units, 10 for packs of ten, 0 for amounts, where the limit is the gamma distribution).
The tails use the cube-root transform of Wilson & Hilferty (1931) for the gamma distribution of
the same mean and variance. Against a negative binomial's mid-p value that upper tail is too heavy
for means of a few units (by half a decade at one in 10,000), which errs on the quiet side. The
chance of an exact zero, which the transform gets wrong, is the negative binomial's own.
"""

import numpy as np

from gateway.rules.anomaly.grid import Floats

LOG10_E = float(np.log10(np.e))
_MILLS = 8 / np.pi
_HEAD = float(np.log(2 / np.sqrt(2 * np.pi)))
TINY = 1e-300


def log10_normal_tail(z: Floats) -> Floats:
    """log10 of P(Z >= z) for z >= 0 (0.5 below); the chance is at most 6 % too high.

    Two-term bound on Mills' ratio (Birnbaum 1942), made exact at 0.
    """
    z = np.maximum(z, 0.0)
    log_tail = _HEAD - z * z / 2 - np.log(z + np.sqrt(z * z + _MILLS))
    return np.asarray(log_tail * LOG10_E)


def z_of_log10(log10_p: float) -> float:
    """The z whose `log10_normal_tail` is `log10_p`."""
    low, high = 0.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        above = float(log10_normal_tail(np.array([middle]))[0]) > log10_p
        low, high = (middle, high) if above else (low, middle)
    return low


def normal_score(x: Floats, mean: Floats, variance: Floats) -> Floats:
    """Wilson & Hilferty's transform: about standard normal if x has that mean and variance."""
    shape = mean * mean / variance
    ratio = np.maximum(x, 0.0) / mean
    return np.asarray((np.cbrt(ratio) - 1 + 1 / (9 * shape)) * 3 * np.sqrt(shape))


def value_at(z: Floats | float, mean: Floats, variance: Floats) -> Floats:
    """The value whose `normal_score` is z: the edge of a band."""
    shape = mean * mean / variance
    root = z / (3 * np.sqrt(shape)) + 1 - 1 / (9 * shape)
    return np.asarray(mean * np.maximum(root, 0.0) ** 3)


def log10_zero(mean: Floats, variance: Floats, lattice: Floats) -> Floats:
    """log10 of the chance of an exact zero; -99 where there is no lattice."""
    excess = np.maximum(variance - lattice * mean, 1e-12 * mean * mean + TINY)
    odds = excess / np.maximum(mean * lattice, TINY)
    log_zero = -mean * mean / excess * np.log1p(odds) * LOG10_E
    return np.where(lattice > 0, np.maximum(log_zero, -99.0), -99.0)
