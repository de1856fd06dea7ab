"""What is looked for before a pattern is asked stands in every text that the pattern matches."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.rules.chat import handover, ids, lookups, small_talk
from gateway.rules.chat.carriers import CARRIERS
from gateway.rules.chat.needed import key_of, least_digits, literals_of, pieces_of
from gateway.rules.chat.out_of_scope import OUT_OF_SCOPE
from gateway.rules.chat.routed_examples import NEITHER, ROUTED
from gateway.rules.chat.text import fold, normalise
from gateway.rules.chat.words import AnyOf, alternatives, any_of

ALL = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in (handover, lookups)
    for name, value in vars(module).items()
    if isinstance(value, AnyOf)
}
SOURCES = sorted({source for patterns in ALL.values() for source in patterns.sources})
ASKED = ("is this site a scam", "你们是不是骗子")
LINES = [
    fold(normalise(line)) for line in (*OUT_OF_SCOPE, *NEITHER, *ASKED, *sum(ROUTED.values(), ()))
]
SLOW = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("name", sorted(ALL))
def test_patterns_find_what_one_search_for_all_of_them_finds(name: str) -> None:
    patterns = ALL[name]
    together = re.compile("|".join(f"(?:{source})" for source in patterns.sources))
    lines = [*LINES, *(f"{a} {b}" for a, b in zip(LINES, reversed(LINES), strict=True))]
    found = [patterns.search(line) for line in lines]
    assert found == [together.search(line) is not None for line in lines]
    assert any(found)


@SLOW
@given(st.data())
def test_a_text_made_from_a_pattern_is_found(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(SOURCES))
    text = data.draw(st.from_regex(source))
    literals = literals_of(source)
    assert not literals or any(literal in text for literal in literals)
    assert any(patterns.search(text) for patterns in ALL.values() if source in patterns.sources)


@given(st.text(min_size=1, max_size=20), st.text(max_size=9), st.text(max_size=9))
def test_the_key_of_a_literal_is_a_piece_of_every_text_with_it(
    literal: str, before: str, after: str
) -> None:
    key = key_of(literal)
    assert not key or key in set(pieces_of(before + literal + after))


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        (r"\bcancel(?:led|s)?\b", {"cancel", "cancelled", "cancels"}),
        (r"(?:a|the)? ?refunds?", {"refund", "refunds", " refund", " refunds"}),
        (r"退款|(?:到|没)账", {"退款", "到账", "没账"}),
        (r"\w+ab\d*", set()),
        (r"(?i:refund)", set()),
        (r"(?i)refund", set()),
        (r"(?!never)\w+", set()),
        (r"(?:refund)?", set()),
        (r"(?:refund){2,9}x*", {"refund"}),
    ],
)
def test_literals_are_those_of_which_every_match_holds_one(
    pattern: str, literals: set[str]
) -> None:
    found = literals_of(pattern)
    assert bool(found) == bool(literals)
    assert all(any(known in literal or literal in known for known in literals) for literal in found)


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("a|b", ["a", "b"]),
        (r"a(?:b|c)|[|)]\||d", [r"a(?:b|c)", r"[|)]\|", "d"]),
        (r"[]|]|[^]|]", ["[]|]", "[^]|]"]),
    ],
)
def test_alternatives_are_parted_outside_of_brackets_only(pattern: str, parts: list[str]) -> None:
    assert alternatives(pattern) == parts


def test_a_pattern_that_needs_nothing_is_always_asked() -> None:
    assert any_of(r"\bya\b").search("ya")
    assert not any_of(r"\bya\b").search("no")


SHAPES = [c.shape for c in CARRIERS] + list(ids.ORDER_SHAPES)


@SLOW
@given(st.data())
def test_an_id_has_the_digits_and_the_words_that_are_counted_on(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    text = data.draw(st.from_regex(shape))
    assert len(re.findall(r"\d", text)) >= least_digits(shape.pattern)


@SLOW
@given(st.data())
def test_a_cue_has_one_of_its_words(data: st.DataObject) -> None:
    cue, words = data.draw(
        st.sampled_from([(ids._CUED_ORDER, ids._ORDER_WORDS), (ids._CUED_SKU, ids._SKU_WORDS)])
    )
    text = data.draw(st.from_regex(cue))
    assert ids._holds(text, words)


GREETED = st.sampled_from([pattern for _, pattern in small_talk._KINDS])


@SLOW
@given(st.data())
def test_no_greeting_thanks_or_goodbye_is_passed_over(data: st.DataObject) -> None:
    text = data.draw(st.from_regex(data.draw(GREETED)))
    assert small_talk._may_greet(text)
