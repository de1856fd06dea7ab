"""Whether a server really did the work: asked once before, and counted at every measurement.

h2load takes gRPC's errors for successes, and an answer by rules or from a cache would be a cheap
one. So each kind of work must bring the model's text, and the model must have been asked as often
as that work needs.
"""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import grpc
import orjson

from benchmarks.speed.h2load import Sent, Target
from benchmarks.speed.subjects import Subject
from benchmarks.speed.upstream import TEXT
from gateway.v1 import anomaly_pb2, chat_pb2, common_pb2, keywords_pb2

POSTS = {"plain": 1, "known": 1, "cached": 0, "fallback": 2, "stream": 1, "paced": 1}
POSTS |= {"ticking": 1, "slow": 1, "keywords": 0, "anomaly": 0}
"""How often the model is asked for one call."""
EXPECTED = {"keywords": "SOURCE_RULES", "anomaly": "SOURCE_RULES"}
"""What comes instead of the model's text."""
BY_RULES: Mapping[str, Any] = {
    "ExtractKeywords": keywords_pb2.ExtractKeywordsResponse,
    "DetectAnomaly": anomaly_pb2.DetectAnomalyResponse,
}
TOLERATED = 0.01
"""Share of calls that a measurement may have asked more or less: an entry may expire."""
MESSAGE_AT = 5


class Wrong(RuntimeError):
    """A server does not do what is to be measured."""


async def posts(upstream: str) -> int:
    """How often the model was asked so far."""
    async with aiohttp.ClientSession() as session, session.get(f"{upstream}/count") as reply:
        return int(await reply.text())


async def verified(subject: Subject, work: str, upstream: str) -> None:
    """Ask once to warm up, then look at text, number of attempts and pace; raises Wrong."""
    target = subject.targets[work]
    await pieces(target)
    before = await posts(upstream)
    got = await pieces(target)
    asked = await posts(upstream) - before
    if (text := "".join(got.values())) != EXPECTED.get(work, TEXT):
        raise Wrong(f"{subject.name}, {work}: it answered {text[:80]!r}")
    if asked != POSTS[work]:
        raise Wrong(f"{subject.name}, {work}: the model was asked {asked} times, not {POSTS[work]}")
    if work == "paced" and min(got) > max(got) / 2:
        raise Wrong(f"{subject.name}, {work}: all came at the end, so it does not stream")


def right(work: str, sent: Sent, asked: int) -> None:
    """What h2load brought back and what the model was asked fit together; raises Wrong."""
    if sent.data < sent.calls * len(EXPECTED.get(work, TEXT)):
        raise Wrong(f"{work}: {sent.data} bytes came for {sent.calls} calls, too few for the texts")
    more = abs(asked - sent.calls * POSTS[work])
    if more > max(2, sent.calls * TOLERATED):
        raise Wrong(f"{work}: the model was asked {asked} times for {sent.calls} calls")


async def pieces(target: Target) -> Mapping[float, str]:
    """The answer's text in its pieces, by the seconds after which each came."""
    if target.http1:
        return await _over_http(target)
    return await _over_grpc(target)


async def _over_http(target: Target) -> dict[float, str]:
    began_s, got = time.perf_counter(), dict[float, str]()
    async with (
        aiohttp.ClientSession() as session,
        session.post(target.url, data=target.body, headers=dict(target.headers)) as reply,
    ):
        async for line in reply.content:
            text = _text(line.removeprefix(b"data: ").strip())
            if text:
                got[time.perf_counter() - began_s] = text
    return got


def _text(line: bytes) -> str:
    if not line.startswith(b"{"):
        return ""
    body = orjson.loads(line)
    if "choices" not in body:
        return str(body.get("text") or body)
    told = [c.get("delta") or c.get("message") or {} for c in body["choices"]]
    return "".join(part.get("content") or "" for part in told)


async def _over_grpc(target: Target) -> dict[float, str]:
    where = urlsplit(target.url)
    began_s, got = time.perf_counter(), dict[float, str]()
    async with grpc.aio.insecure_channel(where.netloc) as channel:
        if where.path.endswith("StreamChat"):
            ask: Any = channel.unary_stream(
                where.path, None, chat_pb2.StreamChatResponse.FromString
            )
            async for event in ask(target.body[MESSAGE_AT:], timeout=50):
                if event.WhichOneof("event") == "delta":
                    got[time.perf_counter() - began_s] = event.delta.text
            return got
        if kind := BY_RULES.get(where.path.rpartition("/")[2]):
            rules: Any = channel.unary_unary(where.path, None, kind.FromString)
            answered = await rules(target.body[MESSAGE_AT:], timeout=50)
            return {0.0: common_pb2.Source.Name(answered.info.source)}
        answer: Any = channel.unary_unary(where.path, None, chat_pb2.ChatResponse.FromString)
        return {0.0: (await answer(target.body[MESSAGE_AT:], timeout=50)).text}
