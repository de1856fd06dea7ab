"""How sure the best entry is: five signals, a logistic, and the threshold for a direct answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

import numpy as np

from gateway.rules.chat.index import HALF, Floats

Signals = tuple[float, ...]
_SMALL = 1e-9
_MOST_LOGIT = 30.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the signals, and the confidence from which an answer is given directly."""

    weights: Signals
    threshold: float


def signals(views: Sequence[Floats], cosines: Floats, entry: int) -> Signals:
    """Return what confidence in `entry` is judged by; the first is the constant 1.

    `views`: scores of all entries by words and by characters (2 x entries); `cosines`: best of
    each entry. Then follow: mean score; nearest question's cosine; lead over the next entry by
    words, and by characters (both must agree); lead relative to the length of all scores.
    """
    scores = (views[0] + views[1]) * HALF
    positive = np.maximum(scores, 0)
    length = math.sqrt(float(positive.dot(positive))) + _SMALL
    return (
        1.0,
        max(float(scores[entry]), 0.0),
        float(cosines[entry]),
        _lead(views[0], entry),
        _lead(views[1], entry),
        _lead(scores, entry) / length,
    )


def _lead(scores: Floats, entry: int) -> float:
    listed: list[float] = scores.tolist()  # faster than numpy's own for some dozens
    own, listed[entry] = listed[entry], 0.0
    return own - max(0.0, *listed)


def confidence(calibration: Calibration, values: Signals) -> float:
    """Return the logistic of the weighted signals: 0 to 1."""
    total = sum(map(mul, calibration.weights, values))
    return 1 / (1 + math.exp(-max(-_MOST_LOGIT, min(_MOST_LOGIT, total))))
