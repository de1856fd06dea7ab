"""Conversations that the gateway keeps, and messages without an answer, at the real process."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.faults import FaultServer, Options
from tests.processes import ROOT, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
state: ""
question_log: {{enabled: true, path: {log}}}
deployments: {{main: {{provider: openai, model: main, base_url: "{url}"}}}}
routes: [{{name: all, tiers: [main]}}]
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


class Stage:
    def __init__(self, stub: Any, faults: FaultServer, log: Path) -> None:
        self.stub, self.faults, self.log = stub, faults, log

    async def say(self, text: str, talk: str = "", customer: str = "C1", **fields: Any) -> Any:
        message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)
        return await self.stub.Chat(
            chat_pb2.ChatRequest(
                messages=[message],
                conversation_id=talk,
                customer=chat_pb2.Customer(id=customer, verified=True),
                remember=True,
                **fields,
            ),
            timeout=60,
        )

    @property
    def told(self) -> list[str]:
        """What the model was told in the last call, after the instruction."""
        messages = self.faults.seen("main")[-1].body["messages"][1:]
        return [message["content"] for message in messages]

    def outcomes(self) -> list[str]:
        with closing(sqlite3.connect(self.log)) as rows:
            return [row[0] for row in rows.execute("SELECT outcome FROM questions ORDER BY id")]

    async def until_logged(self, outcome: str) -> None:
        async with asyncio.timeout(30):
            while not self.log.exists() or outcome not in self.outcomes():
                await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("talks")
    async with FaultServer(Options()) as faults:
        config = folder / "gateway.yaml"
        log = folder / "questions.sqlite"
        knowledge = ROOT / "config" / "knowledge"
        config.write_text(CONFIG.format(knowledge=knowledge, log=log, url=faults.url))
        async with (
            gateway(config, folder / "log") as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            yield Stage(GatewayServiceStub(channel), faults, log)


async def test_a_conversation_is_remembered_for_its_customer_alone(stage: Stage) -> None:
    stage.faults.script("main", [{"text": "A kettle is fine."}, {"text": "In blue, too."}])
    first = await stage.say("do you have a kettle")
    assert first.conversation_id
    second = await stage.say("and in blue?", first.conversation_id)
    assert second.conversation_id == first.conversation_id
    assert [text.split("\n")[-2:][0] for text in stage.told] == [
        "do you have a kettle",
        "A kettle is fine.",
        "and in blue?",
    ]
    codes = []
    for talk, customer in ((first.conversation_id, "C2"), ("never-was", "C1")):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stage.say("and in red?", talk, customer)
        codes.append((error.value.code(), error.value.details()))
    assert codes[0] == codes[1]
    assert codes[0][0] is grpc.StatusCode.NOT_FOUND


async def test_a_conversation_with_a_person_stays_silent_until_it_is_released(stage: Stage) -> None:
    stage.faults.script("main", [{"text": "Glad to be back."}])
    handed = await stage.say("let me talk to a human")
    talk = handed.conversation_id
    assert (handed.handoff.needed, handed.handoff.reason) == (True, "asked_for_person")
    before = stage.faults.count("main")
    silent = await stage.say("are you still there?", talk)
    assert (silent.answer_kind, silent.handoff.reason) == (
        chat_pb2.ANSWER_KIND_HANDOFF,
        "with_person",
    )
    assert stage.faults.count("main") == before
    freed = await stage.say("thanks", talk, handled_by=chat_pb2.HANDLED_BY_GATEWAY)
    assert freed.text == "Glad to be back."
    assert "are you still there?" in "".join(stage.told)
    taken = await stage.say("hm", talk, handled_by=chat_pb2.HANDLED_BY_PERSON)
    assert taken.handoff.reason == "with_person"


async def test_a_stream_tells_its_conversation_at_once(stage: Stage) -> None:
    stage.faults.script("main", [{"text": "Hello there."}])
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="hello, what do you sell?")
    asked = chat_pb2.ChatRequest(messages=[message], remember=True)
    stream = stage.stub.StreamChat(chat_pb2.StreamChatRequest(chat=asked), timeout=60)
    events = [event async for event in stream]
    assert events[0].started.conversation_id
    assert events[-1].completed.conversation_id == events[0].started.conversation_id


async def test_messages_that_failed_or_were_hung_up_on_are_in_the_log(stage: Stage) -> None:
    stage.faults.script("main", ["status-500"])
    with pytest.raises(grpc.aio.AioRpcError):
        await stage.say(
            "are there spare parts for it",
            options=common_pb2.RequestOptions(answer_by=common_pb2.ANSWER_BY_MODEL_ONLY),
        )
    await stage.until_logged("failed")
    stage.faults.script("main", ["hang"])
    call = asyncio.create_task(stage.say("how heavy is the kettle"))
    before = stage.faults.count("main")
    while stage.faults.count("main") == before:
        await asyncio.sleep(0.05)
    call.cancel()
    await stage.until_logged("hung_up")
