"""What takes long to check is checked beside the event loop."""

import threading

import pytest

from gateway.core.engine import Engine
from gateway.core.events import Delta
from gateway.core.model import Completion, Source
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import Echo, EchoTask, FakeProvider, caller, deployment, plan, rooms

pytestmark = pytest.mark.anyio

MAIN = threading.main_thread()


class Noting(EchoTask):
    """Notes the threads of its checks; a task and its gate in one."""

    drafts_first = True

    def __init__(self, *, long: bool) -> None:
        self._long = long
        self.on_loop: set[bool] = set()

    def takes_long(self, request: str) -> bool:
        return self._long

    def gate(self, request: str, draft: str | None) -> "Noting":
        return self

    def refused(self, draft: str) -> str:
        return draft

    def take(self, text: str) -> str:
        self.on_loop.add(threading.current_thread() is MAIN)
        return text

    def rest(self) -> str:
        return self.take("")

    def parse(self, request: str, draft: str | None, completion: Completion) -> Echo:
        self.take("")
        return super().parse(request, draft, completion)


def engine() -> Engine:
    return Engine(rooms(FakeProvider({"a": ["good"]}), plan([deployment("a")])))


@pytest.mark.parametrize("long", [False, True])
async def test_a_reply_to_a_long_talk_is_read_in_a_thread(long: bool) -> None:
    task = Noting(long=long)
    answer = await engine().answer(task, "hi", caller())
    assert answer.source is Source.MODEL
    assert task.on_loop == {not long}


@pytest.mark.parametrize("long", [False, True])
async def test_a_stream_to_a_long_talk_is_checked_in_a_thread(long: bool) -> None:
    task = Noting(long=long)
    told = [e async for e in streams.events(StreamEngine(engine()), task, "hi", caller())]
    assert Delta("good") in told
    assert task.on_loop == {not long}
