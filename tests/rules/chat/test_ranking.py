"""Entries are ranked by the questions near a text."""

import numpy as np

from gateway.rules.chat.confidence import Calibration
from gateway.rules.chat.knowledge import Entry
from gateway.rules.chat.ranking import Ranking

ENTRIES = tuple(Entry(name) for name in "abc")
OWN = np.eye(3, dtype=np.float32)
RANKING = Ranking(ENTRIES, OWN, OWN, np.arange(4), Calibration((0.0,) * 6, 0.8))


def ranked(*cosines: float, left_out: tuple[int, ...] = (), top: int = 3) -> str:
    both = np.array([cosines, cosines], np.float32)
    return "".join(one.entry.id for one in RANKING.ranked(both, left_out, top))


def test_the_nearest_comes_first_and_of_equals_the_first() -> None:
    assert ranked(0.2, 0.5, 0.1) == "bac"
    assert ranked(0.5, 0.2, 0.5) == "acb"


def test_what_shares_nothing_or_is_left_out_is_not_ranked() -> None:
    assert ranked(0.2, 0.0, 0.3) == "ca"
    assert ranked(0.2, 0.1, 0.3, left_out=(2, 0)) == "b"
    assert ranked(0.0, 0.0, 0.0) == ""


def test_no_more_than_asked_for_are_ranked() -> None:
    assert ranked(0.2, 0.5, 0.1, top=1) == "b"
    assert ranked(0.2, 0.5, 0.1, top=9) == "bac"


def test_a_ranking_tells_its_size() -> None:
    assert repr(RANKING) == "Ranking(3 entries, 3 questions)"
