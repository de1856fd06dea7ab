"""The choice: best first, no variants, little repetition, nothing the guard refuses."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.rules.keywords import features, searched, variants
from gateway.rules.keywords.candidates import Candidate
from gateway.rules.keywords.reading import Reading

REPETITION = {"title": 0.1, "short": 0.4, "listing": 0.3, "document": 0.15}
"""What a keyword loses by repeating words of a chosen one (times their Jaccard share)."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate and its score, in (0, 1)."""

    score: float
    candidate: Candidate
    searched: bool = False


def scored(reading: Reading) -> list[Scored]:
    """Score all candidates, best first; ties by text, so that results never depend on chance."""
    by = features.weights(reading.profile)
    pool = reading.pool
    scores = {key: features.score(one, pool, by) for key, one in pool.found.items()}
    typed = searched.lift(reading, scores)
    found = [Scored(score, pool.found[key], key in typed) for key, score in scores.items()]
    found.sort(key=lambda one: (-one.score, one.candidate.text))
    return found


def pick(
    reading: Reading, ranked: list[Scored], count: int, seen: Iterable[str] = ()
) -> list[Scored]:
    """Choose up to `count`, none a variant of one another or of `seen`."""
    weight = REPETITION[reading.profile.split("_")[0]]
    taken: set[str] = set()
    for text in seen:
        taken |= variants.keys(text, reading.language)
    chosen: list[Scored] = []
    # Lazy greedy: a score only falls as more is chosen, so the top of the heap is checked again.
    heap = [(-one.score, at, 0) for at, one in enumerate(ranked)]
    heapq.heapify(heap)
    while heap and len(chosen) < count:
        negative, at, judged = heapq.heappop(heap)
        one = ranked[at]
        if judged < len(chosen):
            score = one.score * (1.0 - weight * _overlap(one.candidate, chosen))
            heapq.heappush(heap, (-score, at, len(chosen)))
            continue
        keys = variants.keys(one.candidate.text, reading.language)
        if keys & taken or not keys or reading.guard.refuse(one.candidate.text):
            continue
        taken |= keys
        chosen.append(Scored(-negative, one.candidate, one.searched))
    return chosen


def _overlap(candidate: Candidate, chosen: list[Scored]) -> float:
    mine = set(candidate.stems)
    best = 0.0
    for one in chosen:
        theirs = set(one.candidate.stems)
        best = max(best, len(mine & theirs) / len(mine | theirs))
    return best
