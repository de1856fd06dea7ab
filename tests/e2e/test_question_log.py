"""The real process with its question log: asked, disliked, asked again, exported."""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.adapters.sqlite import read_questions
from gateway.core.feedback import Rating
from gateway.v1 import chat_pb2, common_pb2, feedback_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.faults import FaultServer, Options
from tests.processes import gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

KNOWLEDGE = Path(__file__).resolve().parents[2] / "config" / "knowledge"
CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
question_log: {{enabled: {enabled}, path: {log}}}
deployments:
  main: {{provider: openai, model: main, base_url: "{url}", api_key_env: TEST_KEY}}
routes:
  - {{name: all, tiers: [main], default_deadline_s: 60}}
"""


def question(text: str) -> chat_pb2.ChatRequest:
    return chat_pb2.ChatRequest(messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=text)])


def written(folder: Path, url: str, log: Path, *, enabled: bool = True) -> Path:
    config = folder / "gateway.yaml"
    said = {"knowledge": KNOWLEDGE, "url": url, "log": json.dumps(str(log))}
    config.write_text(CONFIG.format(enabled=str(enabled).lower(), **said))
    return config


async def down(stub: Any, request_id: str, correct: str = "") -> bool:
    said = feedback_pb2.SubmitFeedbackRequest(
        request_id=request_id, rating=feedback_pb2.RATING_DOWN, corrected_answer=correct
    )
    answer = await stub.SubmitFeedback(said, timeout=30)
    return bool(answer.matched)


async def test_a_disliked_answer_leaves_the_cache_and_stays_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "var" / "questions.sqlite"
    async with FaultServer(Options()) as faults:
        config = written(tmp_path, faults.url, log)
        faults.script("main", ["ok"])
        async with gateway(config, tmp_path / "log", {"TEST_KEY": "k"}) as process:
            async with grpc.aio.insecure_channel(process.address) as channel:
                stub: Any = GatewayServiceStub(channel)
                asked = question("Is it fit for a dishwasher?")
                first = await stub.Chat(asked, timeout=60)
                second = await stub.Chat(asked, timeout=60)
                assert first.info.source == common_pb2.SOURCE_MODEL
                assert second.info.source == common_pb2.SOURCE_CACHE
                assert not await down(stub, "nobody-knows")
                assert await down(stub, second.info.request_id, "Yes: mail a@b.example")
                third = await stub.Chat(asked, timeout=60)
                assert third.info.source == common_pb2.SOURCE_MODEL
                await stub.Chat(question("my mail is x@y.example"), timeout=60)
            process.send(signal.SIGTERM)
            await process.ended()
    rows = await asyncio.to_thread(lambda: list(read_questions(log)))
    assert [row.question.source for row in rows] == ["model", "cache", "model", "model"]
    assert [row.rating for row in rows] == [None, Rating.DOWN, None, None]
    assert rows[1].corrected_answer == "Yes: mail [EMAIL_1]"
    assert rows[3].question.question == "my mail is [EMAIL_1]"


async def test_without_a_log_a_thumbs_down_still_evicts(tmp_path: Path) -> None:
    log = tmp_path / "var" / "questions.sqlite"
    async with FaultServer(Options()) as faults:
        config = written(tmp_path, faults.url, log, enabled=False)
        faults.script("main", ["ok"])
        async with (
            gateway(config, tmp_path / "log", {"TEST_KEY": "k"}) as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            stub: Any = GatewayServiceStub(channel)
            asked = question("Is it fit for a dishwasher?")
            first = await stub.Chat(asked, timeout=60)
            assert await down(stub, first.info.request_id)
            again = await stub.Chat(asked, timeout=60)
            assert again.info.source == common_pb2.SOURCE_MODEL
    assert not log.parent.exists()
