"""Ranks entries by how near a text is to their questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.confidence import Calibration, confidence, signals
from gateway.rules.chat.index import HALF, Floats
from gateway.rules.chat.knowledge import Entry

SHARPNESS = 1.25
"""Exponent of the cosines; over 1 a near question weighs more than several distant ones.

Written out as roots in `sharpened`."""
_FEW = 3
"""From so many times fewer questions on it is cheaper to pick them than to go over all."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry near a question.

    `score`: to compare entries with; `cosine`: of its nearest question; `confidence`: calibrated
    probability that it answers the question, told of the best entry only.
    """

    entry: Entry
    score: float
    cosine: float
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Entries, and what was learned of their questions.

    `words`, `characters`: questions x entries; sharpened cosines times it give the entries' scores
    in that view. Questions are sorted by entry, the out-of-scope pack follows; entry e owns the
    questions first[e] to first[e + 1].
    """

    entries: tuple[Entry, ...]
    words: Floats
    characters: Floats
    first: NDArray[np.int64]
    calibration: Calibration

    def __repr__(self) -> str:
        return f"Ranking({len(self.entries)} entries, {int(self.first[-1])} questions)"

    def ranked(
        self, cosines: Floats, left_out: Sequence[int] = (), top: int = 3
    ) -> tuple[Ranked, ...]:
        """Return the `top` best entries, none that shares nothing or is left out by its number.

        `cosines`: with every question by words and by characters (2 x questions).
        """
        sharp = sharpened(cosines)
        views = (
            _scores(cosines[0], sharp[0], self.words),
            _scores(cosines[1], sharp[1], self.characters),
        )
        nearest = best_per_entry((cosines[0] + cosines[1]) * HALF, self.first)
        if left_out:
            for values in (*views, nearest):
                values[list(left_out)] = 0
        scores = (views[0] + views[1]) * HALF
        best = _best(np.where(nearest > 0, scores, -np.inf), top)
        if not best:
            return ()
        sure = confidence(self.calibration, signals(views, nearest, best[0]))
        return tuple(
            Ranked(self.entries[e], float(scores[e]), float(nearest[e]), sure if not place else 0.0)
            for place, e in enumerate(best)
        )


def _scores(cosines: Floats, sharp: Floats, dual: Floats) -> Floats:
    shares = cosines > 0
    if np.count_nonzero(shares) * _FEW < len(cosines):
        near = shares.nonzero()[0]
        sharp, dual = sharp.take(near), dual.take(near, 0)
    # not `@`: on a busy machine BLAS wakes its threads for it, 2 to 20 ms against 0.2
    scores: Floats = np.einsum("i,ij->j", sharp, dual)
    return scores


def _best(scores: Floats, top: int) -> list[int]:
    """Return the numbers of the best, of equal ones the first; changes `scores`."""
    best: list[int] = []
    while len(best) < min(top, len(scores)):
        entry = int(scores.argmax())
        if scores[entry] == -np.inf:
            break
        best.append(entry)
        scores[entry] = -np.inf
    return best


def sharpened(cosines: Floats) -> Floats:
    """Return the cosines to the power SHARPNESS; rounding below zero becomes zero."""
    plain = np.maximum(cosines, 0)
    plain *= np.sqrt(np.sqrt(plain))  # a fourth of the time of a power
    return plain


def best_per_entry(cosines: Floats, first: NDArray[np.int64]) -> Floats:
    """Return the best cosine among each entry's questions; also for rows of cosines."""
    if len(first) < 2:  # noqa: PLR2004 - no entry at all
        return np.zeros((*cosines.shape[:-1], 0), np.float32)
    return np.maximum.reduceat(cosines[..., : first[-1]], first[:-1], axis=-1)
