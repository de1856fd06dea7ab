"""What is looked for first costs little and loses nothing: no pattern matches where it is not."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.rules.checks import figures as f
from gateway.rules.checks import links
from gateway.rules.checks.words import (
    COUNTED,
    HAN_COUNTED,
    MONTHS,
    NUMBER_WORDS,
    letter_runs,
)

UNITS = "days|working|Tage|jours|días|pour cent|月|日|年|天|百分之|三|十二|万|É"
SIGNS = (
    "٣ ３ ½ Ⅷ ſept maı _ - / . , ' ( 1 24 2026 12 1st k kg usd 24/7 @ :// www. a.de [dot] (.) ．"
)
PIECES = st.sampled_from(
    [*NUMBER_WORDS, *MONTHS, *UNITS.split("|"), *SIGNS.split(), "ｗｗｗ", "shop", *"   \n"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)
DATES = (f._YMD, f._HAN_DATE, f._DMY, f._DAY_MONTH, f._MONTH_DAY, f._SLASHED)
MIXED = (f._THOUSANDS, f._WITH_UNIT, f._CURRENCY, f._MIXED)
SHARED = settings(max_examples=400, deadline=None)


@SHARED
@given(TEXTS | st.text(max_size=60))
def test_a_text_with_a_figure_is_never_passed_over(text: str) -> None:
    plain = f._plain(text)
    patterns = (COUNTED, HAN_COUNTED, f._NUMBER, f._MIXED, *DATES)
    if any(pattern.search(plain) for pattern in patterns):
        assert f.may_hold_figures(plain)


@SHARED
@given(TEXTS)
def test_number_words_before_units_are_runs_of_letters(text: str) -> None:
    plain = f._plain(text)
    if COUNTED.search(plain):
        assert not f._FIRST_RUNS.isdisjoint(letter_runs(plain))


@SHARED
@given(TEXTS)
def test_a_form_of_date_that_is_left_out_does_not_occur(text: str) -> None:
    plain = HAN_COUNTED.sub(" 3", f._plain(text))
    tried = {pattern for pattern, _ in f._dates_of(plain)}
    left = plain
    for pattern in DATES:
        if pattern not in tried:
            assert not pattern.search(plain)
            assert not pattern.search(left)
        left = pattern.sub(" ", left)
    if any(pattern.search(left) for pattern in MIXED):
        assert f._BESIDE_LETTER.search(left)


@SHARED
@given(TEXTS | st.text(max_size=60))
def test_a_text_with_a_link_holds_a_hint(text: str) -> None:
    found = links._links(unicodedata.normalize("NFKC", text))
    assert links.links_in(text) == found


@SHARED
@given(TEXTS | st.text(max_size=60), st.integers(0, 60))
def test_what_is_found_in_a_part_is_never_missed_in_the_whole(text: str, cut: int) -> None:
    parts = (text, text[:cut], text[cut:])
    if any(links.links_in(part) != links.NO_LINKS for part in parts):
        assert not links.holds_no_links(text)
    if any(f.unknown_figures(part, ()) for part in parts):
        assert not f.holds_no_figures(text)


@SHARED
@given(TEXTS | st.text(alphabet="aZ.w@:/[(dot)]_-5 é", max_size=30))
def test_the_short_look_for_links_says_what_the_pattern_says(text: str) -> None:
    plain = unicodedata.normalize("NFKC", text)
    assert links.may_hold_links(plain) == bool(links._HINT.search(plain))
