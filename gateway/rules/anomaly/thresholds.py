"""What a `sensitivity` means: how seldom an ordinary point may raise an alert."""

from types import MappingProxyType

from gateway.rules.anomaly.model import Sensitivity

SCORE_AT = MappingProxyType(
    {
        Sensitivity.LOW: 3.5,  # one false alert per series in about nine years of days
        Sensitivity.MEDIUM: 3.0,  # one in 1,000 points: 0.03 per series and 30 days
        Sensitivity.HIGH: 2.0,  # one in 100 points: one a quarter
    }
)
"""The score (-log10 of the false-alarm rate per point) from which a point is an anomaly."""
