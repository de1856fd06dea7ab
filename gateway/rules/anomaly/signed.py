"""Series that go below zero (net revenue with refunds): a plain band in place of the model.

Sales are never negative, so the model has no place for such series. From the step on at which
5 % of the earlier values were negative, a step is judged alone, by its distance from the median
of the last eight weeks in robust standard deviations, as a logistic tail (heavier than normal).
"""

from dataclasses import replace

import numpy as np

from gateway.rules.anomaly import thresholds
from gateway.rules.anomaly.grid import Bools, Grid
from gateway.rules.anomaly.track import Track

NEGATIVE_SHARE = 0.05
MEMORY = 56
NEEDED = 14
MAD_TO_SD = 1.4826
RAW_PER_SD = float(np.pi / np.sqrt(3) * np.log10(np.e))
"""-log10 of a logistic tail grows by this much per standard deviation."""


def replace_where_negative(track: Track, grid: Grid, skip: Bools, threshold: float) -> Track:
    """The same track with the plain band at every step whose past is often negative."""
    values = np.where(skip, np.nan, grid.values)
    negative = values < 0
    if not negative.any():
        return track
    count = np.cumsum(~np.isnan(values))
    often = np.concatenate(([False], np.cumsum(negative) > NEGATIVE_SHARE * count))[:-1]
    names = ("expected", "lower", "upper", "score", "reference")
    arrays = {name: getattr(track, name).copy() for name in names}
    sign, span, missing = track.sign.copy(), track.span.copy(), track.missing
    for k in np.flatnonzero(often[track.first :]):
        i = track.first + int(k)
        past = values[max(0, i - MEMORY) : i]
        past = past[~np.isnan(past)]
        arrays["reference"][k] = 0.0  # no level to measure a lasting change against
        arrays["score"][k], span[k] = (thresholds.MISSING_SCORE if missing[k] else np.nan), 1
        if len(past) < NEEDED or np.isnan(values[i]):
            continue
        centre = float(np.median(past))
        deviation = MAD_TO_SD * float(np.median(np.abs(past - centre))) or float(np.std(past))
        reach = deviation * thresholds.raw_at(threshold) / RAW_PER_SD
        distance = (values[i] - centre) / (deviation or 1e-12)
        arrays["expected"][k] = centre
        arrays["lower"][k], arrays["upper"][k] = centre - reach, centre + reach
        arrays["score"][k] = thresholds.calibrate(np.array(RAW_PER_SD * abs(distance)))
        sign[k] = 1 if distance > 0 else -1
    return replace(track, sign=sign, span=span, **arrays)
