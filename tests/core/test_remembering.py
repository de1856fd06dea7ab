"""Conversations and refused answers in the walk, whole and as streams, with fakes at the ports."""

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.core.conversations import Conversation, Kept, Turn, conversation_key
from gateway.core.engine import Engine
from gateway.core.errors import NoAnswer, NotFound, UnsafeAnswer
from gateway.core.events import Completed, Delta, Event, Restarted, Started
from gateway.core.model import (
    AnswerBy,
    Call,
    Caller,
    Completion,
    DegradeReason,
    Message,
    Outcome,
    Role,
    Served,
    Source,
)
from gateway.core.ports import StoreDown
from gateway.core.stream import StreamEngine
from tests import streams
from tests.fakes import Behaviour, Echo, EchoTask, FakeProvider, caller, deployment, plan, rooms

pytestmark = pytest.mark.anyio

Asked = tuple[str, str, str]
"""Conversation, customer, text."""


class FakeConversations:
    """Keeps everything for ever; `down`: cannot be reached."""

    def __init__(self) -> None:
        self.kept: dict[bytes, Conversation] = {}
        self.down = False

    async def read(self, key: bytes) -> Conversation | None:
        if self.down:
            raise StoreDown("away")
        return self.kept.get(key)

    async def add(self, key: bytes, turn: Turn, *, with_person: bool | None, ttl_s: float) -> None:
        if self.down:
            raise StoreDown("away")
        self.kept[key] = self.kept.get(key, Conversation()).with_turn(turn, with_person)


class TalkTask(EchoTask):
    """Requests are (conversation, customer, text); "forget" is not remembered; "!" is unsafe."""

    def kept(self, request: Any) -> Kept | None:
        return None if request[2] == "forget" else Kept(request[0], request[1])

    def continued(self, request: Any, conversation_id: str, conversation: Conversation) -> Any:
        before = [m.text for turn in conversation.turns for m in turn.messages]
        return (conversation_id, request[1], "|".join([*before, request[2]]))

    def turn(self, request: Any, draft: Any, value: Echo) -> tuple[Turn, bool | None]:
        said = Message(Role.USER, request[2].rpartition("|")[2])
        return Turn((said, Message(Role.ASSISTANT, value.text))), "person" in value.text or None

    def knowledge_base(self, request: Any, route: Any) -> str:
        return "shop"

    def cache_text(self, request: Any, draft: Any, route: Any) -> bytes | None:
        return None

    def prompt(self, request: Any, draft: Any, route: Any) -> Any:
        return super().prompt(request[2], draft, route)

    def draft(self, request: Any, route: Any) -> str:
        return str(request[2]).upper()

    def parse(self, request: Any, draft: Any, completion: Completion) -> Echo:
        if "!" in completion.text:
            raise UnsafeAnswer("it shouts")
        return Echo(completion.text)

    def takes_long(self, request: Any) -> bool:
        return False

    def gate(self, request: Any, draft: Any) -> "QuietGate":
        return QuietGate()

    def rules(self, request: Any, draft: str) -> Echo:
        return super().rules(request, draft)

    def refused(self, draft: str) -> str:
        return "a person will answer"


TASK: Any = TalkTask()  # its requests are tuples, those of its parent texts


class QuietGate:
    """Lets everything through but "!"."""

    def take(self, text: str) -> str:
        if "!" in text:
            raise UnsafeAnswer("it shouts")
        return text

    def rest(self) -> str:
        return ""


@dataclass
class Failures:
    """Remembers what failed."""

    heard: list[str] = field(default_factory=list)

    def failed(self, call: Call, caller: Caller, error: BaseException, served: Served) -> None:
        self.heard.append(type(error).__name__)


class Stage:
    """An engine with a store, on one or more scripted deployments."""

    def __init__(self, *scripts: list[Behaviour]) -> None:
        names = [f"m{number}" for number in range(len(scripts))]
        self.model = FakeProvider(dict(zip(names, map(list, scripts), strict=True)))
        self.store, self.failures = FakeConversations(), Failures()
        of = plan(*([deployment(name)] for name in names))
        parts: Any = {"conversations": self.store, "failures": self.failures}
        self.engine = Engine(rooms(self.model, of, **parts))

    async def ask(self, request: Asked, **who: Any) -> Any:
        return await self.engine.answer(TASK, request, caller(**who))

    async def events(self, request: Asked) -> list[Event]:
        stream = streams.events(StreamEngine(self.engine), TASK, request, caller())
        async with aclosing(stream) as events:
            return [event async for event in events]

    @property
    def told(self) -> list[str]:
        """The last user's message of every prompt."""
        return [prompt.messages[0].text for _, prompt in self.model.asked]


