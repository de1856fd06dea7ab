"""Calls at a pace: the generic cell rate algorithm, as pure functions over one number."""

from gateway.core.limits.checks import Rate

TOLERANCE_S = 1e-6
"""A call this much too early passes: rounding must not refuse what is exactly on time."""


def taken(rate: Rate, tat_s: float, now_s: float) -> float:
    """The theoretical arrival time after this rate's amount has been taken."""
    return max(tat_s, now_s) + rate.amount * rate.interval_s


def wait_s(rate: Rate, tat_s: float, now_s: float) -> float:
    """Seconds until the amount may be taken; 0 when it may be now."""
    early_s = taken(rate, tat_s, now_s) - rate.burst * rate.interval_s - now_s
    return early_s if early_s > TOLERANCE_S else 0.0


def given_back(rate: Rate, tat_s: float, count: int) -> float:
    """The theoretical arrival time after `count` calls were given back."""
    return tat_s - count * rate.interval_s


def level(rate: Rate, tat_s: float, now_s: float) -> float:
    """The share of the burst that is in use; 0 after a rest."""
    return max(0.0, tat_s - now_s) / (rate.burst * rate.interval_s)
