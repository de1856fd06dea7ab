from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.litellm.thinking import Thinking, without_thinking

CASES = [
    ("Hello", "Hello"),
    ("<think>hm, yes</think>\n\nHello", "Hello"),
    ("\n<thinking>a <b> c</thinking>Hello", "Hello"),
    ("Use <think> tags </think> so", "Use <think> tags </think> so"),
    ("<thin ice", "<thin ice"),
    ("  padded", "  padded"),
    ("<", "<"),
]


@pytest.mark.parametrize(("text", "answer"), CASES)
def test_only_a_leading_block_of_reasoning_is_taken_out(text: str, answer: str) -> None:
    assert without_thinking(text) == answer


@pytest.mark.parametrize(("text", "answer"), CASES)
@given(data=st.data())
def test_a_stream_gives_the_same_text_wherever_it_is_cut(
    text: str, answer: str, data: st.DataObject
) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=6).map(sorted))
    ends = [0, *places, len(text)]
    thinking = Thinking()
    pieces = [thinking.without(text[a:b]) for a, b in pairwise(ends)]
    assert "".join(pieces) + thinking.rest() == answer


def test_reasoning_that_never_ends_is_no_answer() -> None:
    thinking = Thinking()
    assert thinking.without("<think>" + "hm " * 500) + thinking.rest() == ""


def test_text_is_not_held_back_once_it_cannot_be_a_block() -> None:
    assert Thinking().without("<b>") == "<b>"