async def test_a_conversation_is_made_kept_and_told_to_the_next_model() -> None:
    stage = Stage(["one", "two"])
    await stage.ask(("", "C1", "a"))
    (key,) = stage.store.kept
    began = await stage.events(("", "C1", "b"))
    assert isinstance(began[0], Started)
    assert conversation_key("default", "C1", began[0].conversation_id) in stage.store.kept
    assert stage.store.kept[key].turns[0].messages[1].text == "one"


async def test_the_history_comes_back_to_its_own_customer_only() -> None:
    stage = Stage(["one", "two", "three"])
    started = (await stage.events(("", "C1", "a")))[0]
    assert isinstance(started, Started)
    name = started.conversation_id
    await stage.ask((name, "C1", "b"))
    assert stage.told[-1] == "a|onetwothree|b"
    refused = []
    for request, tenant in (
        ((name, "C2", "x"), "default"),
        ((name, "C1", "x"), "other"),
        (("unknown", "C1", "x"), "default"),
    ):
        with pytest.raises(NotFound) as error:
            await stage.ask(request, tenant=tenant)
        refused.append(str(error.value))
    assert len(set(refused)) == 1


async def test_a_store_that_is_away_costs_the_memory_and_not_the_answer() -> None:
    stage = Stage(["one"])
    stage.store.down = True
    answer = await stage.ask(("any", "C1", "a"))
    assert (answer.value.text, answer.source) == ("one", Source.MODEL)


async def test_what_is_not_remembered_is_not_kept() -> None:
    stage = Stage(["one"])
    await stage.ask(("", "C1", "forget"))
    assert stage.store.kept == {}


async def test_an_unsafe_answer_is_asked_once_more_and_the_model_is_told_why() -> None:
    stage = Stage(["no!", "fine"])
    answer = await stage.ask(("", "C1", "a"))
    assert answer.value.text == "fine"
    assert [a.outcome for a in answer.attempts] == [Outcome.ANSWER_REFUSED, Outcome.OK]
    assert "it shouts" in stage.model.asked[1][1].messages[-1].text


async def test_after_two_unsafe_answers_a_person_takes_over_and_no_other_model_is_asked() -> None:
    stage = Stage(["no!", "no!!"], ["fine"])
    answer = await stage.ask(("", "C1", "a"))
    assert answer.value.text == "rules: a person will answer"
    assert answer.degrade_reason is DegradeReason.OUTPUT_INVALID
    assert [name for name, _ in stage.model.asked] == ["m0", "m0"]
    assert stage.store.kept.popitem()[1].with_person


async def test_unsafe_answers_are_not_held_against_the_deployment() -> None:
    stage = Stage(["no!"] * 40)
    for _ in range(20):
        await stage.ask(("", "C1", "a"))
    assert len(stage.model.asked) == 40


async def test_a_stream_takes_back_what_was_shown_of_an_unsafe_answer() -> None:
    stage = Stage(["shown ", 0.05, "bad!", 0.05, "fine"])
    events = await stage.events(("", "C1", "a"))
    assert [type(event) for event in events] == [Started, Delta, Restarted, Delta, Completed]
    assert [e.text for e in events if isinstance(e, Delta)] == ["shown ", "fine"]


async def test_a_stream_refused_before_any_text_begins_anew_in_silence() -> None:
    stage = Stage(["bad!"])
    events = await stage.events(("", "C1", "a"))
    assert not any(isinstance(event, Restarted) for event in events)


async def test_a_call_without_an_answer_is_told_and_one_with_an_answer_is_not() -> None:
    stage = Stage(["no!", "no!", "fine"])
    with pytest.raises(NotFound):
        await stage.ask(("unknown", "C1", "a"))
    with pytest.raises(NoAnswer):
        await stage.ask(("", "C1", "a"), answer_by=AnswerBy.MODEL_ONLY)
    await stage.ask(("", "C1", "a"))
    assert stage.failures.heard == ["NotFound", "NoAnswer"]


async def test_who_hangs_up_in_the_middle_of_a_stream_is_told_and_after_its_end_is_not() -> None:
    stage = Stage(["one", "two"])
    stream = streams.events(StreamEngine(stage.engine), TASK, ("", "C1", "a"), caller())
    async with aclosing(stream) as events:
        await anext(events)
    assert stage.failures.heard == ["CancelledError"]
    stage.model.script["m0"] = ["one"]
    stream = streams.events(StreamEngine(stage.engine), TASK, ("", "C1", "a"), caller())
    async with aclosing(stream) as events:
        while not isinstance(await anext(events), Completed):
            pass
    assert stage.failures.heard == ["CancelledError"]
