"""The trained model of a knowledge base: which entries a question is close to, and how sure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.index import Floats, Index
from gateway.rules.chat.knowledge import Entry, KnowledgeBase

Admits = Callable[[Entry], bool]


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry with its calibrated probability of being the right answer (best entry only)."""

    entry: Entry
    score: float
    cosine: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the signals of `signals`, and the confidence from which an answer is direct."""

    weights: tuple[float, ...]
    threshold: float


@dataclass(frozen=True, slots=True, eq=False)
class ChatModel:
    """Made by `train`, picklable, read-only.

    `index` holds the questions sorted by entry, then the out-of-scope pack; `dual` is questions
    x entries; entry e owns the questions first[e] to first[e + 1].
    """

    knowledge: KnowledgeBase
    index: Index
    dual: Floats
    first: NDArray[np.int64]
    calibration: Calibration

    def __repr__(self) -> str:
        return (
            f"ChatModel({self.knowledge.name!r}, {len(self.knowledge.entries)} entries, "
            f"{self.index.size} questions, threshold {self.calibration.threshold:.2f})"
        )

    def rank(self, text: str, admits: Admits | None = None, top: int = 3) -> tuple[Ranked, ...]:
        """Return the `top` entries nearest to a question, best first.

        `admits` leaves out entries (audience, validity). Work is bounded by the text's bound.
        """
        cosines, known = self.index.cosines(text)
        scores = cosines @ self.dual
        best = best_per_entry(cosines, self.first)
        order = [int(e) for e in np.argsort(-scores, kind="stable") if best[e] > 0]
        entries = self.knowledge.entries
        kept = [e for e in order if admits is None or admits(entries[e])]
        if not kept:
            return ()
        sure = self._confidence(scores, best, kept, known)
        return tuple(
            Ranked(entries[e], float(scores[e]), float(best[e]), sure if i == 0 else 0.0)
            for i, e in enumerate(kept[:top])
        )

    def _confidence(self, scores: Floats, best: Floats, kept: list[int], known: float) -> float:
        first = kept[0]
        second = kept[1] if len(kept) > 1 else None
        return confidence(
            self.calibration.weights,
            signals(
                (float(scores[first]), 0.0 if second is None else float(scores[second])),
                (float(best[first]), max((float(best[e]) for e in kept[1:]), default=0.0)),
                known,
            ),
        )


def best_per_entry(cosines: Floats, first: NDArray[np.int64]) -> Floats:
    """Return the best cosine among each entry's questions."""
    if len(first) < 2:  # noqa: PLR2004 - no entry
        return np.zeros(0, np.float32)
    return np.maximum.reduceat(cosines[: first[-1]], first[:-1])


def signals(
    scores: tuple[float, float], cosines: tuple[float, float], known: float
) -> tuple[float, ...]:
    """Return what confidence is judged by.

    `scores`: of the best and the second entry. `cosines`: the best question's of the best entry
    and of any other entry. `known`: share of the text's weight the knowledge has seen.
    """
    top, gap = max(scores[0], 0.0), scores[0] - max(scores[1], 0.0)
    return (1.0, top, gap, cosines[0], cosines[0] - cosines[1], known)


def confidence(weights: tuple[float, ...], values: tuple[float, ...]) -> float:
    """Return the logistic of the weighted signals."""
    total = sum(w * v for w, v in zip(weights, values, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def entries_by_id(model: ChatModel) -> Mapping[str, Entry]:
    """Return the model's entries by id."""
    return model.knowledge.by_id()
