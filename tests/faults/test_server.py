"""Paths, scripts, the log, the control endpoints, and reading requests."""

import asyncio
import json

import aiohttp
import pytest

from tests.faults import TEXT, FaultServer, Options
from tests.faults.caller import Caller
from tests.faults.log import BODY_KEPT_BYTES, REDACTED, RING, Log, Seen
from tests.faults.script import CHAOS_GOOD

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions", "/chat/completions", "/compatible-mode/v1/chat/completions"]
)
async def test_every_known_path_answers(path: str, faults: FaultServer, caller: Caller) -> None:
    async with caller.session.post(f"{faults.root}{path}", json={"model": "ok"}) as reply:
        assert (await reply.json())["choices"][0]["message"]["content"] == TEXT
    assert faults.seen("ok")[0].path == path


async def test_models_lists_the_catalogue(caller: Caller) -> None:
    listed = await caller.control("/v1/models")
    assert {"ok", "silent", "gzip-bomb"} <= {model["id"] for model in listed["data"]}


async def test_an_unknown_model_gets_404(caller: Caller) -> None:
    got = await caller.call("gpt-4o")
    assert (got.status, got.json["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"model": ""}'])
async def test_a_body_without_a_model_gets_400(
    body: bytes, faults: FaultServer, caller: Caller
) -> None:
    async with caller.session.post(f"{faults.url}/chat/completions", data=body) as reply:
        assert reply.status == 400


async def test_a_script_is_consumed_in_order_and_its_last_step_repeated(
    faults: FaultServer, caller: Caller
) -> None:
    faults.script("main", ["2x-status-500", "status-429", "ok"])
    statuses = [(await caller.call("main")).status for _ in range(6)]
    assert statuses == [500, 500, 429, 200, 200, 200]
    assert faults.count("main") == 6


async def test_a_name_is_a_script_of_its_own(caller: Caller) -> None:
    statuses = [(await caller.call("once-500-then-ok@a")).status for _ in range(3)]
    assert statuses == [500, 200, 200]
    assert (await caller.call("once-500-then-ok@b")).status == 500


async def test_a_reset_of_the_server_starts_scripts_and_log_again(
    faults: FaultServer, caller: Caller
) -> None:
    await caller.call("once-500-then-ok")
    await caller.control("/_reset", {})
    assert (faults.seen(), faults.count("once-500-then-ok")) == ([], 0)
    assert (await caller.call("once-500-then-ok")).status == 500


async def test_the_same_seed_draws_the_same_chaos() -> None:
    drawn = []
    for _ in range(2):
        async with FaultServer(Options(seed=7)) as faults:
            drawn.append([faults.player.next("chaos-50").do for _ in range(200)])
    assert drawn[0] == drawn[1]
    good = sum(name in CHAOS_GOOD for name in drawn[0])
    assert 70 <= good <= 130


async def test_a_script_can_be_set_over_http(caller: Caller) -> None:
    await caller.control("/_script", {"model": "m", "behaviours": ["status-503", {"text": "Hi"}]})
    assert (await caller.call("m")).status == 503
    assert (await caller.call("m", stream=True)).text == "Hi"
    await caller.control("/_script", {"model": "m", "text": "short"})
    assert (await caller.call("m", stream=True)).text == "short"


async def test_a_bad_script_is_refused_with_its_reason(caller: Caller) -> None:
    refused = await caller.control("/_script", {"model": "m", "behaviours": ["sulk"]})
    assert "'sulk'" in refused["error"]
    assert "error" in await caller.control("/_script", {"behaviours": ["ok"]})
    assert "error" in await caller.control("/_script", {"model": "m", "behaviours": []})
    assert "/_script" in (await caller.control("/_scripts", {}))["error"]


async def test_the_log_tells_what_came_without_secrets(caller: Caller) -> None:
    await caller.call("ok", temperature=0.5)
    log = await caller.control("/_log?model=ok&last=1")
    (call,) = log["calls"]
    assert (call["method"], call["body"]["temperature"]) == ("POST", 0.5)
    assert call["headers"]["authorization"] == REDACTED
    assert "sk-secret" not in json.dumps(log)
    assert (call["hung_up_s"], call["finished_s"] >= call["received_s"]) == (None, True)
    assert (call["bytes_sent"] > 500, log["counts"]) == (True, {"ok": 1})


async def test_the_log_keeps_a_bounded_number_of_calls() -> None:
    log = Log()
    for number in range(RING + 5):
        log.add(Seen("POST", "/", {}, None, str(number), 0.0))
    assert (len(log.seen()), log.seen()[0].model) == (RING, "5")


async def test_a_large_body_is_summarised_in_the_log(faults: FaultServer, caller: Caller) -> None:
    messages = [{"role": "user", "content": "x" * BODY_KEPT_BYTES}]
    await caller.call("ok", messages=messages, temperature=0)
    kept = faults.seen("ok")[0].body
    assert (kept["model"], kept["temperature"], "messages" in kept) == ("ok", 0, False)


async def test_open_connections_are_counted(faults: FaultServer) -> None:
    async with aiohttp.ClientSession() as session:
        await Caller(session, faults).call("ok")
        assert (faults.open_connections, faults.in_flight) == (1, 0)
    await faults.log.until(lambda: faults.open_connections == 0, 5)


async def test_one_connection_serves_many_calls(faults: FaultServer, caller: Caller) -> None:
    for name in ("ok", "status-500", "ok-zh+split", "ok"):
        await caller.call(name, stream=True)
    assert faults.open_connections == 1


async def test_a_request_may_come_in_pieces_and_chunks(faults: FaultServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", faults.port)
    whole = (
        b"POST /v1/chat/completions HTTP/1.1\r\ntransfer-encoding: chunked\r\n"
        b'connection: close\r\n\r\n8\r\n{"model"\r\n6\r\n: "ok"\r\n1\r\n}\r\n0\r\n\r\n'
    )
    for byte in whole:
        writer.write(bytes([byte]))
        await asyncio.sleep(0)
    assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
    writer.close()


async def test_pipelined_requests_are_answered_in_order(faults: FaultServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", faults.port)
    for name in (b"wait-1", b"status-500", b"status-404"):
        body = b'{"model": "%b"}' % name
        head = b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % len(body)
        writer.write(head + body)
    writer.write(b"GET /_log HTTP/1.1\r\nconnection: close\r\n\r\n")
    replies = (await reader.read()).split(b"HTTP/1.1 ")[1:]
    assert [reply[:3] for reply in replies] == [b"200", b"500", b"404", b"200"]
    assert [seen.played for seen in faults.seen()] == ["wait-1", "status-500", "status-404"]
    writer.close()


@pytest.mark.parametrize("junk", [b"\x16\x03\x01\r\n\r\n", b"GET /\r\n\r\n", b"a" * 70_000])
async def test_junk_is_refused(junk: bytes, faults: FaultServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", faults.port)
    writer.write(junk)
    assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
    writer.close()
