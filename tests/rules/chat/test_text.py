"""Plain Latin texts take a short way; it ends where the long one does."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.chat import features, text
from gateway.rules.chat.canonical import _SHORT_FORMS
from gateway.rules.chat.features import count_features, tokens_of
from gateway.rules.chat.language import detect_language

ASCII = st.text(st.characters(max_codepoint=127), max_size=80)


@given(ASCII)
def test_ascii_is_normal_as_unicode_says(written: str) -> None:
    plain = unicodedata.normalize("NFKC", written).translate(text._TO_PLAIN)
    assert text.normalise(written) == re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", plain).strip()


@given(ASCII)
def test_ascii_folds_as_unicode_says(written: str) -> None:
    apart = unicodedata.normalize("NFD", written.casefold())
    assert text.fold(written) == unicodedata.normalize("NFC", apart)


@given(ASCII)
def test_tokens_of_ascii_are_those_of_the_pattern(written: str) -> None:
    plain = re.sub(r"(?<=\w)'(?=\w)", "", text.fold(text.normalise(written)))
    assert tokens_of(written) == features._TOKEN.findall(re.sub(r"\d+", "0", plain))


@given(ASCII)
def test_a_sign_of_another_script_changes_no_word_beside_it(written: str) -> None:
    alone, beside = count_features(written), count_features(f"{written} \u0e01")
    assert all(beside[view].keys() >= alone[view].keys() for view in (0, 1))
    assert detect_language(written) == detect_language(f"{written} \u0e01")


@given(ASCII)
def test_every_short_form_has_the_sign_that_is_looked_for(written: str) -> None:
    plain = text.fold(text.normalise(written))
    if any(short.search(plain) for short, _ in _SHORT_FORMS):
        assert "'" in plain or "cannot" in plain
