"""Public baselines that judge the last day from earlier days only, one function each.

Each takes a daily series (NaN: missing) and gives one score per day, higher is stranger. Written
compactly after the publications named.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAD_TO_SD = 1.4826
TINY = 1e-9


def _each(values: Floats, memory: int, judge: Callable[[Floats, float], float]) -> Floats:
    """Applies `judge(past, value)` to every present day with at least two weeks behind it."""
    scores = np.full(len(values), np.nan)
    for i in range(14, len(values)):
        past = values[max(0, i - memory) : i]
        if not np.isnan(values[i]) and np.sum(~np.isnan(past)) >= 7:
            scores[i] = judge(past, float(values[i]))
    return scores


def day_over_day(values: Floats) -> Floats:
    """What an ERP report does: the change against the day before."""

    def judge(past: Floats, value: float) -> float:
        before = past[~np.isnan(past)][-1]
        return abs(value - before) / max(before, 1.0)

    return _each(values, 14, judge)


def against_seven_days(values: Floats) -> Floats:
    """The change against the mean of seven days."""

    def judge(past: Floats, value: float) -> float:
        mean = float(np.nanmean(past[-7:])) if not np.isnan(past[-7:]).all() else 0.0
        return abs(value - mean) / max(mean, 1.0)

    return _each(values, 14, judge)


def three_sigma(values: Floats) -> Floats:
    """Standard deviations from the mean of thirty days."""

    def judge(past: Floats, value: float) -> float:
        return abs(value - float(np.nanmean(past))) / max(float(np.nanstd(past)), 0.5)

    return _each(values, 30, judge)


def robust_z_per_weekday(values: Floats) -> Floats:
    """Median and MAD of the same weekday over eight weeks."""

    def judge(past: Floats, value: float) -> float:
        same = past[::-1][6::7]
        same = same[~np.isnan(same)]
        if len(same) < 4:
            return 0.0
        centre = float(np.median(same))
        spread = MAD_TO_SD * float(np.median(np.abs(same - centre)))
        return abs(value - centre) / max(spread, 0.5)

    return _each(values, 56, judge)


def spectral_residual(values: Floats) -> Floats:
    """Ren et al. (2019), "Time-Series Anomaly Detection Service at Microsoft", over 128 days.

    Their extension beyond the last day by its own gradient finds next to nothing in daily sales
    (evAP 0.03), so the mean is put there instead, which makes the baseline as good as it gets.
    """

    def judge(past: Floats, value: float) -> float:
        window = np.append(past, value)
        window = np.where(np.isnan(window), np.nanmean(past), window)
        spectrum = np.fft.fft(np.append(window, np.full(5, window[:-1].mean())))
        amplitude = np.abs(spectrum) + TINY
        log_amplitude = np.log(amplitude)
        around = np.concatenate((log_amplitude[-1:], log_amplitude, log_amplitude[:1]))
        smooth = np.convolve(around, np.ones(3) / 3, mode="valid")
        saliency = np.abs(np.fft.ifft(np.exp(log_amplitude - smooth) * spectrum / amplitude))
        before = saliency[max(0, len(past) - 21) : len(past)].mean()
        return float((saliency[len(past)] - before) / max(before, TINY))

    return _each(values, 128, judge)


def stl_mad(values: Floats) -> Floats:
    """Cleveland et al. (1990): the remainder of STL over thirteen weeks, in robust deviations."""
    return _each(values, 90, lambda past, value: _stl_score(past, value, use_median=False))


def seasonal_hybrid_esd(values: Floats) -> Floats:
    """Vallis et al. (2014), S-H-ESD, for the last day: STL's season and the median as the trend."""
    return _each(values, 90, lambda past, value: _stl_score(past, value, use_median=True))


def _stl_score(past: Floats, value: float, *, use_median: bool) -> float:
    window = np.append(past, value)
    if len(window) < 28:
        return 0.0
    window = np.where(np.isnan(window), np.nanmedian(past), window)
    season, trend = periodic_stl(window)
    rest = window - season - (np.median(window) if use_median else trend)
    centre = float(np.median(rest))
    return abs(float(rest[-1]) - centre) / max(
        MAD_TO_SD * float(np.median(np.abs(rest - centre))), 0.5
    )


def periodic_stl(values: Floats) -> tuple[Floats, Floats]:
    """STL with a periodic season of seven days: two rounds of weekday means and a loess trend."""
    slots = np.arange(len(values)) % 7
    counts = np.bincount(slots, minlength=7)
    trend, season = np.zeros(len(values)), np.zeros(len(values))
    for _ in range(2):
        means = np.bincount(slots, values - trend, minlength=7) / counts
        season = (means - means.mean())[slots]
        trend = loess(len(values)) @ (values - season)
    return season, trend


@lru_cache(maxsize=128)
def loess(size: int, span: int = 15) -> Floats:
    """The matrix that fits a line through the `span` nearest days, with tricube weights."""
    matrix = np.zeros((size, size))
    days = np.arange(size)
    for i in range(size):
        distance = np.abs(days - i)
        reach = np.sort(distance)[min(span, size) - 1] + 1
        weights = np.clip(1 - (distance / reach) ** 3, 0, None) ** 3
        line = np.stack((np.ones(size), days - i))
        matrix[i] = np.linalg.solve((line * weights) @ line.T, line * weights)[0]
    return matrix


BASELINES: dict[str, Callable[[Floats], Floats]] = {
    "day over day": day_over_day,
    "against the 7-day mean": against_seven_days,
    "robust z per weekday, 8 weeks": robust_z_per_weekday,
    "3 sigma over 30 days": three_sigma,
    "Spectral Residual": spectral_residual,
    "STL + MAD": stl_mad,
    "S-H-ESD, last point": seasonal_hybrid_esd,
}
