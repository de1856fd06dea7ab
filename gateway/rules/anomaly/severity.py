"""How much an anomaly matters."""

from gateway.rules.anomaly.model import Kind, Severity

DATA_FAULTS = (Kind.SCALE_ERROR, Kind.STUCK, Kind.MISSING_DATA)
ORDER = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
STEPS_LOST = (1.0, 3.0)
"""Impact in ordinary steps' worth of sales: from one day on it is worth a look, from three now."""
SURE = 4.0
"""A score (one such false alarm in 10,000 points) that leaves no doubt."""


def severity_of(kind: Kind, score: float, steps_worth: float) -> Severity:
    """From the kind, the surprise and the impact in ordinary steps' worth of the series.

    Faults of the data are HIGH whatever they cost: every later figure is wrong. Losses can be
    CRITICAL, gains not.
    """
    if kind in DATA_FAULTS:
        return Severity.HIGH
    grade = sum(abs(steps_worth) >= limit for limit in STEPS_LOST) + (score >= SURE)
    highest = 3 if steps_worth < 0 else 2
    return ORDER[min(grade, highest)]
