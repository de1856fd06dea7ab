"""Random bytes and hostile metadata on every method: documented codes only, nothing leaked."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import grpc
import pytest

from gateway.api.error_table import TABLE
from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2
from tests.api.conftest import LOCAL, Running, edge
from tests.api.test_grpc_errors import whole
from tests.api.test_grpc_server import QUESTION

pytestmark = pytest.mark.anyio

OURS = "/gateway.v1.GatewayService/"
UNARY = [f"{OURS}{name}" for name in ("Chat", "ExtractKeywords", "DetectAnomaly", "SubmitFeedback")]
UNARY += ["/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/List"]
STREAMS = [f"{OURS}StreamChat"]
REFLECTION = [
    f"/grpc.reflection.{v}.ServerReflection/ServerReflectionInfo" for v in ("v1", "v1alpha")
]
# what a request may be answered with, by the table or by gRPC itself (docs/errors.md)
DOCUMENTED = {row.code for row in TABLE.values()} | {grpc.StatusCode.OK}
LEAKS = ("Traceback", "<class", "Error parsing", "Exception", "gateway/", ".py", "object at 0x")
SEED = int(os.environ.get("FUZZ_SEED", "20261122"))
ROUNDS = int(os.environ.get("FUZZ_ROUNDS", "60"))

SAMPLES = [
    QUESTION.SerializeToString(),
    chat_pb2.StreamChatRequest(chat=QUESTION).SerializeToString(),
    keywords_pb2.ExtractKeywordsRequest(
        listing=keywords_pb2.Listing(title="bed")
    ).SerializeToString(),
    anomaly_pb2.DetectAnomalyRequest(
        series=anomaly_pb2.Series(points=[anomaly_pb2.Point(value=1.0)] * 3)
    ).SerializeToString(),
]


def some_bytes(rng: Random) -> bytes:
    """Noise, or a real request with a few bytes changed, cut or repeated."""
    if rng.random() < 0.4:
        return rng.randbytes(rng.choice((0, 1, 2, 7, 50, 2_000, 60_000)))
    body = bytearray(rng.choice(SAMPLES))
    for _ in range(rng.randint(1, 4)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(body[: rng.randint(0, len(body))] * rng.choice((1, 1, 3)))


def some_metadata(rng: Random) -> tuple[tuple[str, str | bytes], ...]:
    """What a client library lets through: visible ASCII in values, anything in -bin."""
    names = [
        "x-request-id",
        "x-erp-version",
        "traceparent",
        "authorization",
        "x-a",
        "te-st",
        "a-bin",
    ]
    names += ["x-request-id-bin", "grpc-trace-bin", "grpc-tags-bin", "accept-language"]
    pairs: list[tuple[str, str | bytes]] = []
    for _ in range(rng.randint(0, 8)):
        name, length = rng.choice(names), rng.choice((0, 1, 5, 130, 2_000))
        text = "".join(chr(rng.randint(32, 126)) for _ in range(length))
        pairs.append((name, rng.randbytes(length) if name.endswith("-bin") else text))
    return tuple(pairs)


async def ended(call: Any) -> tuple[grpc.StatusCode, str]:
    """How a call ended: its code and everything the server said about it."""
    try:
        await whole(call)
    except grpc.aio.AioRpcError as error:
        return error.code(), f"{error.details()} {error.trailing_metadata()}"
    return grpc.StatusCode.OK, ""


def opened(channel: Any, method: str, body: bytes, metadata: Any = ()) -> Any:
    options = {"metadata": metadata, "timeout": 10}
    if method in UNARY:
        return channel.unary_unary(method)(body, **options)
    if method in STREAMS:
        return channel.unary_stream(method)(body, **options)
    return channel.stream_stream(method)(iter([body]), **options)


@pytest.mark.parametrize("method", UNARY + STREAMS + REFLECTION)
async def test_random_bytes_get_documented_codes_only(running: Running, method: str) -> None:
    rng = Random(f"{SEED}{method}")
    for _ in range(ROUNDS):
        body = some_bytes(rng)
        code, said = await ended(opened(running.channel, method, body))
        assert code in DOCUMENTED, (code, said, body)
        assert not any(leak in said for leak in LEAKS), said


@pytest.mark.parametrize("method", UNARY + STREAMS + REFLECTION)
async def test_hostile_metadata_gets_documented_codes_only(running: Running, method: str) -> None:
    rng = Random(f"{SEED}{method}")
    for _ in range(ROUNDS):
        metadata = some_metadata(rng)
        code, said = await ended(opened(running.channel, method, SAMPLES[0], metadata))
        assert code in DOCUMENTED, (code, said, metadata)
        assert not any(leak in said for leak in LEAKS), said


async def test_metadata_over_the_limit_is_refused_and_the_connection_lives_on(
    running: Running,
) -> None:
    for size in (20_000, 200_000, 2_000_000):
        metadata = (("x-large", "a" * size),)
        code, _ = await ended(opened(running.channel, UNARY[0], SAMPLES[0], metadata))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await running.stub.Chat(QUESTION)).text


async def test_a_request_over_the_limit_is_refused_and_the_connection_lives_on(
    running: Running,
) -> None:
    for method in UNARY[:4] + STREAMS:
        code, _ = await ended(opened(running.channel, method, b"a" * (9 << 20)))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert (await running.stub.Chat(QUESTION)).text


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 4_000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 500,
        b"\x16\x03\x01" + b"\x00" * 500,
        Random(SEED).randbytes(100_000),
    ],
    ids=["http1", "bad frames", "settings flood", "tls hello", "noise"],
)
async def test_noise_on_the_wire_hurts_nobody_else(running: Running, noise: bytes) -> None:
    for _ in range(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.server.port)
        with suppress(ConnectionError):
            writer.write(noise)
            await writer.drain()
            await reader.read(1_000)
        writer.close()
        assert (await running.stub.Chat(QUESTION, timeout=10)).text


async def test_a_compressed_bomb_is_refused_before_it_unfolds(running: Running) -> None:
    big = chat_pb2.ChatRequest(
        messages=[chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="a" * (64 << 20))]
    )
    options = (("grpc.max_send_message_length", -1),)
    async with grpc.aio.insecure_channel(running.target, options=options) as channel:
        send: Any = channel.unary_unary(UNARY[0])
        body = big.SerializeToString()
        code, _ = await ended(send(body, compression=grpc.Compression.Gzip, timeout=30))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_the_largest_series_that_is_allowed_fits_the_message_limit(running: Running) -> None:
    points = [anomaly_pb2.Point(value=i + 0.5) for i in range(20_000)]
    for i, point in enumerate(points):
        point.time.seconds = 1_700_000_000 + 3_600 * i
    request = anomaly_pb2.DetectAnomalyRequest(series=anomaly_pb2.Series(points=points))
    for i in range(16):
        request.covariates.append(anomaly_pb2.Covariate(name=f"c{i}", points=points))
    answer = await running.stub.DetectAnomaly(request, timeout=60)
    assert answer.summary
    (asked, _) = running.engine.seen[0]
    assert len(asked.covariates[15].points) == 20_000


@pytest.mark.parametrize("path", [*UNARY[:4], *STREAMS])
async def test_a_call_closed_without_a_message_is_refused_at_once(
    path: str, running: Running
) -> None:
    method: Any = running.channel.stream_stream(path)  # sends as many messages as it is given
    code, told = await ended(method(iter(()), metadata=(("x-request-id", "empty"),)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "MALFORMED_REQUEST" in told
    assert "'empty'" in told


@pytest.mark.parametrize("path", [UNARY[0], *STREAMS])
async def test_a_call_whose_message_does_not_come_is_ended(path: str) -> None:
    async with edge(replace(LOCAL, message_s=0.05)) as running:
        never = asyncio.Event()

        async def nothing() -> AsyncIterator[bytes]:
            await never.wait()
            yield b""

        method: Any = running.channel.stream_stream(path)
        code, told = await ended(method(nothing(), metadata=(("x-request-id", "silent"),)))
        never.set()
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "no message came within 0.05 s" in told
    assert "'silent'" in told


async def test_a_message_after_the_first_changes_nothing(running: Running) -> None:
    method: Any = running.channel.stream_unary(UNARY[0])
    sent = QUESTION.SerializeToString()
    answer = chat_pb2.ChatResponse.FromString(await method(iter((sent, b"\xff", sent))))
    assert answer.text
