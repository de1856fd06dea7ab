"""What a reader is told, and that nothing is ever spliced."""

import pytest

from gateway.core.events import Delta, Event, Reader, ReaderGone, Restarted
from gateway.core.model import Outcome

pytestmark = pytest.mark.anyio


class Screen:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.told: list[Event] = []
        self.reader = Reader(self.tell)

    async def tell(self, event: Event) -> None:
        self.told.append(event)


async def test_a_failure_without_text_is_never_told() -> None:
    screen = Screen()
    screen.reader.failed("a", Outcome.OVERLOADED)
    await screen.reader.spell("b", "hello")
    assert screen.told == [Delta("hello")]


async def test_of_several_failures_the_one_whose_text_is_there_is_told_once() -> None:
    screen = Screen()
    await screen.reader.spell("a", "half")
    screen.reader.failed("a", Outcome.TRUNCATED)
    screen.reader.failed("b", Outcome.OVERLOADED)
    await screen.reader.spell("c", "who")
    await screen.reader.spell("c", "le")
    restarted = Restarted("a", Outcome.TRUNCATED, "c")
    assert screen.told == [Delta("half"), restarted, Delta("who"), Delta("le")]


async def test_taking_back_is_told_only_where_there_is_text() -> None:
    screen = Screen()
    await screen.reader.take_back("a", "a")
    await screen.reader.spell("a", "bad")
    await screen.reader.take_back("a", "a")
    await screen.reader.take_back("a", "a")
    assert screen.told == [Delta("bad"), Restarted("a", Outcome.ABANDONED, "a")]


async def test_text_taken_back_after_anothers_failure_is_told_as_that_failure() -> None:
    screen = Screen()
    await screen.reader.spell("a", "half")
    screen.reader.failed("a", Outcome.TIMEOUT)
    await screen.reader.take_back("b", "b")
    await screen.reader.spell("b", "whole")
    assert screen.told == [Delta("half"), Restarted("a", Outcome.TIMEOUT, "b"), Delta("whole")]


def test_a_reader_who_left_is_no_failure_to_go_on_after() -> None:
    assert not issubclass(ReaderGone, Exception)
    assert ReaderGone(ConnectionError("broken")).error.args == ("broken",)
    assert repr(Reader(Screen().tell)) == "Reader(has_text=False, failed=None)"
