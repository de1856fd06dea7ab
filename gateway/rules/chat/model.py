"""The trained model of a knowledge base: which entries a question is close to, and how sure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.confidence import Calibration, confidence, signals
from gateway.rules.chat.features import Counts, count_features
from gateway.rules.chat.index import HALF, Floats, Index
from gateway.rules.chat.knowledge import Entry, KnowledgeBase

Features = tuple[Counts, Counts]
"""Of the words and of the characters of a text, as `count_features` gives them."""
_FEW = 3
"""From so many times fewer questions on it is cheaper to pick them than to go over all."""
Admits = Callable[[Entry], bool]
SHARPNESS = 1.25
"""Exponent of the cosines; over 1 a near question weighs more than several distant ones.

Written out as roots in `sharpened`."""


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
class View:
    """One way to see questions (words or characters): an index, and what each question says.

    `dual` is questions x entries: sharpened cosines times it give the entries' scores.
    """

    index: Index
    dual: Floats

    def see(self, counts: Counts) -> tuple[Floats, Floats]:
        """Return the cosines with all questions and the scores of all entries."""
        cosines = self.index.cosines(counts)
        # not `@`: on a busy machine BLAS wakes its threads for it, 2 to 20 ms against 0.2
        near = cosines.nonzero()[0]
        if len(near) * _FEW < len(cosines):
            return cosines, np.einsum("i,ij->j", sharpened(cosines[near]), self.dual.take(near, 0))
        return cosines, np.einsum("i,ij->j", sharpened(cosines), self.dual)


@dataclass(frozen=True, slots=True, eq=False)
class ChatModel:
    """Made by `train`; picklable, read-only, safe to share between threads.

    Questions are sorted by entry, the out-of-scope pack follows; entry e owns the questions
    first[e] to first[e + 1]. `router` ranks wishes (tools, a person) instead of entries.
    """

    knowledge: KnowledgeBase
    words: View
    characters: View
    first: NDArray[np.int64]
    calibration: Calibration
    router: "ChatModel | None" = None

    def __repr__(self) -> str:
        return (
            f"ChatModel({self.knowledge.name!r}, {len(self.knowledge.entries)} entries, "
            f"{int(self.first[-1])} questions, threshold {self.calibration.threshold:.2f})"
        )

    def rank(
        self,
        text: str | Features,
        admits: Admits | None = None,
        top: int = 3,
        left_out: Sequence[int] = (),
    ) -> tuple[Ranked, ...]:
        """Return the `top` entries nearest to a question, best first; none if nothing is shared.

        `text`: or its counted features, where several models rank the same text. `admits` leaves
        out entries (audience, validity); `left_out` says their numbers instead, if known. Work is
        bounded by the text's bound.
        """
        words, characters = count_features(text) if isinstance(text, str) else text
        word_cosines, by_words = self.words.see(words)
        character_cosines, by_characters = self.characters.see(characters)
        cosines = best_per_entry((word_cosines + character_cosines) * HALF, self.first)
        if admits is not None:
            entries = self.knowledge.entries
            left_out = [e for e, entry in enumerate(entries) if not admits(entry)]
        if left_out:
            for values in (by_words, by_characters, cosines):
                values[list(left_out)] = 0
        return self._ranked((by_words, by_characters), cosines, top)

    def sure_of(self, ranked: tuple[Ranked, ...]) -> bool:
        """Tell whether the best of `rank` may be acted on without asking."""
        return bool(ranked) and ranked[0].confidence >= self.calibration.threshold

    def _ranked(
        self, views: tuple[Floats, Floats], cosines: Floats, top: int
    ) -> tuple[Ranked, ...]:
        scores = (views[0] + views[1]) * HALF
        # stable: of equal scores the first entry; those that share nothing come last and go
        order = np.where(cosines > 0, -scores, np.inf).argsort(kind="stable")[:top]
        near = [int(e) for e in order if cosines[e] > 0]
        if not near:
            return ()
        sure = confidence(self.calibration, signals(views, cosines, near[0]))
        entries = self.knowledge.entries
        return tuple(
            Ranked(entries[e], float(scores[e]), float(cosines[e]), sure if e == near[0] else 0.0)
            for e in near
        )


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
