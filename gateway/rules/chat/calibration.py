"""Fits confidence and the threshold for direct answers to a base's own questions judged as new.

Three kinds of judgements stand for what customers will write: a question that was left out
(answered rightly or not), a question whose whole entry was left out (a near topic the base does
not know), and the out-of-scope pack (far topics).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.confidence import Calibration

Reals = NDArray[np.float64]

PRECISION = 0.95
"""Share of direct answers that must be right, by the base's own left-out questions."""
MOST_UNKNOWN, KNOWN_TOPICS = 0.3, 20
"""Share of questions on unknown topics: min(0.3, (20 / entries)^3): a base of 20 entries misses
many topics of its shop, one of 150 few. Chosen on the four shared data sets, see the docs."""
PRIOR_WEIGHTS = (-4.5, 2.5, 2.0, 2.5, 2.5, 3.0)
"""Weights of the signals before the base's own questions are seen; rounded means of the fits to
the four shared training files."""
PRIOR_STRENGTH = 1.0
CAUTIOUS = 0.8
"""Threshold when a base is too small, or its entries have too few wordings, to show from where on
its answers are right. At 0.8 the least sure answers are right four times in five."""
ENOUGH = 250
"""Questions a base needs for a calibration of its own; with fewer, chance decides."""
LOWEST = 0.78
"""A threshold is never lower, however well a small base judges itself."""
_STEPS = 30
_SMALLEST_STEP = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Signals (rows x 6) of: left-out questions with whether right, unknown topics, the pack."""

    asked: Reals
    right: NDArray[np.bool_]
    unknown: Reals
    pack: Reals


def calibrate(judged: Judged, entries: int) -> Calibration:
    """Fit the weights, then take the lowest threshold that keeps PRECISION on the mixture."""
    unknown_share = min(MOST_UNKNOWN, (KNOWN_TOPICS / max(entries, 1)) ** 3)
    rows = np.concatenate([judged.asked, judged.unknown, judged.pack])
    right = np.zeros(len(rows))
    right[: len(judged.asked)] = judged.right
    count = len(judged.asked)
    weights = np.concatenate(
        [
            np.full(count, 1 - unknown_share),
            np.full(len(judged.unknown), unknown_share),
            np.full(len(judged.pack), unknown_share * count / max(len(judged.pack), 1)),
        ]
    )
    fitted = _fit(rows, right, weights)
    if count < ENOUGH:
        return Calibration(PRIOR_WEIGHTS, CAUTIOUS)
    threshold = _threshold(rows @ fitted, right, weights) or CAUTIOUS
    return Calibration(tuple(map(float, fitted)), max(threshold, LOWEST))


def _fit(rows: Reals, right: Reals, weights: Reals) -> Reals:
    """Fit a logistic by Newton's steps, halved while they overshoot, pulled toward the prior."""
    prior = np.array(PRIOR_WEIGHTS)
    pull = PRIOR_STRENGTH * np.eye(len(prior))

    def loss(at: Reals) -> float:
        logits = rows @ at
        wrong = weights @ (np.logaddexp(0, logits) - right * logits)
        return float(wrong + (at - prior) @ pull @ (at - prior) / 2)

    fitted = prior.copy()
    for _ in range(_STEPS):
        sure = 1 / (1 + np.exp(-np.clip(rows @ fitted, -30, 30)))
        slope = rows.T @ (weights * (sure - right)) + pull @ (fitted - prior)
        bend = (rows * (weights * sure * (1 - sure))[:, None]).T @ rows + pull
        step = np.linalg.solve(bend, slope)
        while loss(fitted - step) > loss(fitted) and np.abs(step).max() > _SMALLEST_STEP:
            step = step / 2
        fitted = fitted - step
    return fitted


def _threshold(logits: Reals, right: Reals, weights: Reals) -> float | None:
    """Return the lowest confidence above which PRECISION holds, one mistake granted; or None."""
    order = np.argsort(-logits, kind="stable")
    answered = np.cumsum(weights[order]) + 1.0
    kept = np.flatnonzero(np.cumsum((weights * right)[order]) / answered >= PRECISION)
    if not len(kept):
        return None
    return float(1 / (1 + np.exp(-np.clip(logits[order[kept[-1]]], -30, 30))))
