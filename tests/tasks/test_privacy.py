"""Nothing personal leaves for a provider; everything real is on this side of it."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.core.engine import Engine
from gateway.core.events import Completed, Delta
from gateway.core.model import (
    Chunk,
    Completion,
    Finish,
    Message,
    PersonalData,
    Prompt,
    Role,
    ToolCall,
)
from gateway.core.options import PrivacyOptions
from gateway.core.stream import StreamEngine
from gateway.tasks.privacy import KINDS, PrivateProvider, hidden
from tests import streams
from tests.fakes import EchoTask, FakeProvider, caller, completion, deployment, plan, rooms

pytestmark = pytest.mark.anyio

MAIL, CARD = "ada@shop.example", "4111 1111 1111 1111"
EVERYTHING = tuple(PersonalData)


def prompt(*texts: str, mask: tuple[PersonalData, ...] = EVERYTHING, **other: Any) -> Prompt:
    messages = (Message(Role.SYSTEM, "Answer."), *(Message(Role.USER, text) for text in texts))
    return Prompt(messages=messages, max_output_tokens=64, mask=mask, **other)


def sent(provider: FakeProvider) -> str:
    return "\n".join(message.text for message in provider.asked[-1][1].messages)


async def test_a_model_sees_placeholders_and_the_caller_values() -> None:
    provider = FakeProvider({"a": ["We wrote to [EMAIL_1]."]})
    answer = await PrivateProvider(provider).complete(deployment("a"), prompt(f"I am {MAIL}"), 5)
    assert sent(provider) == "Answer.\nI am [EMAIL_1]"
    assert answer.text == f"We wrote to {MAIL}."


async def test_cards_and_secrets_never_leave_whatever_the_route_says() -> None:
    provider = FakeProvider({"a": ["ok"]})
    text = f"{MAIL} paid with {CARD}, password: Blu3Whale#77"
    await PrivateProvider(provider).complete(deployment("a"), prompt(text, mask=()), 5)
    assert sent(provider) == f"Answer.\n{MAIL} paid with [CARD_1], password: [SECRET_1]"


async def test_not_even_in_the_first_message() -> None:
    asked = prompt("hi", mask=())
    first = Message(Role.SYSTEM, f"Say {CARD} and {MAIL}.")
    masked, _ = await hidden(replace(asked, messages=(first, *asked.messages[1:])))
    assert masked.messages[0].text == f"Say [CARD_1] and {MAIL}."


async def test_tools_get_values_and_models_see_their_results_masked() -> None:
    calls = (ToolCall("c1", "find", '{"mail": "[EMAIL_1]"}'),)

    class Wishing(FakeProvider):
        async def complete(self, *asked: Any) -> Completion:
            self.asked.append(asked[:2])
            return replace(completion(""), finish=Finish.TOOL_CALLS, tool_calls=calls)

    provider = Wishing()
    private = PrivateProvider(provider)
    wish = await private.complete(deployment("a"), prompt(f"I am {MAIL}"), 5)
    assert wish.tool_calls[0].arguments_json == f'{{"mail": "{MAIL}"}}'
    talk = prompt(f"I am {MAIL}")
    result = Message(Role.TOOL, f'{{"mail": "{MAIL}", "phone": "+49 30 5550123"}}', (), "c1")
    turn = Message(Role.ASSISTANT, "", wish.tool_calls)
    await private.complete(
        deployment("a"), replace(talk, messages=(*talk.messages, turn, result)), 5
    )
    seen = provider.asked[-1][1].messages
    assert seen[2].tool_calls == calls
    assert seen[3].text == '{"mail": "[EMAIL_1]", "phone": "[PHONE_1]"}'


async def test_a_placeholder_split_over_chunks_is_restored() -> None:
    provider = FakeProvider({"a": ["We wrote to [EM", "AIL", "_1", "] today", " [E"]})
    asked = prompt(f"I am {MAIL}")
    async with PrivateProvider(provider).stream(deployment("a"), asked, 5) as chunks:
        got: list[Chunk] = [chunk async for chunk in chunks]
    assert "".join(chunk.text for chunk in got) == f"We wrote to {MAIL} today [E"
    assert not any("[EM" in chunk.text for chunk in got)
    assert got[-1].finish is Finish.STOP


async def test_half_a_placeholder_that_is_taken_back_never_shows() -> None:
    class Restarting(FakeProvider):
        async def _chunks(self, deployment: Any) -> Any:
            yield Chunk(text="We [EMA")
            yield Chunk(text="Dear [EMAIL_1]", restart=True)
            yield Chunk(finish=Finish.STOP)

    asked = prompt(f"I am {MAIL}")
    async with PrivateProvider(Restarting()).stream(deployment("a"), asked, 5) as chunks:
        texts = [chunk.text async for chunk in chunks]
    assert texts == ["We ", f"Dear {MAIL}", ""]


async def test_placeholders_are_the_same_in_every_turn() -> None:
    first, _ = await hidden(prompt(f"I am {MAIL}", "call +49 30 5550123"))
    again, _ = await hidden(prompt(f"I am {MAIL}", "call +49 30 5550123", "or b@c.example"))
    assert again.messages[: len(first.messages)] == first.messages


async def test_a_long_talk_is_masked_to_its_end() -> None:
    masked, _ = await hidden(prompt("x " * 30_000 + MAIL))
    assert masked.messages[1].text.endswith("[EMAIL_1]")


async def test_the_walk_masks_as_the_route_says_and_caches_the_real_answer() -> None:
    provider = FakeProvider({"a": ["I will write to [EMAIL_1]"]})
    of = plan([deployment("a")], privacy=PrivacyOptions(mask=(PersonalData.EMAIL,)))
    engine = Engine(rooms(PrivateProvider(provider), of))  # type: ignore[arg-type] # a Provider
    for _ in range(2):
        answer = await engine.answer(EchoTask(), f"{MAIL} or +49 30 5550123", caller())
        assert answer.value.text == f"I will write to {MAIL}"
    assert answer.source == "cache"
    assert sent(provider) == "[EMAIL_1] or +49 30 5550123"
    assert len(provider.asked) == 1


async def test_a_streamed_answer_has_the_values_in_its_deltas_and_at_its_end() -> None:
    provider = FakeProvider({"a": ["write to [EMA", "IL_1]", " soon"]})
    of = plan([deployment("a")])
    relay = StreamEngine(Engine(rooms(PrivateProvider(provider), of)))  # type: ignore[arg-type]
    events = [event async for event in streams.events(relay, EchoTask(), MAIL, caller())]
    deltas = "".join(event.text for event in events if isinstance(event, Delta))
    assert deltas == f"write to {MAIL} soon"
    assert isinstance(events[-1], Completed)
    assert events[-1].answer.value.text == deltas


def test_every_kind_of_personal_data_is_known_to_the_masks() -> None:
    assert set(KINDS) == set(PersonalData)
