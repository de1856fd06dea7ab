"""A sparse index of questions: weights by rarity, cosine of a text with all of them at once."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.features import Counts, damped

Floats = NDArray[np.float32]
HALF = np.float32(0.5)
RARITY_POWER = 0.7
"""Exponent of the inverse document frequency; 0.7 ranked best on four shared training files."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Postings of `size` questions: of the feature with hashes[i], rows[start[i]:start[i + 1]]."""

    hashes: NDArray[np.uint32]
    rarity: Floats
    start: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: Floats
    size: int

    def cosines(self, counts: Counts) -> Floats:
        """Return the cosine of a text, given by its counted features, with each question."""
        places, weights = self.weigh(counts)
        begun = self.start.take(places)
        lengths = self.start.take(places + 1) - begun
        ends = lengths.cumsum()
        if not len(ends) or not ends[-1]:
            return np.zeros(self.size, np.float32)
        where = np.arange(ends[-1])
        where += (begun - ends + lengths).repeat(lengths)
        products = self.weights.take(where)
        products *= weights.repeat(lengths)
        return np.bincount(self.rows.take(where), products, self.size).astype(np.float32)

    def weigh(self, counts: Counts) -> tuple[NDArray[np.int64], Floats]:
        """Return the known features and their weights; unknown ones count to the length only."""
        hashes = np.fromiter(counts, np.uint32, len(counts))
        at = self.hashes.searchsorted(hashes)
        at[at == len(self.hashes)] = 0
        known = self.hashes.take(at) == hashes
        damping = damped_counts(counts.values(), len(counts))
        weights = damping * np.where(known, self.rarity.take(at), rarity_of(0, self.size))
        length = float(np.sqrt(weights.dot(weights))) or 1.0
        return at[known], (weights[known] / length).astype(np.float32)


_DAMPED = np.fromiter((damped(max(count, 1)) for count in range(256)), np.float32)


def damped_counts(counts: Iterable[int], size: int) -> Floats:
    """Damp `size` counts at once."""
    times = np.fromiter(counts, np.int64, size)
    try:
        return _DAMPED[times]
    except IndexError:  # one sign hundreds of times
        return np.fromiter(map(damped, times.tolist()), np.float32, size)


def rarity_of(documents: int, size: int) -> float:
    """How much a feature of so many of `size` questions tells."""
    return math.pow(math.log((size + 1) / (documents + 0.5)), RARITY_POWER)


def build_index(counted: Sequence[Counts]) -> Index:
    """Index questions given by their counted features; none gives an index that knows nothing."""
    found: Counter[int] = Counter()
    for counts in counted:
        found.update(counts.keys())
    size = len(counted)
    hashes = np.array(sorted(found) or [0], np.uint32)
    rarity = np.array([rarity_of(found[int(h)], size) for h in hashes], np.float32)
    start = np.zeros(len(hashes) + 1, np.int64)
    bare = Index(hashes, rarity, start, np.zeros(0, np.int32), np.zeros(0, np.float32), size)
    return _with_postings(bare, counted) if counted else bare


def _with_postings(bare: Index, counted: Sequence[Counts]) -> Index:
    weighed = [bare.weigh(counts) for counts in counted]
    place = np.concatenate([places for places, _ in weighed])
    order = np.argsort(place, kind="stable")
    rows = np.repeat(np.arange(bare.size, dtype=np.int32), [len(places) for places, _ in weighed])
    return Index(
        bare.hashes,
        bare.rarity,
        np.searchsorted(place[order], np.arange(len(bare.hashes) + 1)).astype(np.int64),
        rows[order],
        np.concatenate([weights for _, weights in weighed])[order],
        bare.size,
    )


def gram(index: Index, counted: Sequence[Counts]) -> Floats:
    """Return the cosines of texts with every indexed question: len(counted) x index.size."""
    if not counted:
        return np.zeros((0, index.size), np.float32)
    return np.stack([index.cosines(counts) for counts in counted])
