"""The HTTP door of the real process, with plain JSON as curl and PHP send it."""

import asyncio
import json
import signal
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.test_answers import CONFIG, KNOWLEDGE
from tests.faults import FaultServer, Options
from tests.processes import GatewayProcess, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

SERVICE = "gateway.v1.GatewayService"
ASKED = {"messages": [{"role": "ROLE_USER", "text": "How long does delivery to Germany take?"}]}


@pytest.fixture
async def faults() -> AsyncIterator[FaultServer]:
    async with FaultServer(Options()) as server:
        yield server


@pytest.fixture
async def running(faults: FaultServer, tmp_path: Path) -> AsyncIterator[GatewayProcess]:
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG.format(knowledge=KNOWLEDGE, url=faults.url))
    http = ("--http-listen", "127.0.0.1:0")
    async with gateway(config, tmp_path / "log", {"TEST_KEY": "k-test"}, *http) as process:
        yield process


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def chat(session: aiohttp.ClientSession, running: GatewayProcess) -> Any:
    async with session.post(f"http://{running.http}/{SERVICE}/Chat", json=ASKED) as got:
        assert got.status == 200, await got.text()
        return await got.json()


def stream(session: aiohttp.ClientSession, running: GatewayProcess) -> Any:
    body = json.dumps({"chat": ASKED}).encode()
    headers = {"Content-Type": "application/connect+json"}
    framed = struct.pack(">BI", 0, len(body)) + body
    url = f"http://{running.http}/{SERVICE}/StreamChat"
    return session.post(url, data=framed, headers=headers)


async def test_models_and_rules_answer_plain_json(
    faults: FaultServer, running: GatewayProcess, session: aiohttp.ClientSession
) -> None:
    faults.script("main", ["ok"])
    answer = await chat(session, running)
    assert (answer["info"]["source"], answer["info"]["deployment"]) == ("SOURCE_MODEL", "main")
    await faults.go_down()
    answer = await chat(session, running)
    assert answer["info"]["source"] == "SOURCE_RULES"
    assert answer["text"]


async def test_hanging_up_on_a_call_closes_the_models_connection(
    faults: FaultServer, running: GatewayProcess, session: aiohttp.ClientSession
) -> None:
    faults.script("main", ["hang-20"])
    asking = asyncio.create_task(chat(session, running))
    await faults.until_seen("main", within_s=60)
    asking.cancel()
    (seen,) = await faults.until_over("main")
    assert seen.hung_up_s is not None
    assert faults.count("spare") == 0


async def test_hanging_up_in_mid_stream_closes_the_models_connection(
    faults: FaultServer, running: GatewayProcess, session: aiohttp.ClientSession
) -> None:
    faults.script("main", ["hang-20"])
    async with stream(session, running) as got:
        text = b""
        while b"delta" not in text:
            text += await got.content.readany()
        got.close()
    (seen,) = await faults.until_over("main")
    assert seen.hung_up_s is not None
    assert faults.count("spare") == 0


async def test_a_stopped_gateway_finishes_what_is_inside(
    faults: FaultServer, running: GatewayProcess, session: aiohttp.ClientSession
) -> None:
    faults.script("main", ["stall-20-2"])
    asking = asyncio.create_task(chat(session, running))
    await faults.until_seen("main", within_s=60)
    running.send(signal.SIGTERM)
    assert (await asking)["info"]["deployment"] == "main"
    assert await running.ended() == 0
