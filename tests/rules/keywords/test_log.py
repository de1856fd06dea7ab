"""Search-query reports and the kept form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.keywords import KnownTerm, SearchLog, SearchLogError, parse_search_log
from gateway.rules.keywords.log import dump, load

AMAZON = (
    '\ufeffBrand=["Acme"],Reporting Range=["Weekly"],Select week=["Week 12"]\n'
    '"Search Query","Search Query Score","Search Query Volume","Impressions: Total Count"\n'
    '"dog bed",1,"12,345",99\n"Dog  Bed",7,55,1\n"cat tree",2,"800",50\n'
)


def terms(log: SearchLog) -> list[tuple[str, float]]:
    return [(term.text, term.weight) for term in log.terms]


def test_an_amazon_report_is_read_below_its_preamble_and_variants_are_added_up() -> None:
    assert terms(parse_search_log(AMAZON)) == [("dog bed", 12400.0), ("cat tree", 800.0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("关键词,曝光量,点击量\n猫抓板,900,30\n猫窝,100,50\n", [("猫窝", 50.0), ("猫抓板", 30.0)]),
        (
            "Keyword;Clicks\nGartenschlauch;1.234\nSchlauch;7\n",
            [("gartenschlauch", 1234.0), ("schlauch", 7.0)],
        ),
        ("query\tcount\nlamp\t3\n", [("lamp", 3.0)]),
        ("search term\nlamp\nlamp\n", [("lamp", 2.0)]),
        ("keyword,clicks\nlamp,0\nbed,-\nsofa,2\n", [("sofa", 2.0)]),
    ],
)
def test_reports_of_other_marketplaces_are_read(
    text: str, expected: list[tuple[str, float]]
) -> None:
    assert terms(parse_search_log(text)) == expected


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "\n" * 100])
def test_a_report_without_search_terms_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(SearchLogError, match="name one 'Search Query'"):
        parse_search_log(text)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20),
        st.integers(1, 10**6),
        max_size=20,
    )
)
def test_a_log_survives_being_kept(weights: dict[str, int]) -> None:
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    log = SearchLog(KnownTerm(text, float(f"{weight:g}")) for text, weight in ranked)
    again = load(dump(log))
    assert dict(terms(again)) == dict(terms(log))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "the log begins with 'nonsense'"),
        ("# erp-gateway search log 1\nlamp\n", "line 2 is 'lamp'"),
        ("# erp-gateway search log 1\nx\tlamp\n", "line 2 is"),
    ],
)
def test_a_damaged_log_is_refused_by_line(text: str, message: str) -> None:
    with pytest.raises(SearchLogError, match=message):
        load(text)
