"""Blocks hold what is in them, and give it back."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.blocks import bare, block


@given(st.text())
def test_nothing_inside_can_close_a_block_and_its_text_comes_back(text: str) -> None:
    made = block("customer", text)
    assert made.count("</customer>") == made.count("<customer>") == 1
    assert bare(made) == text.replace("<", "‹").replace(">", "›")


@given(st.text())
def test_other_text_stays_as_it_is(text: str) -> None:
    if not text.startswith("<"):
        assert bare(text) == text
