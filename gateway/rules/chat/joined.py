"""Several indexes as one: a text is held against all questions of all rankings in one pass.

Looking up one text in one small index costs more for the calls than for the numbers, and a message
is held against four: its words and its characters, against the entries' questions and the wishes'.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from gateway.rules.chat.features import Counts
from gateway.rules.chat.index import Floats, Index, damped_counts, rarity_of

Features = tuple[Counts, Counts]
"""Of the words and of the characters of a text, as `count_features` gives them."""
Piece = tuple[bytes, bytes, bytes]
"""What is kept of a feature: rows, weights, facts; the same for many features, so kept once.

Facts: for each ranking how many of the rows are its own, then for each the feature's rarity."""
Cosines = tuple[Floats, ...]
"""For each ranking: its questions' cosines by words and by characters, 2 x questions."""


class Joined:
    """Indexes by words and by characters of some rankings; read-only once made.

    `words`, `characters`: what is known of each feature, by its hash; of equal pieces one is kept.
    A ranking of n questions has 2 n rows: its questions by words, then by characters. `sizes`:
    questions of each ranking.
    """

    __slots__ = ("_row", "_shares", "_unknown", "characters", "sizes", "words")

    def __init__(
        self,
        words: Iterable[tuple[int, Piece]],
        characters: Iterable[tuple[int, Piece]],
        sizes: tuple[int, ...],
    ) -> None:
        kept: dict[Piece, Piece] = {}
        self.words = {key: kept.setdefault(piece, piece) for key, piece in words}
        self.characters = {key: kept.setdefault(piece, piece) for key, piece in characters}
        self.sizes = sizes
        self._unknown = (b"", b"", _facts_of_unknown(sizes).tobytes())
        self._row = row_type(sizes)
        self._shares = tuple(pairwise(accumulate((2 * size for size in sizes), initial=0)))

    def __repr__(self) -> str:
        return f"Joined({len(self.words)} + {len(self.characters)} features, {self.sizes})"

    def cosines(self, features: Features) -> Cosines:
        """Return the cosines of a text with every question of every ranking."""
        words, characters = features
        if not words:
            return tuple(np.zeros((2, size), np.float32) for size in self.sizes)
        found = [
            *map(self.words.get, words, repeat(self._unknown)),
            *map(self.characters.get, characters, repeat(self._unknown)),
        ]
        # not `zip(*found)`: its hundreds of iterators call the garbage collector
        rows, weights, told = (b"".join([piece[part] for piece in found]) for part in range(3))
        facts = np.frombuffer(told, np.float32).reshape(len(found), 2, -1)
        times = damped_counts(chain(words.values(), characters.values()), len(found))
        own = _weights(times, facts[:, 1], len(words))
        products = np.frombuffer(weights, np.float32) * own.repeat(
            facts[:, 0].astype(np.intp).ravel()
        )
        sums = np.bincount(np.frombuffer(rows, self._row), products, 2 * sum(self.sizes))
        cosines = sums.astype(np.float32)
        return tuple(cosines[begin:end].reshape(2, -1) for begin, end in self._shares)


def _weights(times: Floats, rarity: Floats, words: int) -> Floats:
    """Return the weights of a text's features, by feature and ranking; each view has length 1."""
    weights = np.multiply(times, rarity.T, order="C")
    lengths = [[part.dot(part) for part in (own[:words], own[words:])] for own in weights]
    weights /= np.sqrt(np.array(lengths)).repeat((words, len(times) - words), axis=1)
    return weights.T.ravel()


def joined(rankings: Sequence[tuple[Index, Index]]) -> Joined:
    """Join the indexes of each ranking: by words, by characters."""
    sizes = tuple(words.size for words, _ in rankings)
    begun = list(accumulate((2 * size for size in sizes[:-1]), initial=0))
    middles = [row + size for row, size in zip(begun, sizes, strict=True)]
    words, characters = zip(*rankings, strict=True)
    return Joined(_view(words, begun, sizes), _view(characters, middles, sizes), sizes)


def row_type(sizes: Sequence[int]) -> np.dtype[np.unsignedinteger]:
    """The smallest type that numbers the rows of rankings of these sizes."""
    return np.min_scalar_type(2 * sum(sizes))


def _facts_of_unknown(sizes: Sequence[int]) -> Floats:
    return np.array([[0] * len(sizes), [rarity_of(0, size) for size in sizes]], np.float32)


def _view(
    indexes: Sequence[Index], begun: Sequence[int], sizes: Sequence[int]
) -> Iterator[tuple[int, Piece]]:
    """Go through the features of one view; the rows of indexes[r] begin at begun[r]."""
    hashes = np.unique(np.concatenate([index.hashes for index in indexes]))
    facts = np.tile(_facts_of_unknown(sizes), (len(hashes), 1, 1))
    owners, rows, weights = [], [], []
    for ranking, index in enumerate(indexes):
        place = np.searchsorted(hashes, index.hashes)
        counts = np.diff(index.start)
        facts[place, 0, ranking] = counts
        facts[place, 1, ranking] = index.rarity
        owners.append(place.repeat(counts))
        rows.append(index.rows + begun[ranking])
        weights.append(index.weights)
    order = np.concatenate(owners).argsort(kind="stable")
    return pieces_of(
        hashes,
        facts,
        np.concatenate(rows)[order].astype(row_type(sizes)),
        np.concatenate(weights)[order],
    )


def pieces_of(
    hashes: NDArray[np.uint32], facts: Floats, rows: NDArray[np.unsignedinteger], weights: Floats
) -> Iterator[tuple[int, Piece]]:
    """Cut the rows and weights of a view's features into one piece for each of them."""
    ends = facts[:, 0].sum(axis=1).astype(np.int64).cumsum()
    told, all_rows, all_weights = facts.tobytes(), rows.tobytes(), weights.tobytes()
    wide, each = facts[0].nbytes, rows.itemsize
    cuts = zip(chain([0], ends.tolist()), ends.tolist(), strict=False)
    for number, (key, (begin, end)) in enumerate(zip(hashes.tolist(), cuts, strict=True)):
        yield (
            key,
            (
                all_rows[begin * each : end * each],
                all_weights[begin * weights.itemsize : end * weights.itemsize],
                told[number * wide : (number + 1) * wide],
            ),
        )
