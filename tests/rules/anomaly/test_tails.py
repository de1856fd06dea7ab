from math import exp, lgamma, log, log10

import numpy as np
import pytest

from gateway.rules.anomaly.tails import (
    log10_normal_tail,
    log10_zero,
    normal_score,
    value_at,
    z_of_log10,
)


def negative_binomial(k: int, mean: float, variance: float) -> float:
    size = mean * mean / (variance - mean)
    p = size / (size + mean)
    log_pmf = lgamma(k + size) - lgamma(size) - lgamma(k + 1) + size * log(p) + k * log(1 - p)
    return exp(log_pmf)


@pytest.mark.parametrize(
    ("z", "chance"), [(0.0, 0.5), (1.0, 0.158655), (3.0, 1.349898e-3), (6.0, 9.865876e-10)]
)
def test_the_normal_tail_is_right_within_six_percent(z: float, chance: float) -> None:
    assert 10 ** float(log10_normal_tail(np.array(z))) == pytest.approx(chance, rel=0.06)


def test_z_of_log10_is_the_inverse() -> None:
    for z in (0.5, 2.0, 5.0):
        assert z_of_log10(float(log10_normal_tail(np.array(z)))) == pytest.approx(z, abs=1e-6)


@pytest.mark.parametrize(("mean", "variance"), [(4.0, 8.0), (20.0, 60.0), (100.0, 1100.0)])
def test_the_upper_tail_is_never_thinner_than_the_negative_binomial_s_and_not_much_heavier(
    mean: float, variance: float
) -> None:
    for chance in (1e-2, 1e-4):
        x = round(float(value_at(z_of_log10(log10(chance)), np.array(mean), np.array(variance))))
        exact = sum(negative_binomial(k, mean, variance) for k in range(x + 1, 60 * x))
        exact += negative_binomial(x, mean, variance) / 2
        z = normal_score(np.array(float(x)), np.array(mean), np.array(variance))
        assert -0.1 < float(log10_normal_tail(z)) - log10(exact) < 0.8


def test_the_chance_of_zero_is_exact_and_knows_no_zero_without_a_lattice() -> None:
    mean, variance = np.array([3.0, 3.0]), np.array([7.0, 7.0])
    got = log10_zero(mean, variance, np.array([1.0, 0.0]))
    assert got[0] == pytest.approx(log10(negative_binomial(0, 3.0, 7.0)))
    assert got[1] == -99
