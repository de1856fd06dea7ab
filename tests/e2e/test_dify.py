"""A Dify app as a deployment of the real process."""

import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.fake_dify import CUT, END, FakeDify, Replace
from tests.processes import ROOT, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]


def request() -> chat_pb2.ChatRequest:
    return chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="do you ship to Spain?")],
        conversation_id="c-1",
        customer=chat_pb2.Customer(id="ava", verified=True),
    )


async def test_chat_is_answered_by_an_app_streamed_restarted_and_replaced_by_the_rules(
    tmp_path: Path,
) -> None:
    async with FakeDify() as dify:
        app = {"provider": "dify", "base_url": dify.url, "api_key_env": "DIFY_KEY", "model": "bot"}
        config = tmp_path / "gateway.yaml"
        config.write_text(
            json.dumps(
                {
                    "server": {"listen": "127.0.0.1:0"},
                    "knowledge": str(ROOT / "config" / "knowledge"),
                    "deployments": {"app": app},
                    "routes": [
                        {"name": "chat", "match": {"calls": ["chat"]}, "tiers": ["app"]},
                        {"name": "otherwise"},
                    ],
                }
            )
        )
        async with (
            gateway(config, tmp_path / "log", {"DIFY_KEY": "app-key"}) as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            stub: Any = GatewayServiceStub(channel)
            whole = await stub.Chat(request(), timeout=60)
            assert (whole.text, whole.info.model) == ("Hello there.", "bot")
            assert whole.info.usage.cost_usd_micros == 300
            dify.play(["Bad ", 0.1, Replace("Yes, we do."), END])
            events = [
                event
                async for event in stub.StreamChat(
                    chat_pb2.StreamChatRequest(chat=request()), timeout=60
                )
            ]
            kinds = [event.WhichOneof("event") for event in events]
            again = kinds.index("restarted")
            assert kinds.count("restarted") == 1
            assert "".join(event.delta.text for event in events[again:]) == "Yes, we do."
            assert events[-1].completed.text == "Yes, we do."
            dify.play(["Ye", CUT])
            by_rules = await stub.Chat(request(), timeout=60)
            assert by_rules.info.source == common_pb2.SOURCE_RULES
            assert by_rules.info.degraded
        assert dify.keys[0] == "Bearer app-key"
        assert dify.seen[1]["conversation_id"] == "talk-1"
        assert dify.seen[0]["query"] == "do you ship to Spain?"
