"""Random bytes, headers, paths and verbs: documented answers only, nothing leaked, nobody hurt."""

import asyncio
import json
import os
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from google.protobuf import json_format

from gateway.api.connect_protocol import HTTP_STATUS, code_name, envelope
from gateway.api.error_table import TABLE
from gateway.api.http_call import STREAM_TYPES, UNARY_TYPES
from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2
from tests.api.http import SERVICE, Door, door
from tests.api.test_grpc_hostile import LEAKS, SAMPLES, some_bytes
from tests.api.test_grpc_server import QUESTION
from tests.api.test_http_errors import CURL

pytestmark = pytest.mark.anyio

SEED = os.environ.get("FUZZ_SEED", "20261122")
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "60"))
CODES = {code_name(row.code) for row in TABLE.values()}  # INTERNAL is none of them
STATUSES = {HTTP_STATUS[row.code] for row in TABLE.values()} | {200, 404, 405, 408, 413, 415, 431}
BANNERS = (*LEAKS, "aiohttp", "Python/", "<html", "llhttp")
METHODS = ("Chat", "ExtractKeywords", "DetectAnomaly", "SubmitFeedback", "StreamChat")
TYPES = (*UNARY_TYPES, *STREAM_TYPES, "text/html", "")
KINDS: tuple[Any, ...] = (
    chat_pb2.ChatRequest,
    chat_pb2.StreamChatRequest,
    keywords_pb2.ExtractKeywordsRequest,
    anomaly_pb2.DetectAnomalyRequest,
)
JSONS = [
    json_format.MessageToJson(kind.FromString(sample)).encode()
    for kind, sample in zip(KINDS, SAMPLES, strict=True)
]


def some_json(rng: Random) -> bytes:
    """A real request with a few bytes changed, cut, or wrapped in more."""
    body = bytearray(rng.choice(JSONS))
    for _ in range(rng.randint(0, 4)):
        body[rng.randrange(len(body))] = rng.choice(b'{}[]",:0-eE.\\nul\x00\xff ')
    return bytes(body[: rng.randint(0, len(body))]) if rng.random() < 0.3 else bytes(body)


def some_body(rng: Random, content_type: str) -> bytes:
    body = some_json(rng) if "json" in content_type and rng.random() < 0.8 else some_bytes(rng)
    return envelope(body, rng.choice((0, 0, 0, 1, 2))) if rng.random() < 0.7 else body


def checked(raw: bytes) -> int:
    """One raw response: a documented status, a body in the protocol's words, nothing leaked."""
    head, _, body = raw.partition(b"\r\n\r\n")
    status = int(head.split()[1])
    assert status in STATUSES, raw[:300]
    text = raw.decode(errors="replace")
    assert not any(leak in text for leak in BANNERS), text[:500]
    assert b"\r\nServer: erp-gateway" in head
    if status != 200:
        error = json.loads(body)
        assert error["code"] in CODES, error
        assert error["details"][0]["type"] == "google.rpc.ErrorInfo"
    return status


async def raw_answer(opened: Door, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", opened.server.port)
    answer = b""
    with suppress(ConnectionError):
        writer.write(request)
        await writer.drain()
        answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer


def request_bytes(rng: Random, verb: str, path: str, headers: list[tuple[str, str]]) -> bytes:
    content_type = rng.choice(TYPES)
    body = some_body(rng, content_type)
    lines = [f"{verb} {path} HTTP/1.1", "Host: x", "Connection: close"]
    lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


@pytest.mark.parametrize("method", METHODS)
async def test_random_bodies_get_documented_answers_only(method: str) -> None:
    rng = Random(f"{SEED}{method}")
    async with door() as opened:
        statuses = [
            checked(await raw_answer(opened, request_bytes(rng, "POST", SERVICE + method, [])))
            for _ in range(2 * ROUNDS)
        ]
        assert (await opened.call("Chat", QUESTION)).text
    assert len(set(statuses)) > 1


NAMES = (
    *("x-request-id", "x-erp-version", "traceparent", "authorization", "connect-timeout-ms"),
    *("connect-protocol-version", "content-encoding", "accept-encoding", "expect", "te", "x-a"),
    *("connect-content-encoding", "upgrade", "cookie", "range", "if-match", "origin"),
)


def some_headers(rng: Random) -> list[tuple[str, str]]:
    pairs = []
    for _ in range(rng.randint(0, 8)):
        length = rng.choice((0, 1, 5, 130, 2_000))
        low, high = rng.choice(((33, 126), (48, 57), (128, 255)))
        text = "".join(chr(rng.randint(low, high)) for _ in range(length))
        value = rng.choice((text, text, "gzip", "100-continue", "websocket", "1", "h2c"))
        pairs.append((rng.choice(NAMES), value))
    return pairs


@pytest.mark.parametrize("method", METHODS)
async def test_hostile_headers_get_documented_answers_only(method: str) -> None:
    rng = Random(f"{SEED}{method}")
    async with door() as opened:
        for _ in range(2 * ROUNDS):
            request = request_bytes(rng, "POST", SERVICE + method, some_headers(rng))
            answer = await raw_answer(opened, request)
            checked(answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n"))
        assert (await opened.call("Chat", QUESTION)).text


async def test_hostile_verbs_and_paths_get_documented_answers_only() -> None:
    rng = Random(SEED)
    verbs = (
        "GET",
        "HEAD",
        "PUT",
        "DELETE",
        "PATCH",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "PRI",
        "X" * 50,
    )
    paths = ("/", "*", "//", "/%", "/%zz", "/..%2f", "http://x/y", "/healthz?x", "/readyz/", "/é")
    async with door() as opened:
        for _ in range(3 * ROUNDS):
            noise = "".join(chr(rng.randint(33, 255)) for _ in range(rng.choice((1, 9, 900))))
            path = rng.choice((*paths, SERVICE, SERVICE + "Chat", "/" + noise))
            answer = await raw_answer(opened, request_bytes(rng, rng.choice(verbs), path, []))
            if not answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")):
                assert checked(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n{}") == 200
            elif answer.split(b"\r\n\r\n", 1)[1]:  # HEAD has no body
                checked(answer)
        assert (await opened.call("Chat", QUESTION)).text


NOISE = {
    "not http": b"EHLO mail.example\r\n\r\n",
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 100,
    "tls hello": b"\x16\x03\x01" + b"\x00" * 500,
    "noise": Random(7).randbytes(100_000),
    "long line": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk": f"POST {SERVICE}Chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    "Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode(),
    "bad length": b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "line feeds": b"POST / HTTP/1.1\nHost: x\n\n",
    "nul": b"POST / HTTP/1.1\r\nX: \x00\r\n\r\n",
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
async def test_noise_on_the_wire_is_refused_in_the_same_form_and_hurts_nobody(
    noise: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with door() as opened:
        for _ in range(3):
            answer = await raw_answer(opened, noise)
            if answer:
                checked(answer)
            assert (await opened.call("Chat", QUESTION)).text
    assert "Traceback" not in caplog.text


async def test_a_compressed_bomb_is_refused_unopened() -> None:
    async with door() as opened:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        url = f"{opened.base}{SERVICE}Chat"
        async with opened.session.post(url, data=CURL, headers=headers) as got:
            assert got.status == 501
            assert got.headers["Accept-Encoding"] == "identity"
            assert (await got.json())["code"] == "unimplemented"
