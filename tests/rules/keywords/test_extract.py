"""What the rules give for a listing."""

import dataclasses
import re
import unicodedata

import pytest

from gateway.rules.keywords import (
    Field,
    KeywordReason,
    KeywordRequest,
    KeywordRequestError,
    KnownTerm,
    Lexicon,
    Listing,
    SearchLog,
    extract,
)
from tests.rules.keywords.texts import BOTTLE, TITLES, titled


def texts(request: KeywordRequest, lexicon: Lexicon | None = None) -> list[str]:
    return [one.text for one in extract(request, lexicon or Lexicon()).keywords]


def test_a_listing_gives_exactly_k_keywords_best_first() -> None:
    found = extract(KeywordRequest(BOTTLE, 7)).keywords
    assert len(found) == 7
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_the_product_is_among_the_first_keywords() -> None:
    assert any("bottle" in text for text in texts(KeywordRequest(BOTTLE)))


@pytest.mark.parametrize(
    ("language", "product"),
    [
        ("en", "dog bed"),
        ("de", "Gartenschlauch"),
        ("fr", "lampe"),
        ("es", "botella"),
        ("zh", "保温杯"),
        ("ja", "水筒"),
    ],
)
def test_every_language_is_detected_and_finds_its_product(language: str, product: str) -> None:
    result = extract(titled(TITLES[language]))
    assert result.language == language
    assert any(product in one.text for one in result.keywords)


def test_the_requested_language_wins_over_detection() -> None:
    assert extract(KeywordRequest(Listing(title="Lampe", language="de-AT"))).language == "de"


def test_the_same_request_gives_the_same_answer() -> None:
    request = KeywordRequest(BOTTLE, 20)
    assert extract(request) == extract(request)


@pytest.mark.parametrize("phrase", ["free shipping", "shipping", "yeti"])
def test_marketing_and_foreign_marks_do_not_come_out(phrase: str) -> None:
    result = extract(KeywordRequest(BOTTLE, 50))
    assert phrase not in " | ".join([*(one.text for one in result.keywords), result.search_terms])


def test_a_mark_comes_out_when_it_is_the_listings_own_brand() -> None:
    listing = Listing(title="Yeti Insulated Travel Mug with Lid", brand="Yeti")
    assert any("yeti" in text for text in texts(KeywordRequest(listing, 20)))
    foreign = dataclasses.replace(listing, title="Insulated Lid for Yeti Travel Mug", brand="Acme")
    assert not any("yeti" in text for text in texts(KeywordRequest(foreign, 20)))


def test_an_everyday_word_that_is_a_mark_too_counts_only_beside_compatibility() -> None:
    assert any("apple" in text for text in texts(titled("Apple Corer and Slicer for Kitchen")))
    assert not any("apple" in text for text in texts(titled("Leather Strap for Apple Watches", 20)))


def test_fields_say_where_a_keyword_stands() -> None:
    found = {one.text: one.fields for one in extract(KeywordRequest(BOTTLE, 50)).keywords}
    lid = next(fields for text, fields in found.items() if text == "straw lid")
    assert lid == (Field.TITLE, Field.BULLET_POINTS)


def test_known_search_terms_come_first_when_the_listing_supports_them() -> None:
    terms = (KnownTerm("steel bottle for school", 90), KnownTerm("garden hose", 900))
    found = extract(KeywordRequest(BOTTLE, 5, known_search_terms=terms)).keywords
    assert ("steel bottle for school", KeywordReason.SEARCHED) in [
        (k.text, k.reason) for k in found
    ]
    assert "garden hose" not in [one.text for one in found]


def test_a_search_log_lifts_what_shoppers_typed() -> None:
    title = "Acme Large Grey Wooden Dog Bed Washable Cushion"
    without = texts(titled(title))
    log = SearchLog([KnownTerm("grey cushion", 900), KnownTerm("sofa", 2)])
    assert "grey cushion" not in without
    assert "grey cushion" in texts(titled(title), Lexicon(search_log=log))


