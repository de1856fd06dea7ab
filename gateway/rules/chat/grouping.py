"""Groups questions that were asked in similar words, for people who write the knowledge."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gateway.rules.chat.features import count_features
from gateway.rules.chat.index import HALF, Floats, build_index
from gateway.rules.chat.out_of_scope import OUT_OF_SCOPE
from gateway.rules.chat.text import fold, normalise

MAX_WORDINGS = 2_000
"""Different wordings compared, the most frequent first: 2,000 take some seconds and 32 MB."""
CLOSE = 0.35
"""Cosine from which two wordings are taken to ask the same. On 130 real questions (HINT3
sofmattress) 0.35 finds company for 46 % of them, 82 % of it rightly; 0.25: 78 % and 71 %; 0.5: 23 %
and 97 %. People read the groups, so finding more is worth some mistakes."""


@dataclass(frozen=True, slots=True)
class Group:
    """Wordings of about the same question, the most frequent first; `count`: times asked."""

    wordings: tuple[str, ...]
    count: int


def group_questions(questions: Iterable[str], close: float = CLOSE) -> tuple[Group, ...]:
    """Groups by closeness, the most frequent first.

    Each wording joins the most frequent leader it is close to, or becomes a leader itself; so
    groups do not grow along chains of neighbours.
    """
    asked = [text for question in questions if (text := normalise(question))]
    counts = Counter(map(same_wording, asked))
    shown = {same_wording(text): text for text in reversed(asked)}
    ranked = sorted(counts, key=lambda text: (-counts[text], text))[:MAX_WORDINGS]
    leaders: dict[int, list[int]] = {}
    cosines = _cosines(ranked)
    for place in range(len(ranked)):
        leader = next((at for at in leaders if cosines[at, place] >= close), place)
        leaders.setdefault(leader, []).append(place)
    groups = [
        Group(
            tuple(shown[ranked[place]] for place in places),
            sum(counts[ranked[place]] for place in places),
        )
        for places in leaders.values()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.wordings)))


def same_wording(text: str) -> str:
    """What wordings that differ in case, spaces and end marks only have in common."""
    return fold(normalise(text)).strip(" ?!.。,")


def _cosines(texts: list[str]) -> Floats:
    """Cosines of all pairs. The out-of-scope pack says how rare a word is, for few texts cannot."""
    counted = [count_features(text) for text in (*texts, *OUT_OF_SCOPE)]
    size = len(texts)
    total = np.zeros((size, size), np.float32)
    for view in (0, 1):
        counts = [both[view] for both in counted]
        index = build_index(counts)
        for row in range(size):
            total[row] += index.cosines(counts[row])[:size]
    return total * HALF
