"""Going down and up, TLS, and the end: of the block, of the command."""

import asyncio
import signal
import ssl
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.faults import FaultServer, Options
from tests.faults.caller import Caller

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


async def test_down_resets_the_callers_and_refuses_new_ones(
    faults: FaultServer, caller: Caller
) -> None:
    waiting = asyncio.create_task(caller.call("silent"))
    await faults.until_seen("silent")
    await faults.go_down()
    assert isinstance((await waiting).error, aiohttp.ClientError)
    assert faults.seen("silent")[0].hung_up_s is None
    assert isinstance((await caller.call("ok")).error, aiohttp.ClientConnectorError)
    assert faults.open_connections == 0


async def test_up_again_is_on_the_same_port(faults: FaultServer, caller: Caller) -> None:
    port = faults.port
    for _ in range(3):
        await faults.go_down()
        await faults.go_down()
        await faults.come_up()
        await faults.come_up()
        assert (faults.port, (await caller.call("ok")).status) == (port, 200)


async def test_down_over_http_ends_by_itself(faults: FaultServer, caller: Caller) -> None:
    assert await caller.control("/_down?for_s=5", {}) == {"up": False}
    await faults.log.until(lambda: not faults.listening, 5)
    async with aiohttp.ClientSession() as session:
        there = Caller(session, faults)
        assert isinstance((await there.call("ok")).error, aiohttp.ClientConnectorError)
        await faults.log.until(lambda: faults.listening, 5)
        assert (await there.call("ok")).status == 200


async def test_the_connection_that_sent_down_can_send_up(
    faults: FaultServer, caller: Caller
) -> None:
    await caller.control("/_down", {})
    await faults.log.until(lambda: not faults.listening, 5)
    assert await caller.control("/_up", {}) == {"up": True}
    assert (await caller.call("ok")).status == 200


async def test_the_control_port_stays_open_while_down() -> None:
    options = Options(control_port=0)
    async with FaultServer(options) as faults, aiohttp.ClientSession() as session:
        root = f"http://127.0.0.1:{faults.control_port}"
        there = Caller(session, faults)
        async with session.post(f"{root}/_down") as reply:
            assert reply.status == 200
        await faults.log.until(lambda: not faults.listening, 5)
        assert isinstance((await there.call("ok")).error, aiohttp.ClientConnectorError)
        async with session.post(f"{root}/_up") as reply:
            assert reply.status == 200
        assert (await there.call("ok")).status == 200


async def test_tls_is_real_and_its_certificate_can_be_trusted() -> None:
    async with FaultServer(Options(tls=True)) as faults, aiohttp.ClientSession() as session:
        trusting = ssl.create_default_context(cafile=str(faults.certificate))
        url = f"{faults.url}/chat/completions"
        async with session.post(url, json={"model": "ok"}, ssl=trusting) as reply:
            assert (reply.status, url[:8]) == (200, "https://")
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.post(url, json={"model": "ok"})
        with pytest.raises(aiohttp.ClientOSError):
            await session.post(url, json={"model": "reset"}, ssl=trusting)


async def test_the_end_of_the_block_drops_calls_in_flight() -> None:
    async with aiohttp.ClientSession() as session:
        async with FaultServer() as faults:
            caller = Caller(session, faults)
            calls = [asyncio.create_task(caller.call("silent")) for _ in range(20)]
            await faults.until_seen("silent", calls=20)
        ended = await asyncio.gather(*calls)
        assert all(isinstance(got.error, aiohttp.ClientError) for got in ended)
        assert faults.open_connections == 0


async def test_chaos_leaves_nothing_behind(faults: FaultServer) -> None:
    faults.time_scale = 0.002
    async with aiohttp.ClientSession() as session:
        caller = Caller(session, faults, timeout_s=0.3)
        for stream in (True, False):
            await asyncio.gather(*(caller.call("chaos-100", stream=stream) for _ in range(150)))
    await faults.until_over("chaos-100")
    await faults.log.until(lambda: faults.open_connections == 0, 5)
    assert (faults.count("chaos-100"), faults.in_flight) == (300, 0)


async def test_an_error_of_the_server_itself_is_raised_at_the_end() -> None:
    with pytest.raises(RuntimeError, match="itself failed"):
        async with FaultServer() as faults:
            faults.failed(ValueError("a bug"))


async def test_the_command_prints_its_port_serves_and_ends_on_sigterm() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "tests.faults", "--port", "0"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    port = int(await process.stdout.readline())
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}/v1/chat/completions"
        async with session.post(url, json={"model": "ok"}) as reply:
            assert reply.status == 200
        process.send_signal(signal.SIGTERM)
        assert (await process.communicate(), process.returncode) == ((b"", b""), 0)
