"""What must hold for every listing, tried with generated ones."""

import re
import unicodedata

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.rules.keywords import (
    KeywordRequest,
    KeywordRequestError,
    KeywordResult,
    KnownTerm,
    Listing,
    extract,
    guard_and_mix,
    limits_for,
)

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MARKETPLACES = ("", "AMAZON_US", "AMAZON_JP", "ETSY", "EBAY", "SHOPEE", "TEMU", "nowhere")
WORDS = st.sampled_from(
    [
        "steel",
        "water",
        "bottle",
        "bottles",
        "Bottle",
        "BOTTLE",
        "ｂｏｔｔｌｅ",
        "lamp",
        "Lampe",
        "Schlüssel",
        "Überzug",
        "Größe",
        "gourde",
        "étanche",
        "niños",
        "botella",
        "保温杯",
        "不锈钢",
        "水筒",
        "ステンレス",
        "イヤホン",
        "🎉",
        "👩\u200d👩\u200d👧",
        "for",
        "with",
        "de",
        "la",
        "and",
        "750ml",
        "24h",
        "-",
        "|",
        ",",
        ".",
        "<b>",
        "&amp;",
        "free",
        "shipping",
        "包邮",
        "送料無料",
        "AT-3420B",
        "5",
        "café",
        "CAFÉ",
        "don't",
        "women's",
        "dog",
        "dogs",
        "knife",
        "knives",
    ]
)
TEXTS = st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=120))
LISTINGS = st.builds(
    Listing,
    title=TEXTS,
    bullet_points=st.lists(TEXTS, max_size=3).map(tuple),
    description=TEXTS,
    brand=st.sampled_from(("", "Acme", "Yeti")),
    category=st.sampled_from(("", "Home > Kitchen", "家居")),
    attributes=st.dictionaries(st.sampled_from(("colour", "材质")), TEXTS, max_size=2),
    marketplace=st.sampled_from(MARKETPLACES),
    language=st.sampled_from(("", "en", "de", "fr", "es", "zh", "ja", "pt")),
)


def answered(request: KeywordRequest, proposals: list[str] | None = None) -> KeywordResult | None:
    """Give the answer, or None for a listing without a word."""
    try:
        return extract(request) if proposals is None else guard_and_mix(request, proposals)
    except KeywordRequestError:
        return None


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@QUICK
@given(LISTINGS, st.integers(1, 50), st.integers(1, 300), st.lists(TEXTS, max_size=8))
def test_never_more_than_k_and_never_over_the_bytes(
    listing: Listing, most: int, line_bytes: int, proposals: list[str]
) -> None:
    result = answered(KeywordRequest(listing, most, line_bytes), proposals)
    if result is None:
        return
    limits = limits_for(listing.marketplace)
    line = result.search_terms if limits.spaces_count else result.search_terms.replace(" ", "")
    assert len(line.encode()) <= line_bytes
    assert len(result.keywords) <= most
    assert all(one.text.strip() and 0 < one.score <= 1 for one in result.keywords)
    if limits.keyword_characters:
        assert all(len(one.text) <= limits.keyword_characters for one in result.keywords)


@QUICK
@given(LISTINGS, st.lists(TEXTS, max_size=6))
def test_case_width_and_plural_variants_never_come_twice(
    listing: Listing, proposals: list[str]
) -> None:
    result = answered(KeywordRequest(listing, 50), proposals)
    if result is None:
        return
    seen = [
        " ".join(sorted(re.sub(r"s\b", "", folded(one.text)).replace("-", " ").split()))
        for one in result.keywords
    ]
    assert len(seen) == len(set(seen))
    words = folded(result.search_terms).split()
    assert len(words) == len(set(words))


PLANTED = ("zorblax", "Zörblax", "best", "禁词", "禁止語", "two words", "t-shirt", "x9")
WHERE = ("title", "bullet_points", "description", "category", "brand", "attributes")


@QUICK
@given(
    LISTINGS,
    st.sampled_from(PLANTED),
    st.sampled_from(WHERE),
    st.sampled_from((str, str.upper, str.title)),
)
def test_a_planted_banned_word_in_any_field_never_comes_out(
    listing: Listing, word: str, where: str, shape: type[str]
) -> None:
    planted = f"steel {shape(word)} bottle, {shape(word)}s lamp {shape(word)}"
    fields = {name: getattr(listing, name) for name in Listing.__slots__}
    fields[where] = {
        "bullet_points": (planted,),
        "attributes": {"kind": planted},
    }.get(where, planted)
    request = KeywordRequest(
        Listing(**fields),
        50,
        banned_terms=(word,),
        known_search_terms=(KnownTerm(f"{word} bottle", 5),),
    )
    result = answered(request, [f"{word} bottle", f"steel {word}s", word])
    assert result is not None
    came_out = [*(one.text for one in result.keywords), result.search_terms]
    assert not [text for text in came_out if _holds(text, word)]


def _holds(text: str, word: str) -> bool:
    loose = r"[\s-]*".join(map(re.escape, re.split(r"[\s-]+", folded(word))))
    if word.isascii() or word.casefold().startswith("z"):
        loose = rf"(?<!\w){loose}s?(?!\w)"
    return re.search(loose, folded(text)) is not None


@QUICK
@given(LISTINGS, st.integers(1, 20))
def test_the_answer_depends_on_the_request_alone(listing: Listing, most: int) -> None:
    request = KeywordRequest(listing, most)
    assert answered(request) == answered(request)


@QUICK
@given(st.text(max_size=3000), st.sampled_from(("en", "zh", "ja", "de", "fr", "es", "")))
def test_any_text_is_answered_or_refused_clearly(text: str, language: str) -> None:
    request = KeywordRequest(Listing(title=text[:200], description=text, language=language))
    result = answered(request)
    if result is None:
        assert not any(c.isalnum() for c in unicodedata.normalize("NFKC", text) if ord(c) < 0x2000)
    else:
        assert result.language in ("en", "zh", "de", "fr", "es", "ja")
