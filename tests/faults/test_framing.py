"""Odd and wrong framing, splitting, and bodies that are far too big."""

import asyncio

import aiohttp
import pytest

from tests.faults import TEXT, TEXT_ZH, FaultServer
from tests.faults.caller import Caller

pytestmark = pytest.mark.anyio

MB = 1024 * 1024


async def test_writes_end_inside_multi_byte_characters(faults: FaultServer) -> None:
    async with aiohttp.ClientSession() as session:
        body = {"model": "ok-zh+split", "stream": True}
        async with session.post(f"{faults.url}/chat/completions", json=body) as reply:
            pieces = [piece async for piece, _ in reply.content.iter_chunks()]
    broken = [piece for piece in pieces if piece[-1:] >= b"\xc0"]
    assert len(broken) >= 60
    assert b"".join(pieces).decode()


@pytest.mark.parametrize(
    "name", ["split", "split-70", "crlf", "no-space", "comments", "chunked", "until-close"]
)
async def test_odd_but_valid_framing_keeps_the_answer_whole(name: str, caller: Caller) -> None:
    got = await caller.call(f"ok-zh+{name}", stream=True)
    assert (got.text, got.data[-1], got.error) == (TEXT_ZH, "[DONE]", None)


async def test_the_lines_of_a_stream_take_the_asked_form(caller: Caller) -> None:
    assert b"\n\n" not in (await caller.call("crlf+comments", stream=True)).body
    assert b"data: " not in (await caller.call("no-space", stream=True)).body
    assert b": keep-alive\n" in (await caller.call("comments", stream=True)).body
    assert b"event: ping\n" in (await caller.call("pings", stream=True)).body


async def test_a_unary_body_may_come_without_a_length(caller: Caller) -> None:
    for name in ("chunked", "until-close"):
        got = await caller.call(name)
        assert "content-length" not in got.headers
        assert got.json["choices"][0]["message"]["content"] == TEXT


async def test_a_length_too_long_is_an_incomplete_body(caller: Caller) -> None:
    got = await caller.call("length-long")
    assert isinstance(got.error, aiohttp.ClientPayloadError)
    assert got.json["choices"][0]["message"]["content"] == TEXT


async def test_a_length_too_short_cuts_the_body(caller: Caller) -> None:
    got = await caller.call("length-short")
    with pytest.raises(ValueError, match="column"):
        _ = got.json


@pytest.mark.parametrize("stream", [False, True])
async def test_a_huge_body_is_sent_whole_and_well_formed(stream: bool, caller: Caller) -> None:
    got = await caller.call("huge-10", stream=stream)
    choice = (got.chunks[0] if stream else got.json)["choices"][0]
    assert len(choice["delta" if stream else "message"]["content"]) == 10 * MB


async def test_a_huge_body_waits_for_a_slow_reader(faults: FaultServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", faults.port, limit=1024)
    body = b'{"model": "huge-100"}'
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 21\r\n\r\n" + body)
    await reader.read(1000)
    (seen,) = await faults.until_seen("huge-100")
    assert seen.bytes_sent < 50 * MB
    writer.close()
    await faults.until_over("huge-100")
    assert seen.hung_up_s is not None


@pytest.mark.parametrize("stream", [False, True])
async def test_a_small_gzip_body_explodes_into_a_well_formed_one(
    stream: bool, faults: FaultServer, caller: Caller
) -> None:
    got = await caller.call("gzip-bomb-20", stream=stream)
    choice = (got.chunks[0] if stream else got.json)["choices"][0]
    assert len(choice["delta" if stream else "message"]["content"]) == 20 * MB
    assert faults.seen("gzip-bomb-20")[0].bytes_sent < 200_000
