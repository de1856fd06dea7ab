"""Dify apps through the Provider port, against a fake that behaves and misbehaves like Dify."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.adapters.dify import DifyProvider
from gateway.core.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    ContextTooLong,
    ModelNotFound,
    OutputInvalid,
    Overloaded,
    ProviderError,
    RateLimited,
    RequestRejected,
    ServerError,
    StreamTruncated,
)
from gateway.core.model import Chunk, Message, Origin, Prompt, Role, Usage
from gateway.core.options import Deployment, Price, Quirks, Secret
from tests.fake_dify import (
    CUT,
    END,
    JUNK,
    NODE,
    OK,
    PING,
    RESET,
    SILENT,
    THOUGHT,
    Agent,
    Failure,
    FakeDify,
    Play,
    Refusal,
    Replace,
)

pytestmark = pytest.mark.anyio

HELLO = (Message(Role.SYSTEM, "You are ..."), Message(Role.USER, "hello"))
AVA = Origin("shop-1", "ava", "c-1")


@pytest.fixture
async def dify() -> AsyncIterator[FakeDify]:
    async with FakeDify() as fake:
        yield fake


@pytest.fixture
async def provider() -> AsyncIterator[DifyProvider]:
    made = DifyProvider()
    yield made
    await made.aclose()


def app(dify: FakeDify, **options: Any) -> Deployment:
    key = Secret("app-key")
    return Deployment(name="app", provider="dify", base_url=dify.url, api_key=key, **options)


def prompt(*messages: Message, origin: Origin = AVA, **other: Any) -> Prompt:
    return Prompt(messages=messages or HELLO, max_output_tokens=64, origin=origin, **other)


async def streamed(
    provider: DifyProvider, deployment: Deployment, asked: Prompt | None = None
) -> list[Chunk]:
    async with provider.stream(deployment, asked or prompt(), 5.0) as chunks:
        return [chunk async for chunk in chunks]


async def test_messages_become_deltas_and_message_end_the_end_with_usage(
    dify: FakeDify, provider: DifyProvider
) -> None:
    chunks = await streamed(provider, app(dify, model="faq-bot"))
    assert [chunk.text for chunk in chunks[:-1]] == ["Hel", "lo", " there."]
    assert (chunks[-1].finish, chunks[-1].model) == ("stop", "faq-bot")
    assert chunks[-1].usage == Usage(120, 0, 9, 0, 300)
    assert dify.keys == ["Bearer app-key"]


async def test_a_whole_answer_is_read_from_a_stream_too(
    dify: FakeDify, provider: DifyProvider
) -> None:
    dify.play([THOUGHT, Agent("It "), PING, Agent("came."), END])
    completion = await provider.complete(app(dify), prompt(), 5.0)
    assert (completion.text, completion.model) == ("It came.", "dify")
    assert dify.seen[0]["response_mode"] == "streaming"


async def test_a_replaced_message_is_the_whole_answer(
    dify: FakeDify, provider: DifyProvider
) -> None:
    dify.play(["bad ", "words", Replace("I cannot say that."), END])
    chunks = await streamed(provider, app(dify))
    assert [(chunk.text, chunk.restart) for chunk in chunks if chunk.text] == [
        ("bad ", False),
        ("words", False),
        ("I cannot say that.", True),
    ]
    assert (await provider.complete(app(dify), prompt(), 5.0)).text == "I cannot say that."


async def test_signs_of_life_are_told_once_text_has_come_and_not_before(
    dify: FakeDify, provider: DifyProvider
) -> None:
    dify.play([PING, 0.01, NODE, 0.01, "Hi", 0.01, PING, 0.01, THOUGHT, 0.01, END])
    texts = [chunk.text for chunk in await streamed(provider, app(dify))]
    assert texts == ["Hi", "", "", ""]


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (["Hel", CUT], ProviderError),
        (["Hel", RESET], ConnectionLost),
        (["Hello"], StreamTruncated),
        ([], StreamTruncated),
        (["Hel", JUNK, END], OutputInvalid),
        (["Hel", Failure(400, "completion_request_error")], ServerError),
        (["Hel", Failure(429, "rate_limit_error")], RateLimited),
        ([Failure(400, "provider_quota_exceeded")], AuthFailed),
        (
            [Failure(400, "completion_request_error", "maximum context length is 8k")],
            ContextTooLong,
        ),
        ([Failure(200, "what")], ServerError),
        (Refusal(429, "too_many_requests"), RateLimited),
        (Refusal(503, "service_unavailable"), Overloaded),
        (Refusal(500, "internal_server_error"), ServerError),
        (Refusal(502), ServerError),
        (Refusal(401, "unauthorized"), AuthFailed),
        (Refusal(400, "app_unavailable"), ModelNotFound),
        (Refusal(400, "invalid_param"), RequestRejected),
        (Refusal(404, "not_found"), ModelNotFound),
        (Refusal(200), OutputInvalid),
    ],
)
async def test_what_goes_wrong_has_a_name(
    dify: FakeDify, provider: DifyProvider, play: Play, kind: type[ProviderError]
) -> None:
    dify.play(play)
    with pytest.raises(kind) as whole:
        await provider.complete(app(dify), prompt(), 5.0)
    with pytest.raises(kind):
        await streamed(provider, app(dify))
    assert "it failed" not in str(whole.value)


async def test_a_429_says_how_long_to_wait(dify: FakeDify, provider: DifyProvider) -> None:
    dify.play(Refusal(429, "too_many_requests", headers={"Retry-After": "2"}))
    with pytest.raises(RateLimited) as limited:
        await streamed(provider, app(dify))
    assert limited.value.retry_after_s == 2


async def test_a_dead_address_is_a_failed_connection(provider: DifyProvider) -> None:
    dead = Deployment(name="app", provider="dify", base_url="http://127.0.0.1:1/v1")
    with pytest.raises(ConnectFailed):
        await streamed(provider, dead)


# ---- talks


async def test_a_talk_goes_on_at_dify_and_only_the_last_message_is_sent(
    dify: FakeDify, provider: DifyProvider
) -> None:
    await streamed(provider, app(dify))
    history = (*HELLO, Message(Role.ASSISTANT, "Hello there."), Message(Role.USER, "and now?"))
    await streamed(provider, app(dify), prompt(*history))
    assert [body["conversation_id"] for body in dify.seen] == ["", "talk-1"]
    assert [body["query"] for body in dify.seen] == ["hello", "and now?"]


async def test_a_talk_that_dify_forgot_begins_anew_once_with_its_history(
    dify: FakeDify, provider: DifyProvider
) -> None:
    await streamed(provider, app(dify))
    dify.talks.clear()
    history = (*HELLO, Message(Role.ASSISTANT, "Hello there."), Message(Role.USER, "and now?"))
    chunks = await streamed(provider, app(dify), prompt(*history))
    assert "".join(chunk.text for chunk in chunks) == "Hello there."
    assert [body["conversation_id"] for body in dify.seen] == ["", "talk-1", ""]
    assert dify.seen[-1]["query"] == (
        "Said before:\nCustomer: hello\nAnswer: Hello there.\n\nCustomer now: and now?"
    )
    await streamed(provider, app(dify), prompt(*history))
    assert dify.seen[-1]["conversation_id"] == "talk-1"  # the new one


@pytest.mark.parametrize(
    "other",
    [Origin("shop-2", "ava", "c-1"), Origin("shop-1", "bob", "c-1"), Origin("shop-1", "ava")],
)
async def test_nobody_continues_the_talk_of_another(
    dify: FakeDify, provider: DifyProvider, other: Origin
) -> None:
    await streamed(provider, app(dify))
    await streamed(provider, app(dify), prompt(origin=other))
    assert [body["conversation_id"] for body in dify.seen] == ["", ""]


async def test_dify_is_told_a_user_that_differs_by_tenant_and_names_nobody(
    dify: FakeDify, provider: DifyProvider
) -> None:
    for tenant in ("shop-1", "shop-2", "shop-1"):
        await streamed(provider, app(dify), prompt(origin=Origin(tenant, "ava")))
    one, two, again = (body["user"] for body in dify.seen)
    assert one == again != two
    assert "ava" not in one


async def test_a_talk_that_failed_is_not_remembered(dify: FakeDify, provider: DifyProvider) -> None:
    dify.play(["Hel", CUT], OK)
    with pytest.raises(ProviderError):
        await streamed(provider, app(dify))
    await streamed(provider, app(dify))
    assert [body["conversation_id"] for body in dify.seen] == ["", ""]


# ---- the rest


async def test_leaving_a_stream_hangs_up_and_tells_dify_to_stop(
    dify: FakeDify, provider: DifyProvider
) -> None:
    dify.play(["Hel", SILENT])
    async with provider.stream(app(dify), prompt(), 5.0) as chunks:
        assert (await anext(chunks)).text == "Hel"
    await dify.until_hung_up()
    await dify.until_stopped()
    assert dify.stopped == ["task-1"]


async def test_a_cancelled_call_hangs_up(dify: FakeDify, provider: DifyProvider) -> None:
    dify.play(["Hel", SILENT])
    call = asyncio.create_task(provider.complete(app(dify), prompt(), 5.0))
    while not dify.open:
        await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await dify.until_hung_up()


async def test_inputs_of_the_app_are_configured_and_ours_cannot_be_overwritten(
    dify: FakeDify, provider: DifyProvider
) -> None:
    quirks = Quirks(extra_body={"inputs": {"lang": "en"}, "user": "me"})
    await streamed(provider, app(dify, quirks=quirks))
    assert dify.seen[0]["inputs"] == {"lang": "en"}
    assert dify.seen[0]["user"] != "me"


async def test_a_price_in_the_file_wins_over_difys(dify: FakeDify, provider: DifyProvider) -> None:
    price = Price(input_usd_per_million=1.0, output_usd_per_million=2.0)
    completion = await provider.complete(app(dify, price=price), prompt(), 5.0)
    assert completion.usage.cost_usd_micros == 120 + 18


async def test_json_is_refused_before_anything_is_sent(
    dify: FakeDify, provider: DifyProvider
) -> None:
    with pytest.raises(RequestRejected):
        await streamed(provider, app(dify), prompt(json_schema={"type": "object"}))
    assert dify.seen == []


async def test_a_new_configuration_gets_new_connections_and_the_old_ones_go(
    dify: FakeDify, provider: DifyProvider
) -> None:
    old = app(dify)
    async with provider.stream(old, prompt(), 5.0) as chunks:
        await streamed(provider, app(dify, model="new"))
        assert [chunk.text async for chunk in chunks][:1] == ["Hel"]
    assert (await provider.complete(app(dify, model="new"), prompt(), 5.0)).model == "new"
