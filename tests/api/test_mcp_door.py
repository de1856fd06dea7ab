"""The calls as MCP tools, with the official SDK's client as the peer, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import jsonschema
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from gateway.api.http_options import HttpOptions
from gateway.api.mcp_catalogue import OFFERS
from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.core.errors import NoAnswer, PermissionDenied, QuotaExhausted, Unauthenticated
from gateway.core.model import Caller
from tests.api.http import Door, door

pytestmark = pytest.mark.anyio

OPEN = HttpOptions(address="127.0.0.1:0", mcp=True)
MODES = ["legacy", "auto"]
QUESTION = {"messages": [{"role": "ROLE_USER", "text": "where is it?"}]}
LISTING = {"listing": {"title": "dog bed"}}


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def client(opened: Door, mode: str, **headers: str) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(headers=headers, trust_env=False) as http:
        transport = streamable_http_client(f"{opened.base}/mcp", http_client=http)
        async with Client(transport, mode=mode, cache=None) as connected:
            yield connected


async def test_clients_of_both_generations_agree_on_their_newest_version(mode: str) -> None:
    async with door(OPEN) as opened, client(opened, mode) as peer:
        newest = {"legacy": "2025-11-25", "auto": "2026-07-28"}
        assert peer.protocol_version == newest[mode]
        assert peer.server_info is not None
        assert peer.server_info.name == "erp-ai-gateway"


async def test_the_three_calls_are_listed_with_schemas_that_hold_their_limits(mode: str) -> None:
    async with door(OPEN) as opened, client(opened, mode) as peer:
        tools = {tool.name: tool for tool in (await peer.list_tools()).tools}
    assert list(tools) == ["chat", "extract_keywords", "detect_anomaly"]
    for tool in tools.values():
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.description
    listing = tools["extract_keywords"].input_schema["properties"]["listing"]["properties"]
    assert listing["title"]["maxLength"] == 2_000
    assert tools["detect_anomaly"].input_schema["required"] == ["series"]


async def test_a_call_answers_with_text_for_models_and_data_for_programs(mode: str) -> None:
    async with door(OPEN) as opened, client(opened, mode) as peer:
        chat = await peer.call_tool("chat", QUESTION)
        assert not chat.is_error
        assert chat.content[0].model_dump()["text"] == "Your order is on its way."
        assert chat.structured_content is not None
        assert chat.structured_content["info"]["source"] == "SOURCE_RULES"
        keywords = await peer.call_tool("extract_keywords", LISTING)
        assert keywords.structured_content is not None
        assert keywords.structured_content["searchTerms"] == "dog bed"
        assert json.loads(keywords.content[0].model_dump()["text"]) == keywords.structured_content


async def test_every_broken_rule_is_told_so_that_a_model_can_mend_it(mode: str) -> None:
    async with door(OPEN) as opened, client(opened, mode) as peer:
        wrong = {"listing": {"title": "x" * 3_000, "titel": "y"}, "maxKeywords": 99}
        got = await peer.call_tool("extract_keywords", wrong)
    assert got.is_error
    text = got.content[0].model_dump()["text"]
    assert text.startswith("INVALID_ARGUMENT INVALID_REQUEST")
    assert "- listing.titel:" in text


async def test_a_failure_of_the_gateway_is_an_error_of_the_tool(mode: str) -> None:
    async def fail() -> None:
        raise NoAnswer("no model answered")

    async with door(OPEN) as opened, client(opened, mode) as peer:
        opened.edge.engine.act = lambda _: fail()
        got = await peer.call_tool("chat", QUESTION)
    assert got.is_error
    assert got.structured_content is not None
    assert got.structured_content["code"] == "unavailable"


async def test_a_tenant_without_quota_is_told_when_to_come_back(mode: str) -> None:
    async def fail() -> None:
        raise QuotaExhausted("calls per minute", 7)

    async with door(OPEN) as opened, client(opened, mode) as peer:
        opened.edge.engine.act = lambda _: fail()
        got = await peer.call_tool("chat", QUESTION)
    assert "room again in 7 s" in got.content[0].model_dump()["text"]


# ---- who asks


def known(method: str, sent: CallMetadata) -> Identity:
    if sent.authorization not in ("Bearer good", "Bearer chat"):
        raise Unauthenticated("the key is not known")
    if sent.authorization == "Bearer chat" and method != "Chat":
        raise PermissionDenied(f"the key may not call {method}")
    return Identity("shop-1")


def nothing(_method: str, _sent: CallMetadata) -> Identity:
    raise PermissionDenied("the key may do nothing here")


async def test_the_same_keys_open_this_door(mode: str) -> None:
    async with door(OPEN, identify=known) as opened:
        async with client(opened, mode, authorization="Bearer good") as peer:
            await peer.call_tool("chat", QUESTION)
        assert opened.edge.engine.seen[0][1].tenant == "shop-1"
        with pytest.raises(BaseExceptionGroup) as refused:  # the SDK's client cannot even begin
            async with client(opened, mode, authorization="Bearer bad") as peer:
                await peer.list_tools()
        assert refused.group_contains(MCPError, match="not known")
        sent = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        async with opened.session.post(f"{opened.base}/mcp", json=sent) as got:
            assert (got.status, got.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_key_sees_and_calls_what_it_may_and_nothing_else(mode: str) -> None:
    async with (
        door(OPEN, identify=known) as opened,
        client(opened, mode, authorization="Bearer chat") as peer,
    ):
        assert [tool.name for tool in (await peer.list_tools()).tools] == ["chat"]
        assert not (await peer.call_tool("chat", QUESTION)).is_error
        with pytest.raises(MCPError, match="may not call ExtractKeywords"):
            await peer.call_tool("extract_keywords", LISTING)


async def test_a_key_that_may_do_nothing_is_told_so() -> None:
    async with door(OPEN, identify=nothing) as opened:
        status, got = await posted(opened, rpc("tools/list"))
    assert (status, got["error"]["data"]) == (403, {"reason": "PERMISSION_DENIED"})


async def test_the_customer_comes_from_the_application_and_never_from_a_model(mode: str) -> None:
    async with door(OPEN) as opened, client(opened, mode) as peer:
        told = {"gateway.erpai/customer-id": "ava", "gateway.erpai/customer-verified": True}
        await peer.session.call_tool("chat", dict(QUESTION), meta=told)  # type: ignore[call-overload] # an open TypedDict
        request = opened.edge.engine.seen[0][0]
        assert (request.customer_id, request.customer_verified) == ("ava", True)
        for name, value in [("customer", {"id": "bob"}), ("confirmToken", "t")]:
            got = await peer.call_tool("chat", QUESTION | {name: value})
            assert "never by a model" in got.content[0].model_dump()["text"]
        wrong = {"gateway.erpai/customer-id": 7}
        got = await peer.session.call_tool("chat", dict(QUESTION), meta=wrong)  # type: ignore[call-overload]
        assert got.is_error
        assert len(opened.edge.engine.seen) == 1


def test_no_schema_offers_what_a_model_may_not_say() -> None:
    shown = json.dumps(OFFERS["chat"].schema)
    assert "confirmToken" not in shown
    assert '"customer"' not in shown
    assert "ROLE_SYSTEM" not in shown


# ---- the wire


async def posted(opened: Door, body: Any, **headers: str) -> tuple[int, Any]:
    sent = {"Content-Type": "application/json"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with opened.session.post(f"{opened.base}/mcp", data=data, headers=sent) as got:
        text = await got.text()
        return got.status, json.loads(text) if text else None


def rpc(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}


def standalone(method: str, version: str = "2026-07-28", **params: Any) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": version,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    return rpc(method, _meta=meta, **params)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, -32700),
        (b"[]", 400, -32600),
        ([rpc("ping")], 400, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": True, "method": "ping"}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1}, 400, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, 200, -32602),
        (rpc("resources/list"), 200, -32601),
        (rpc("server/discover"), 200, -32601),
        (rpc("tools/call", name="drop_tables"), 200, -32602),
        (rpc("tools/call", name=["chat"]), 200, -32602),
        (rpc("tools/call", name="chat", arguments=[1]), 200, -32602),
    ],
)
async def test_what_is_wrong_with_a_message_has_its_code(body: Any, status: int, code: int) -> None:
    async with door(OPEN) as opened:
        got = await posted(opened, body)
    assert (got[0], got[1]["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (standalone("tools/list"), {"mcp_method": "tools/list"}, 200, None),
        (standalone("tools/list"), {"mcp_method": "tools/call"}, 400, -32020),
        (standalone("tools/list"), {}, 400, -32020),
        (rpc("tools/list"), {"mcp_method": "tools/list"}, 400, -32602),
        (standalone("ping"), {"mcp_method": "ping"}, 404, -32601),
        (standalone("initialize"), {"mcp_method": "initialize"}, 404, -32601),
        (
            standalone("tools/call", name="chat"),
            {"mcp_method": "tools/call", "mcp_name": "other"},
            400,
            -32020,
        ),
        (
            standalone("tools/list", version="2031-01-01"),
            {"mcp_method": "tools/list", "mcp_protocol_version": "2031-01-01"},
            400,
            -32022,
        ),
    ],
)
async def test_a_request_that_stands_alone_must_agree_with_itself(
    body: Any, headers: dict[str, str], status: int, code: int | None
) -> None:
    async with door(OPEN) as opened:
        got = await posted(opened, body, **({"mcp_protocol_version": "2026-07-28"} | headers))
    assert (got[0], got[1].get("error", {}).get("code")) == (status, code)


async def test_an_unknown_old_version_is_answered_with_our_newest() -> None:
    async with door(OPEN) as opened:
        _, got = await posted(opened, rpc("initialize", protocolVersion="2020-01-01"))
        assert got["result"]["protocolVersion"] == "2025-11-25"
        _, got = await posted(opened, rpc("initialize", protocolVersion="2025-03-26"))
        assert got["result"]["protocolVersion"] == "2025-03-26"


async def test_a_notification_is_taken_without_an_answer() -> None:
    async with door(OPEN) as opened:
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert await posted(opened, note) == (202, None)


@pytest.mark.parametrize("verb", ["GET", "DELETE", "PUT"])
async def test_there_are_no_sessions_and_no_streams(verb: str) -> None:
    async with door(OPEN) as opened, opened.session.request(verb, f"{opened.base}/mcp") as got:
        assert (got.status, got.headers["Allow"]) == (405, "POST")


async def test_a_web_page_may_not_call() -> None:
    async with door(OPEN) as opened:
        status, _ = await posted(opened, rpc("ping"), origin=opened.base)
    assert status == 403


async def test_only_json_of_a_bounded_size_is_read() -> None:
    async with door(
        HttpOptions(address="127.0.0.1:0", mcp=True, max_request_bytes=2_000)
    ) as opened:
        assert (await posted(opened, rpc("ping"), Content_Type="text/plain"))[0] == 415
        assert (await posted(opened, b" " * 3_000))[0] == 413


async def test_the_door_is_closed_unless_it_was_opened() -> None:
    async with door() as opened:
        assert (await posted(opened, rpc("ping")))[0] == 404


async def test_who_hangs_up_ends_the_call() -> None:
    async with door(OPEN) as opened:
        began = asyncio.Event()

        def act(_caller: Caller) -> Any:
            began.set()
            return asyncio.Event().wait()

        opened.edge.engine.act = act
        call = asyncio.create_task(
            posted(opened, rpc("tools/call", name="chat", arguments=QUESTION))
        )
        await began.wait()
        call.cancel()
        async with asyncio.timeout(10):
            await opened.edge.engine.cancelled.wait()


async def test_a_draining_gateway_refuses_calls_as_retryable() -> None:
    async with door(OPEN) as opened:
        opened.edge.gate.drain()
        _, got = await posted(opened, rpc("tools/call", name="chat", arguments=QUESTION))
    assert got["result"]["isError"]
    assert "DRAINING" in got["result"]["content"][0]["text"]


async def test_the_request_id_is_echoed_and_reaches_the_trail() -> None:
    async with door(OPEN) as opened:
        sent = rpc("tools/call", name="chat", arguments=QUESTION)
        headers = {"x-request-id": "agent-7", "content-type": "application/json"}
        async with opened.session.post(
            f"{opened.base}/mcp", data=json.dumps(sent), headers=headers
        ) as got:
            assert got.headers["x-request-id"] == "agent-7"
        assert opened.edge.engine.seen[0][1].request_id == "agent-7"
