"""Streams as a reader sees them: how much later the first token comes, and whether any stalls."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import grpc

from benchmarks.speed import pauses
from benchmarks.speed.h2load import Target
from benchmarks.speed.rounds import Told
from benchmarks.speed.subjects import Subject
from benchmarks.speed.targets import chat
from benchmarks.speed.upstream import TEXT
from gateway.v1 import chat_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub

ASKED = 200
TICK_S = 0.05
"""20 tokens a second."""
STALL_S = 4 * TICK_S
"""A pause this long is one that a reader sees."""
LADDER = (64, 96, 128, 192, 256, 384, 512, 768, 1024)
TRIES = 2
"""A rung is missed when it stalls so often in a row: machines are noisy."""
START_S = 1.0
MOST_S = 20.0


@dataclass(frozen=True, slots=True)
class Rung:
    """Of so many streams at once, how many stalled or broke; the longest pause of all."""

    streams: int
    stalled: int
    longest_ms: float
    model_stalled: int
    model_longest_ms: float


async def first_tokens(model: Subject, ours: Subject) -> dict[str, list[float]]:
    """Milliseconds between asking and the first text, interleaved: of the model, and through us."""
    direct, through = list[float](), list[float]()
    async with grpc.aio.insecure_channel(ours.url) as channel:
        for _ in range(ASKED):
            direct.append(await _first_ms(_direct(model.targets["stream"])))
            through.append(await _first_ms(_through(channel)))
    return {"direct": direct, "through": through}


async def ladder(model: Subject, ours: Subject, highest: int, told: Told) -> list[dict[str, float]]:
    """More and more streams of 20 tokens a second, until some stall; the model alone beside."""
    climbed = []
    for streams in [rung for rung in LADDER if rung <= highest]:
        rung = await _rung(model, ours, streams)
        for _ in range(TRIES - 1):
            if rung.stalled:
                rung = await _rung(model, ours, streams)
        told(f"{streams} streams: {rung.stalled} stalled, longest pause {rung.longest_ms:.0f} ms")
        climbed.append(asdict(rung))
        if rung.stalled:
            break
    return climbed


async def _rung(model: Subject, ours: Subject, streams: int) -> Rung:
    alone = await pauses.read(model.targets["ticking"], streams, START_S, MOST_S)
    through = await pauses.read(ours.targets["ticking"], streams, START_S, MOST_S)
    return Rung(
        streams, _stalled(through), _longest_ms(through), _stalled(alone), _longest_ms(alone)
    )


def _stalled(seen: Sequence[pauses.Arrivals]) -> int:
    return sum(one.longest_s > STALL_S or not one.ended or one.data < len(TEXT) for one in seen)


def _longest_ms(seen: Sequence[pauses.Arrivals]) -> float:
    return round(max(one.longest_s for one in seen) * 1000, 1)


async def _first_ms(texts: AsyncIterator[object]) -> float:
    began_s, first_s = time.perf_counter(), 0.0
    async for _ in texts:
        first_s = first_s or time.perf_counter() - began_s
    return round(first_s * 1000, 4)


async def _through(channel: grpc.aio.Channel) -> AsyncIterator[str]:
    request = chat_pb2.StreamChatRequest(chat=chat("stream"))
    async for event in GatewayServiceStub(channel).StreamChat(request, timeout=50):
        if event.WhichOneof("event") == "delta":
            yield event.delta.text


async def _direct(target: Target) -> AsyncIterator[bytes]:
    """The model's stream by a raw socket: the least that a client can cost."""
    where = urlsplit(target.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = f"POST {where.path} HTTP/1.1\r\ncontent-length: {len(target.body)}\r\n\r\n"
    writer.write(head.encode() + target.body)
    while not (line := await reader.readline()).startswith(b"0\r\n"):
        if line.startswith(b"data: {"):
            yield line
    writer.close()
