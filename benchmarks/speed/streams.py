"""Streams as a reader sees them: how much later the first token comes, and whether any stalls."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

import grpc
import orjson

from benchmarks.speed.subjects import QUESTION, Subject, chat
from gateway.v1 import chat_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub

ASKED = 300
TICK_S = 0.05
"""20 tokens a second."""
STALL_S = 4 * TICK_S
"""A pause this long is one that a reader sees."""


@dataclass(frozen=True, slots=True)
class Stalls:
    """Of so many streams at once, how many paused too long; the longest pause."""

    streams: int
    stalled: int
    longest_s: float


async def first_token_added(upstream: Subject, ours: Subject) -> float:
    """Median milliseconds between asking and the first text, less the same of the model itself."""
    address = urlsplit(ours.targets["plain"].url).netloc
    through, direct = [], []
    async with grpc.aio.insecure_channel(address) as channel:
        for _ in range(ASKED):
            direct.append(await _first_of(_direct(upstream.name)))
            through.append(await _first_of(_through(channel, "stream")))
    return (median(through) - median(direct)) * 1000


async def stalls(ours: Subject, streams: int) -> Stalls:
    """Streams at once, each of 50 tokens at 20 a second."""
    address = urlsplit(ours.targets["plain"].url).netloc
    async with grpc.aio.insecure_channel(address) as channel:
        longest = await asyncio.gather(*(_longest_pause(channel) for _ in range(streams)))
    return Stalls(streams, sum(pause > STALL_S for pause in longest), max(longest))


async def _longest_pause(channel: grpc.aio.Channel) -> float:
    last_s, longest_s = 0.0, 0.0
    async for _ in _through(channel, "ticking"):
        now_s = time.perf_counter()
        longest_s = max(longest_s, now_s - last_s) if last_s else 0.0
        last_s = now_s
    return longest_s


async def _first_of(texts: AsyncIterator[str]) -> float:
    began_s, first_s = time.perf_counter(), 0.0
    async for _ in texts:
        first_s = first_s or time.perf_counter() - began_s
    return first_s


async def _through(channel: grpc.aio.Channel, work: str) -> AsyncIterator[str]:
    request = chat_pb2.StreamChatRequest(chat=chat(work))
    async for event in GatewayServiceStub(channel).StreamChat(request, timeout=50):
        if event.WhichOneof("event") == "delta":
            yield event.delta.text


async def _direct(url: str) -> AsyncIterator[str]:
    """The model's stream by a raw socket: the least that a client can cost."""
    where = urlsplit(url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    messages = [{"role": "user", "content": QUESTION}]
    body = orjson.dumps({"model": "bench", "messages": messages, "stream": True})
    head = f"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    while not (line := await reader.readline()).startswith(b"0\r\n"):
        if line.startswith(b"data: {"):
            yield line.decode()
    writer.close()
