"""Trains the model of a knowledge base. Slow (seconds): meant for a child process, once a load.

Method: regularised least squares on sparse n-gram cosines, one column per entry, in its dual
form. There, the prediction for a question as if it, or its whole entry, had never been known
follows in closed form (Rifkin and Lippert 2007, "Notes on regularized least squares"). So every
question of the base is judged as a new one, and calibration rests on these judgements alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.calibration import Judged, calibrate
from gateway.rules.chat.confidence import signals
from gateway.rules.chat.features import Counts, count_features
from gateway.rules.chat.index import HALF, Floats, Index, build_index, gram
from gateway.rules.chat.joined import joined
from gateway.rules.chat.knowledge import Entry, KnowledgeBase
from gateway.rules.chat.model import ChatModel
from gateway.rules.chat.out_of_scope import OUT_OF_SCOPE
from gateway.rules.chat.ranking import Ranking, best_per_entry, sharpened
from gateway.rules.chat.routed_examples import NEITHER, ROUTED

RIDGE = 0.9
"""Weight of the penalty. From 0.5 to 1 four shared training files scored alike."""
COVERED = 0.35
"""Cosine from which a line of the out-of-scope pack is taken to be covered, and left out."""
MAX_QUESTIONS = 5000
"""Questions used of a base, the first of every entry before the second; time grows by the cube."""


MAX_NEIGHBOURS = 600
"""Questions of the base the router learns to leave alone."""
SAME_WISH = 0.75
"""Cosine from which a question of the base wants what an example wants, so teaches nothing."""


def train(knowledge: KnowledgeBase) -> ChatModel:
    """Train on all questions of the base, in all languages together. Deterministic.

    About 2 s for 1,000 questions, 30 s and 700 MB for 5,000; the model itself is small.
    """
    wishes = _train_wishes(knowledge)
    answers = _train(knowledge, OUT_OF_SCOPE, COVERED)
    index = joined([answers.indexes, wishes.indexes])
    return ChatModel(knowledge, index, answers.ranking, wishes.ranking)


def _train_wishes(knowledge: KnowledgeBase) -> "_Trained":
    """Train what tells a wish for a look-up or a person from questions of the base."""
    asked, _ = questions_of(knowledge, MAX_NEIGHBOURS)
    return _train(ROUTED_WISHES, (*NEITHER, *OUT_OF_SCOPE, *asked), SAME_WISH)


ROUTED_WISHES = KnowledgeBase(
    "routed", tuple(Entry(wish, questions={"": lines}) for wish, lines in ROUTED.items())
)


@dataclass(frozen=True, slots=True, eq=False)
class _Trained:
    """A ranking, and the indexes of its questions by words and by characters."""

    ranking: Ranking
    indexes: tuple[Index, Index]


def _train(knowledge: KnowledgeBase, strangers: Sequence[str], covered: float) -> _Trained:
    questions, owners = questions_of(knowledge, MAX_QUESTIONS)
    words, characters = _counted(questions, strangers, covered)
    entries = len(knowledge.entries)
    first = np.searchsorted(owners, np.arange(entries + 1)).astype(np.int64)
    targets = np.zeros((len(words), entries), np.float32)
    targets[np.arange(len(owners)), owners] = 1.0
    by_words, by_characters = (
        _solve(build_index(counts), counts, targets, owners) for counts in (words, characters)
    )
    calibration = calibrate(_judge((by_words, by_characters), owners, first), entries)
    ranking = Ranking(knowledge.entries, by_words.dual, by_characters.dual, first, calibration)
    return _Trained(ranking, (by_words.index, by_characters.index))


def questions_of(knowledge: KnowledgeBase, most: int) -> tuple[list[str], NDArray[np.int64]]:
    """Return the questions used, and the number of the entry each belongs to, ascending."""
    ranked = [
        (place, number, question)
        for number, entry in enumerate(knowledge.entries)
        for wordings in entry.questions.values()
        for place, question in enumerate(wordings)
    ]
    used = sorted(sorted(ranked, key=lambda r: r[0])[:most], key=lambda r: r[1])
    return [question for _, _, question in used], np.array([n for _, n, _ in used], np.int64)


def _counted(
    questions: Sequence[str], strangers: Sequence[str], covered: float
) -> tuple[list[Counts], list[Counts]]:
    """Count features of the questions and of the strangers that are not near any of them."""
    asked = [count_features(question) for question in questions]
    pack = [count_features(line) for line in strangers]
    nearest = sum(
        gram(build_index([c[view] for c in asked]), [c[view] for c in pack]).max(
            axis=1, initial=0.0
        )
        for view in (0, 1)
    )
    kept = [
        c for c, cosine in zip(pack, np.atleast_1d(nearest) / 2, strict=True) if cosine < covered
    ]
    both = [*asked, *kept]
    return [words for words, _ in both], [characters for _, characters in both]


@dataclass(frozen=True, slots=True, eq=False)
class _Solved:
    """One view, solved: cosines of all pairs of questions, and scores as if unknown."""

    index: Index
    dual: Floats
    cosines: Floats
    without_itself: Floats
    without_entry: Floats


def _solve(
    index: Index, counted: Sequence[Counts], targets: Floats, owners: NDArray[np.int64]
) -> _Solved:
    cosines = gram(index, counted)
    kernel = sharpened((cosines + cosines.T) * HALF)
    inverse = np.linalg.inv(kernel + RIDGE * np.eye(len(kernel), dtype=np.float32))
    dual = (inverse @ targets).astype(np.float32)
    alone = (targets - dual / np.diag(inverse)[:, None]).astype(np.float32)
    np.fill_diagonal(cosines, 0.0)
    without = alone[: len(owners)].copy()
    for entry in range(targets.shape[1]):
        own = np.flatnonzero(owners == entry)
        without[own] = targets[own] - np.linalg.solve(inverse[np.ix_(own, own)], dual[own])
        without[own, entry] = 0.0
    return _Solved(index, dual, cosines, alone, without)


def _judge(
    solved: Sequence[_Solved], owners: NDArray[np.int64], first: NDArray[np.int64]
) -> Judged:
    """Judge every question as new, as of an unknown entry, and every line of the pack."""
    best = best_per_entry((solved[0].cosines + solved[1].cosines) * HALF, first)
    alone = np.stack([s.without_itself for s in solved])
    known = len(owners)
    asked, right = _rows(alone[:, :known], best[:known], owners)
    foreign = best[:known].copy()
    foreign[np.arange(known), owners] = 0.0
    unknown, _ = _rows(np.stack([s.without_entry for s in solved]), foreign, None)
    pack, _ = _rows(alone[:, known:], best[known:], None)
    return Judged(asked, right, unknown, pack)


def _rows(
    views: Floats, cosines: Floats, owners: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the signals of each row's best entry, and whether that entry is the right one."""
    if not views.shape[1] or not views.shape[2]:
        return np.zeros((0, 6)), np.zeros(0, np.bool_)
    best = np.argmax(views.mean(axis=0), axis=1)
    rows = [signals(list(views[:, i]), cosines[i], int(e)) for i, e in enumerate(best)]
    return np.array(rows), best == (-1 if owners is None else owners)
