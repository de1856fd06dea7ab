"""A sparse index of questions: weights by rarity, cosine of a text with all of them at once."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.features import Counts, count_features, damped

Floats = NDArray[np.float32]
WORD_SHARE = 0.5
"""Share of the words in the squared length; the rest are character n-grams."""


@dataclass(frozen=True, slots=True)
class Index:
    """Postings of the questions: `hashes` sorted; of feature i, rows[start[i]:start[i+1]]."""

    hashes: NDArray[np.uint32]
    rarity: Floats
    start: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: Floats
    size: int

    def cosines(self, text: str) -> tuple[Floats, float]:
        """Return the cosine with each question, and the share of the text's weight known here."""
        return self.cosines_of(count_features(text))

    def cosines_of(self, counts: Counts) -> tuple[Floats, float]:
        """Return the same for features already counted."""
        places, weights, known = self._weigh(counts)
        if not len(places):
            return np.zeros(self.size, np.float32), 0.0
        lengths = self.start[places + 1] - self.start[places]
        ends = np.cumsum(lengths)
        where = np.arange(ends[-1]) + np.repeat(self.start[places] - ends + lengths, lengths)
        products = self.weights[where] * np.repeat(weights, lengths)
        sums = np.bincount(self.rows[where], products, self.size)
        return sums.astype(np.float32), known

    def _weigh(self, counts: Counts) -> tuple[NDArray[np.int64], Floats, float]:
        """Weigh a text's features; unknown ones count to its length with the top rarity."""
        places: list[NDArray[np.int64]] = []
        weights: list[Floats] = []
        known = 0.0
        for group, share in zip(counts, (WORD_SHARE, 1 - WORD_SHARE), strict=True):
            if not group:
                continue
            place, weight, norm = self._weigh_group(group)
            places.append(place)
            weights.append(weight * (math.sqrt(share) / norm))
            known += share * float(weight @ weight) / norm**2
        if not places:
            return np.zeros(0, np.int64), np.zeros(0, np.float32), 0.0
        return np.concatenate(places), np.concatenate(weights), known

    def _weigh_group(self, group: Counter[int]) -> tuple[NDArray[np.int64], Floats, float]:
        hashes = np.fromiter(group, np.uint32, len(group))
        damp = np.fromiter(map(damped, group.values()), np.float32, len(group))
        at = np.searchsorted(self.hashes, hashes)
        at[at == len(self.hashes)] = 0
        known = self.hashes[at] == hashes
        rarity = np.where(known, self.rarity[at], unseen_rarity(self.size))
        weights = damp * rarity
        return at[known], weights[known], float(np.linalg.norm(weights))


def unseen_rarity(size: int) -> float:
    """Return the weight of a feature no question has."""
    return math.log((size + 1) / 0.5)


def build_index(texts: Sequence[str]) -> Index:
    """Index the questions. An empty sequence gives an index that knows nothing."""
    counted = [count_features(text) for text in texts]
    found: Counter[int] = Counter()
    for words, grams in counted:
        found.update(words.keys())
        found.update(grams.keys())
    hashes = np.array(sorted(found) or [0], np.uint32)
    often = np.array([found[int(h)] for h in hashes], np.float32)
    rarity = np.log((len(texts) + 1) / (often + 0.5)).astype(np.float32)
    empty = np.zeros(len(hashes) + 1, np.int64)
    bare = Index(hashes, rarity, empty, np.zeros(0, np.int32), np.zeros(0, np.float32), len(texts))
    return _with_postings(bare, counted)


def _with_postings(bare: Index, counted: Sequence[Counts]) -> Index:
    places, rows, weights = [], [], []
    for row, counts in enumerate(counted):
        place, weight, _ = bare._weigh(counts)  # noqa: SLF001 - its own module's index, half built
        places.append(place)
        weights.append(weight)
        rows.append(np.full(len(place), row, np.int32))
    if not places:
        return bare
    place = np.concatenate(places)
    order = np.argsort(place, kind="stable")
    start = np.searchsorted(place[order], np.arange(len(bare.hashes) + 1)).astype(np.int64)
    return Index(
        bare.hashes,
        bare.rarity,
        start,
        np.concatenate(rows)[order],
        np.concatenate(weights)[order].astype(np.float32),
        bare.size,
    )


def gram(index: Index, texts: Sequence[str]) -> Floats:
    """Return the cosines of every text with every indexed question: len(texts) x index.size."""
    return np.stack([index.cosines(text)[0] for text in texts])
