"""How much is found in the marked texts: the floors under what docs/privacy.md says."""

import pytest

from benchmarks.privacy import rows, score
from gateway.rules.masking import ALWAYS

FLOORS = {"tuned": (0.95, 0.95), "held_out": (0.9, 0.9)}


@pytest.mark.parametrize("name", FLOORS)
def test_recall_and_precision_stay_above_their_floors(name: str) -> None:
    made, (recall, precision) = score(list(rows(name))), FLOORS[name]
    hits, missed, wrong = (sum(c.values()) for c in (made.hits, made.missed, made.wrong))
    assert hits / (hits + missed) >= recall
    assert hits / (hits + wrong) >= precision


@pytest.mark.parametrize("name", FLOORS)
def test_every_card_and_secret_is_covered_to_the_last_character(name: str) -> None:
    made = score(list(rows(name)))
    for kind in ALWAYS:
        assert made.marked[kind.value] > 0
        assert made.covered[kind.value] == made.marked[kind.value]


@pytest.mark.parametrize("name", FLOORS)
def test_every_country_of_the_marketplaces_is_measured(name: str) -> None:
    countries = {row.country for row in rows(name)}
    assert countries >= {"cn", "us", "uk", "de", "fr", "es", "it", "jp", "br", "mx"}
    assert countries >= {"sg", "my", "th", "id", "vn"}
