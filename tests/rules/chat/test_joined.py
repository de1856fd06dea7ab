"""One pass over joined indexes tells what each index tells by itself."""

import numpy as np
import pytest

from gateway.rules.chat.features import count_features
from gateway.rules.chat.index import Index, build_index
from gateway.rules.chat.joined import joined

FIRST = ("red shoes for children", "blue hats", "怎么申请退货", "wo ist mein paket")
SECOND = ("where are my red shoes", "退货要多久", "a hat, a hat, a hat")
TEXTS = (
    *FIRST,
    *SECOND,
    "red red red hats",
    "退退退货",
    "nothing known zzxxqq",
    "blue " * 300,
    "0x" * 2000,
    "?!",
    "",
)


def indexes_of(questions: tuple[str, ...]) -> tuple[Index, Index]:
    counted = [count_features(question) for question in questions]
    return build_index([words for words, _ in counted]), build_index([c for _, c in counted])


@pytest.mark.parametrize(
    "questions",
    [(FIRST,), (FIRST, SECOND), (FIRST, (), SECOND), ((), FIRST), ((),)],
    ids=["one", "two", "three", "empty-first", "empty"],
)
def test_every_ranking_gets_the_cosines_of_its_own_indexes_to_the_last_bit(
    questions: tuple[tuple[str, ...], ...],
) -> None:
    rankings = [indexes_of(one) for one in questions]
    index = joined(rankings)
    for text in TEXTS:
        features = count_features(text)
        for (words, characters), cosines in zip(rankings, index.cosines(features), strict=True):
            assert np.array_equal(cosines[0], words.cosines(features[0]))
            assert np.array_equal(cosines[1], characters.cosines(features[1]))


def test_equal_pieces_are_kept_once() -> None:
    index = joined([indexes_of(FIRST)])
    pieces = [*index.words.values(), *index.characters.values()]
    assert len(set(map(id, pieces))) == len(set(pieces)) < len(pieces)


def test_an_index_tells_its_size() -> None:
    index = joined([indexes_of(FIRST), indexes_of(SECOND)])
    known = len(index.words), len(index.characters)
    assert repr(index) == f"Joined({known[0]} + {known[1]} features, (4, 3))"
