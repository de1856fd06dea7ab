"""Late, slow, cut and stalled replies, over real sockets."""

import asyncio
import contextlib

import aiohttp
import pytest

from tests.faults import TEXT, FaultServer, Options
from tests.faults.answer import tokens_of
from tests.faults.caller import Caller

pytestmark = pytest.mark.anyio


def _first(tokens: int) -> str:
    return "".join(tokens_of(TEXT)[:tokens])


@pytest.mark.parametrize("stream", [False, True])
async def test_a_reset_comes_before_any_byte(
    stream: bool, faults: FaultServer, caller: Caller
) -> None:
    got = await caller.call("reset", stream=stream)
    assert isinstance(got.error, ConnectionResetError | aiohttp.ClientOSError)
    assert faults.seen("reset")[0].bytes_sent == 0


async def test_a_reset_is_a_real_one(faults: FaultServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", faults.port)
    body = b'{"model": "reset"}'
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: 18\r\n\r\n" + body)
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionResetError):
        await writer.wait_closed()


async def test_a_close_sends_nothing(caller: Caller) -> None:
    got = await caller.call("close")
    assert isinstance(got.error, aiohttp.ServerDisconnectedError)


@pytest.mark.parametrize("name", ["silent", "silent-headers", "hang-20"])
@pytest.mark.parametrize("stream", [False, True])
async def test_silence_lasts_until_the_caller_hangs_up(
    name: str, stream: bool, faults: FaultServer, caller: Caller
) -> None:
    caller.timeout_s = 0.5
    got = await caller.call(name, stream=stream)
    assert isinstance(got.error, TimeoutError)
    (seen,) = await faults.until_over(name)
    assert seen.hung_up_s is not None
    assert seen.hung_up_s >= seen.received_s
    assert (seen.bytes_sent > 0) == (name != "silent")


@pytest.mark.parametrize(
    ("name", "tokens"), [("slow-first-60", 0), ("slow-token-60", 0), ("stall-20-60", 20)]
)
async def test_nothing_comes_during_a_pause(name: str, tokens: int) -> None:
    async with FaultServer() as faults, aiohttp.ClientSession() as session:
        got = await Caller(session, faults, timeout_s=0.5).call(name, stream=True)
        assert isinstance(got.error, TimeoutError)
        assert (got.status, got.text) == (200, _first(tokens))
        assert ("assistant" in got.body.decode()) == (name != "slow-first-60")
        await faults.until_over(name)


@pytest.mark.parametrize("name", ["wait-2", "slow-first-2", "slow-token-2", "stall-20-2"])
@pytest.mark.parametrize("stream", [False, True])
async def test_after_a_pause_the_answer_is_whole(name: str, stream: bool, caller: Caller) -> None:
    got = await caller.call(name, stream=stream)
    text = got.text if stream else got.json["choices"][0]["message"]["content"]
    assert (text, got.error) == (TEXT, None)


async def test_no_byte_of_the_head_comes_during_a_wait() -> None:
    async with FaultServer() as faults, aiohttp.ClientSession() as session:
        got = await Caller(session, faults, timeout_s=0.5).call("wait-60")
        assert (got.status, isinstance(got.error, TimeoutError)) == (0, True)
        (seen,) = await faults.until_over("wait-60")
        assert seen.bytes_sent == 0


async def test_slow_bytes_come_one_by_one() -> None:
    async with FaultServer() as faults, aiohttp.ClientSession() as session:
        got = await Caller(session, faults, timeout_s=0.5).call("slow-bytes-1-0.02")
        assert isinstance(got.error, TimeoutError)
        assert 1 <= len(got.body) <= 25
        await faults.until_over("slow-bytes-1-0.02")


async def test_slow_bytes_add_up_to_the_answer(caller: Caller) -> None:
    got = await caller.call("slow-bytes-40-0.01-head")
    assert got.json["choices"][0]["message"]["content"] == TEXT


@pytest.mark.parametrize("name", ["cut-40", "cut-40-reset", "cut-40-event"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_cut_is_seen_by_http(name: str, stream: bool, caller: Caller) -> None:
    got = await caller.call(name, stream=stream)
    assert (got.status, isinstance(got.error, aiohttp.ClientError)) == (200, True)
    assert got.body


async def test_a_cut_stream_holds_the_tokens_before_it(caller: Caller) -> None:
    got = await caller.call("cut-40", stream=True)
    assert got.text == _first(40)


async def test_a_stream_cut_inside_an_event_ends_in_half_a_line(caller: Caller) -> None:
    got = await caller.call("cut-40-event", stream=True)
    assert not got.body.endswith(b"\n")
    assert len(got.data) == 42  # the role, 40 tokens, and half of the next


@pytest.mark.parametrize("name", ["cut-40-clean", "until-close+cut-40"])
async def test_a_clean_cut_is_not_seen_by_http(name: str, caller: Caller) -> None:
    got = await caller.call(name, stream=True)
    assert (got.error, got.text) == (None, _first(40))
    assert "[DONE]" not in got.data


async def test_a_broken_event_loses_its_text_alone(caller: Caller) -> None:
    got = await caller.call("badjson-10", stream=True)
    broken = [data for data in got.data if not data.endswith("}") and data != "[DONE]"]
    assert (len(broken), len(got.data)) == (1, 63)
    assert got.data.index(broken[0]) == 10


async def test_an_extra_broken_event_loses_nothing(caller: Caller) -> None:
    got = await caller.call("badjson-extra-10", stream=True)
    assert (len(got.data), got.data[11][:6]) == (64, '{"id":')


async def test_a_broken_unary_body_is_framed_well(caller: Caller) -> None:
    got = await caller.call("badjson-10")
    assert got.error is None
    with pytest.raises(ValueError, match="column"):
        _ = got.json


async def test_a_doubled_event_comes_twice(caller: Caller) -> None:
    got = await caller.call("tokens-6+dup-5", stream=True)
    assert got.text == " wa wb wc wd we we wf"


async def test_swapped_events_are_out_of_order(caller: Caller) -> None:
    got = await caller.call("tokens-7+swap-5", stream=True)
    assert got.text == " wa wb wc wd wf we wg"


async def test_an_error_event_ends_the_stream(caller: Caller) -> None:
    got = await caller.call("midstream-error-20", stream=True)
    assert "error" in got.data[-1]
    assert len(got.data) == 22


async def test_an_open_stream_without_an_end_marker_waits_for_the_caller() -> None:
    async with FaultServer() as faults, aiohttp.ClientSession() as session:
        caller = Caller(session, faults, timeout_s=0.5)
        got = await caller.call("no-end-open-60+usage-last", stream=True)
        assert isinstance(got.error, TimeoutError)
        assert (got.text, got.chunks[-1]["usage"]["total_tokens"]) == (TEXT, 180)
        await faults.until_over("no-end-open-60+usage-last")


@pytest.mark.parametrize("stream", [False, True])
async def test_an_endless_body_stops_when_the_caller_leaves(
    stream: bool, faults: FaultServer, caller: Caller
) -> None:
    caller.timeout_s = 0.5
    got = await caller.call("endless", stream=stream)
    assert len(got.body) > 100_000
    (seen,) = await faults.until_over("endless")
    assert seen.hung_up_s is not None


async def test_a_pause_is_multiplied_by_the_time_scale() -> None:
    async with FaultServer(Options(time_scale=0.0)) as faults, aiohttp.ClientSession() as session:
        got = await Caller(session, faults, timeout_s=5).call("stall-20-3000", stream=True)
        assert (got.text, got.error) == (TEXT, None)
