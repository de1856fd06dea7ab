"""A model that a customer has made to repeat itself never holds the event loop either."""

from contextlib import suppress

from gateway.core.errors import UnsafeAnswer
from gateway.core.options import GuardOptions
from gateway.tasks.chat.canary import Canary
from gateway.tasks.chat.gate import AnswerGate, Grounds
from tests.hostile import growing

CANARY = Canary()
PIECE = 16


def gate() -> AnswerGate:
    guard = GuardOptions(figures=False, links=False)
    return AnswerGate(Grounds(guard=guard), CANARY)


def read_whole(text: str) -> None:
    with suppress(UnsafeAnswer):
        AnswerGate(Grounds(), CANARY).whole(text)


def read_whole_unchecked(text: str) -> None:
    gate().whole(text)


def stream(text: str) -> None:
    one = gate()
    for begin in range(0, len(text), PIECE):
        one.take(text[begin : begin + PIECE])
    one.rest()


def test_a_whole_answer_takes_linear_time() -> None:
    assert growing(read_whole) == []
    assert growing(read_whole_unchecked) == []


def test_a_streamed_answer_takes_linear_time() -> None:
    assert growing(stream) == []
