"""The HTTP door's life: deadlines, hanging up, slow and stalled callers, drain, restart, TLS."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from google.rpc.error_details_pb2 import ErrorInfo

from gateway.api.connect_protocol import envelope
from gateway.api.gate import Gate
from gateway.api.http_options import HttpOptions
from gateway.api.http_server import HttpServer
from gateway.core.events import Delta, ReaderGone, Started, Tell
from tests.api.conftest import DEFAULT_DEADLINE_S, until
from tests.api.fakes import FakeEngine
from tests.api.http import SERVICE, Door, door
from tests.api.test_grpc_life import Hold
from tests.api.test_grpc_server import QUESTION
from tests.api.test_grpc_tls import made
from tests.api.test_http_calls import ASKED, BOTH
from tests.api.test_http_errors import CURL, refused

pytestmark = pytest.mark.anyio

HEAD = (
    f"POST {SERVICE}{{}} HTTP/1.1\r\nHost: x\r\nContent-Type: {{}}\r\nContent-Length: {{}}\r\n\r\n"
)


@asynccontextmanager
async def connection(opened: Door) -> AsyncIterator[tuple[asyncio.StreamReader, Any]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", opened.server.port)
    yield reader, writer
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


def chat(body: bytes = CURL, length: int | None = None) -> bytes:
    return HEAD.format("Chat", "application/json", length or len(body)).encode() + body


def stream() -> bytes:
    body = envelope(ASKED.SerializeToString())
    return HEAD.format("StreamChat", "application/connect+proto", len(body)).encode() + body


# ---- time


async def test_the_callers_deadline_is_the_budget() -> None:
    async with door() as opened:
        before_s = asyncio.get_running_loop().time()
        await opened.call("Chat", QUESTION, connect_timeout_ms="7000")
        after_s = asyncio.get_running_loop().time()
        (_, caller) = opened.edge.engine.seen[0]
        assert before_s + 6.9 < caller.deadline.at_s <= after_s + 7


async def test_without_a_deadline_the_routes_default_holds() -> None:
    async with door() as opened:
        before_s = asyncio.get_running_loop().time()
        await opened.call("Chat", QUESTION)
        after_s = asyncio.get_running_loop().time()
        (_, caller) = opened.edge.engine.seen[0]
        assert before_s - 0.1 <= caller.deadline.at_s - DEFAULT_DEADLINE_S <= after_s


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
async def test_a_passed_deadline_ends_the_call_and_its_work(streamed: bool) -> None:
    async with door() as opened:
        opened.edge.engine.act = Hold()
        if streamed:
            failed = await refused(opened.stream(ASKED, connect_timeout_ms="100"))
        else:
            failed = await refused(opened.call("Chat", QUESTION, connect_timeout_ms="100"))
        assert failed.error["code"] == "deadline_exceeded"
        assert failed.detail(ErrorInfo).reason == "DEADLINE_EXCEEDED"
        await asyncio.wait_for(opened.edge.engine.cancelled.wait(), 5)
        assert await opened.edge.gate.wait_empty(5)


# ---- hanging up


@pytest.mark.parametrize("request_bytes", [chat(), stream()], ids=["unary", "stream"])
async def test_hanging_up_cancels_the_work(request_bytes: bytes) -> None:
    async with door() as opened:
        hold = opened.edge.engine.act = Hold()
        async with connection(opened) as (_, writer):
            writer.write(request_bytes)
            await asyncio.wait_for(hold.reached.wait(), 5)
        await asyncio.wait_for(opened.edge.engine.cancelled.wait(), 5)
        assert await opened.edge.gate.wait_empty(5)


class Endless(FakeEngine):
    """Streams without end; counts what it got rid of."""

    sent = 0

    async def relay(self, task: Any, request: Any, caller: Any, tell: Tell) -> None:
        try:
            await tell(Started("deepseek"))
            while True:
                await tell(Delta("a" * 60_000))
                self.sent += 1
                await asyncio.sleep(0)
        except (asyncio.CancelledError, ReaderGone):
            self.cancelled.set()
            raise


async def test_a_caller_who_takes_nothing_is_hung_up_on() -> None:
    engine = Endless()
    options = HttpOptions(address="127.0.0.1:0", stalled_s=0.3)
    async with door(options, streams=engine) as opened, connection(opened) as (_, writer):
        writer.write(stream())
        await asyncio.wait_for(engine.cancelled.wait(), 20)
        assert engine.sent < 1_000  # what the sockets hold, no more
        assert await opened.edge.gate.wait_empty(5)


async def test_a_stream_without_completed_never_ends_well() -> None:
    class Truncated:
        async def relay(self, *call: Any) -> None:
            tell: Tell = call[-1]
            await tell(Started("deepseek"))
            await tell(Delta("half of"))

    async with door(streams=Truncated()) as opened:
        failed = await refused(opened.stream(ASKED))
    assert failed.error["code"] == "internal"


async def test_a_stray_cancellation_inside_is_a_bug_and_ends_the_call() -> None:
    def stray(_: Any) -> None:
        raise asyncio.CancelledError

    async with door() as opened:
        opened.edge.engine.act = stray
        failed = await refused(opened.call("Chat", QUESTION))
    assert (failed.http_status, failed.error["code"]) == (500, "internal")


# ---- slow callers


async def test_a_body_that_does_not_arrive_is_given_up() -> None:
    options = HttpOptions(address="127.0.0.1:0", body_s=0.2)
    async with door(options) as opened, connection(opened) as (reader, writer):
        writer.write(chat(CURL, length=len(CURL) + 1))
        answer = await asyncio.wait_for(reader.read(), 20)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"DEADLINE_EXCEEDED" in answer


@pytest.mark.parametrize("head", [b"", b"POST / HTT", chat()[:60]], ids=["none", "line", "headers"])
async def test_a_head_that_does_not_end_is_given_up(head: bytes) -> None:
    options = HttpOptions(address="127.0.0.1:0", idle_s=0.3)
    async with door(options) as opened, connection(opened) as (reader, writer):
        for byte in head:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.001)
        assert await asyncio.wait_for(reader.read(), 20) == b""


async def test_bodies_that_arrive_together_are_bounded() -> None:
    options = HttpOptions(address="127.0.0.1:0", max_arriving_bytes=1_000_000)
    async with door(options) as opened:
        async with connection(opened) as (_, slow), connection(opened) as (reader, writer):
            slow.write(chat(b" " * 900_000, length=2_000_000))
            await slow.drain()
            await until(lambda: opened.server.arriving_bytes >= 900_000)
            writer.write(chat(b" " * 200_000, length=2_000_000))
            answer = await asyncio.wait_for(reader.readuntil(b"}"), 20)
        assert answer.startswith(b"HTTP/1.1 503 ")
        await until(lambda: opened.server.arriving_bytes == 0)
        assert (await opened.call("Chat", QUESTION)).text


async def test_a_client_that_waits_to_be_told_is_told_to_go_on() -> None:
    async with door() as opened, connection(opened) as (reader, writer):
        head, body = chat().split(b"\r\n\r\n")
        writer.write(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")


async def test_a_client_that_waits_with_too_much_is_told_before_it_sends_it() -> None:
    async with door() as opened, connection(opened) as (reader, writer):
        head = chat(b"", length=20 << 20)
        writer.write(head[:-2] + b"Expect: 100-continue\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")


async def test_calls_on_one_connection_are_answered_in_order() -> None:
    async with door() as opened, connection(opened) as (reader, writer):
        writer.write(chat() * 3)
        for _ in range(3):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            assert head.startswith("http/1.1 200 ")
            length = int(head.split("content-length:")[1].split()[0])
            assert json.loads(await reader.readexactly(length))["text"]


# ---- many at once


async def test_an_http_1_0_stream_ends_with_its_connection() -> None:
    kept = stream().replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\nConnection: keep-alive\r\n")
    async with door() as opened, connection(opened) as (reader, writer):
        writer.write(kept)
        answer = await asyncio.wait_for(reader.read(), 20)  # to the connection's end
    assert answer.endswith(b"]}}")
    assert b"chunked" not in answer


async def test_a_thousand_calls_at_once_are_all_answered() -> None:
    async with door() as opened:
        hold = opened.edge.engine.act = Hold()
        opened.session.connector._limit = 0  # type: ignore[union-attr] # the client's own limit
        calls = [asyncio.ensure_future(opened.call("Chat", QUESTION)) for _ in range(1_000)]
        await until(lambda: opened.edge.gate.inside == 1_000)
        hold.opened.set()
        answers = await asyncio.gather(*calls)
    assert len({answer.info.request_id for answer in answers}) == 1_000


async def test_both_doors_share_one_limit() -> None:
    async with door(gate=Gate({"Chat": 1})) as opened:
        hold = opened.edge.engine.act = Hold()
        first = asyncio.ensure_future(opened.edge.stub.Chat(QUESTION))
        await asyncio.wait_for(hold.reached.wait(), 5)
        failed = await refused(opened.call("Chat", QUESTION))
        assert failed.detail(ErrorInfo).reason == "OVERLOADED"
        hold.opened.set()
        assert (await first).text


# ---- going away


@BOTH
async def test_a_drain_refuses_new_calls_and_loses_none(is_json: bool) -> None:
    async with door() as opened:
        hold = opened.edge.engine.act = Hold()
        inside = [
            asyncio.ensure_future(opened.call("Chat", QUESTION, is_json=is_json)) for _ in range(20)
        ]
        streaming = asyncio.ensure_future(collected(opened, is_json=is_json))
        await until(lambda: opened.edge.gate.inside == 21)
        draining = asyncio.gather(opened.server.drain(30), opened.edge.server.drain(30))
        await until(lambda: opened.edge.gate.draining)
        failed = await refused(opened.call("Chat", QUESTION, is_json=is_json))
        assert failed.detail(ErrorInfo).reason == "DRAINING"
        assert failed.headers["Connection"] == "close"
        assert int(failed.headers["Retry-After"]) > 0
        hold.opened.set()
        assert all(answer.text for answer in await asyncio.gather(*inside))
        assert (await streaming)[-1].completed.text
        assert all(await draining)
        with pytest.raises(ClientError):
            await opened.call("Chat", QUESTION)


async def collected(opened: Door, *, is_json: bool) -> list[Any]:
    return [event async for event in opened.stream(ASKED, is_json=is_json)]


async def test_a_drain_ends_at_its_time_and_cancels_what_is_left() -> None:
    options = HttpOptions(address="127.0.0.1:0", grace_s=0.1)
    async with door(options) as opened:
        opened.edge.engine.act = Hold()
        call = asyncio.ensure_future(opened.call("Chat", QUESTION))
        await until(lambda: opened.edge.gate.inside == 1)
        assert await opened.server.drain(0.1) is False
        await asyncio.wait_for(opened.edge.engine.cancelled.wait(), 5)
        assert opened.edge.gate.inside == 0
        with pytest.raises(ClientError):
            await call


async def test_restarts_under_load_lose_no_call_of_a_retrying_client() -> None:
    """As clients/php does: no answer, or one that names a wait, is asked again."""
    stop, answered = asyncio.Event(), 0
    port = [0]

    async def caller() -> None:
        nonlocal answered
        async with ClientSession() as session:
            while not stop.is_set():
                url = f"http://127.0.0.1:{port[0]}{SERVICE}Chat"
                await retried(session, url)
                answered += 1

    callers: list[asyncio.Future[None]] = []
    address = "127.0.0.1:0"
    for _ in range(4):
        async with door(HttpOptions(address=address)) as opened:
            port[0] = opened.server.port
            address = f"127.0.0.1:{port[0]}"
            callers = callers or [asyncio.ensure_future(caller()) for _ in range(8)]
            enough = answered + 100
            await until(lambda: answered >= enough)  # noqa: B023 # used at once
            await opened.server.drain(10)
    async with door(HttpOptions(address=address)):
        stop.set()
        await asyncio.gather(*callers)
    assert answered >= 400


async def retried(session: ClientSession, url: str) -> None:
    headers = {"Content-Type": "application/json"}
    for _ in range(100):
        with suppress(ClientError):
            async with session.post(url, data=CURL, headers=headers) as got:
                body = await got.json()
                if got.status == 200:
                    assert body["text"]
                    return
                assert "Retry-After" in got.headers, body
        await asyncio.sleep(0.05)
    raise AssertionError("100 tries were not enough")


async def test_a_taken_port_is_named() -> None:
    async with door() as opened:
        address = f"127.0.0.1:{opened.server.port}"
        taken = HttpServer(opened.edge.service, opened.edge.gate, HttpOptions(address=address))
        with pytest.raises(OSError, match=str(opened.server.port)):
            await taken.start()
        assert repr(opened.server) == (
            f"HttpServer('127.0.0.1:0', port {opened.server.port}, Gate(open, 0 inside))"
        )


def test_the_default_address_is_loopback() -> None:
    assert HttpOptions().address.startswith("127.0.0.1:")


@pytest.mark.needs("openssl")
async def test_tls_answers_who_trusts_it(tmp_path: Path) -> None:
    certificate, _ = made(tmp_path, "server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    trusting = ssl.create_default_context(cadata=certificate.decode())
    async with door(HttpOptions(address="127.0.0.1:0", tls=context)) as opened:
        url = f"https://127.0.0.1:{opened.server.port}{SERVICE}Chat"
        headers = {"Content-Type": "application/json"}
        async with opened.session.post(url, data=CURL, headers=headers, ssl=trusting) as got:
            assert (await got.json())["text"]
        with pytest.raises(ClientError):
            await opened.session.post(url, data=CURL, headers=headers)