@pytest.mark.parametrize("name", ["Nestlé", "L'Oréal", "Häagen-Dazs", "Größe"])
def test_a_latin_word_with_accents_is_not_cut_apart_in_a_chinese_title(name: str) -> None:
    result = extract(KeywordRequest(Listing(title=f"进口{name}速溶咖啡 男士"), 50))
    given = " ".join([*(keyword.text for keyword in result.keywords), result.search_terms])
    words = re.findall(r"[^\W\u3400-\u9fff]+", given)
    assert set(words) <= set(re.findall(r"\w+", name.lower()))


@pytest.mark.parametrize("title", ["กระบอกน้ำสแตนเลส 500ml เก็บความเย็น", "स्टील की पानी की बोतल"])
def test_the_line_holds_no_half_words_of_scripts_with_marks(title: str) -> None:
    line = extract(KeywordRequest(Listing(title=title))).search_terms
    assert line
    assert set(line.split()) <= set(unicodedata.normalize("NFKC", title).split())


def test_product_words_of_the_tenant_are_never_cut_apart() -> None:
    title = "云感格绒宝新款家用大号"
    assert "格绒宝" in texts(titled(title), Lexicon(product_words=frozenset({"格绒宝"})))


def test_own_brands_of_the_tenant_are_no_foreign_marks() -> None:
    request = KeywordRequest(Listing(title="Running Socks for Nike Shoes", brand="Acme"), 20)
    assert not any("nike" in text for text in texts(request))
    assert any("nike" in text for text in texts(request, Lexicon(own_brands=("Nike",))))


def test_html_and_emoji_are_read_as_text() -> None:
    plain = texts(titled("Wooden Dog Bed, Washable Cushion"))
    marked = texts(titled("<b>Wooden Dog Bed</b> 🐶<br/>Washable&nbsp;Cushion<script>x()</script>"))
    assert set(plain) == set(marked)


def test_one_word_gives_one_keyword() -> None:
    assert texts(titled("Lamp")) == ["lamp"]


@pytest.mark.parametrize("title", ["", "   ", "🎉🎉", "<br>", "!!! ---"])
def test_a_listing_without_a_word_is_refused(title: str) -> None:
    with pytest.raises(KeywordRequestError, match="listing holds no word"):
        extract(titled(title))


def test_ten_megabytes_are_cut_and_said_so() -> None:
    result = extract(KeywordRequest(Listing(title="Dog Bed", description="soft bed " * 1_200_000)))
    assert result.truncated == (Field.DESCRIPTION,)
    assert result.keywords


@pytest.mark.parametrize(
    "junk", ["a" * 10_000_000, "<" * 10_000_000, "狗" * 3_000_000, "1,2/" * 2_500_000]
)
def test_huge_junk_is_answered_or_refused(junk: str) -> None:
    try:
        assert len(extract(titled(junk)).keywords) <= 5
    except KeywordRequestError as error:
        assert "no word" in str(error)  # noqa: PT017 # either way is a clear answer


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"max_keywords": 0}, "max_keywords is 0; send a number from 1 to 50"),
        ({"max_keywords": 51}, "max_keywords is 51; send a number from 1 to 50"),
        (
            {"search_terms_max_bytes": 0},
            "search_terms_max_bytes is 0; send a number from 1 to 5000",
        ),
        ({"known_search_terms": (KnownTerm("x", -1),)}, "weight -1 of 'x' must be a finite number"),
        ({"banned_terms": ("x",) * 2001}, "banned_terms holds 2001 terms; send at most 2000"),
    ],
)
def test_a_request_out_of_bounds_is_refused_by_name(more: dict[str, object], message: str) -> None:
    with pytest.raises(KeywordRequestError, match=message):
        KeywordRequest(BOTTLE, **more)  # type: ignore[arg-type] # named fields


def test_etsy_takes_thirteen_tags_of_twenty_characters() -> None:
    listing = dataclasses.replace(BOTTLE, marketplace="Etsy")
    found = texts(KeywordRequest(listing, 50))
    assert len(found) == 13
    assert all(len(text) <= 20 for text in found)
