"""Secrets and texts never show: not in logs, metrics, errors or traces of a real process.

Canaries go in wherever a secret or a text can: provider keys, headers, messages, listings,
tools' arguments, models' answers, broken requests. Then everything that came out is searched.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import grpc
import pytest

from tests.e2e.watched import Stage, asked, failing, stage, tour
from tests.faults import Play

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

KEY = "canary-key-7f3a91c2d4"
HEADER = "canary-header-5521bb08"
WORDS = "canarywords"
MAIL, CARD, PHONE = "canary.bird@mines.example", "4111 1111 1111 1111", "+49 30 5550123"
SECRET = "sk-canary0123456789abcdef"
ANSWERED = "canaryanswered"
TEXT = f"{WORDS} {MAIL} {PHONE} paid with {CARD}, my key {SECRET}"
BROKEN = ("not-json", "error-200", "status-401", "midstream-error-20", "badjson-10", "reset")


@dataclass(frozen=True)
class Out:
    """Whatever left the process: to ops, and to providers."""

    log: str
    metrics: str
    traces: bytes
    errors: list[grpc.aio.AioRpcError]
    sent: str


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def out(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Out]:
    folder = tmp_path_factory.mktemp("canaries")
    async with stage(folder, {"TEST_KEY": KEY}) as on:
        came = await tour(on, TEXT) + await broken(on)
        await on.collector.until(lambda spans: sum("SubmitFeedback" in s.name for s in spans) > 0)
        _, metrics = await on.get("/metrics")
        seen = on.faults.seen("main") + on.faults.seen("spare")
        errors = [error for error in came if isinstance(error, grpc.aio.AioRpcError)]
        log = (folder / "log").read_text("utf-8")
        yield Out(log, metrics, on.collector.raw, errors, "\n".join(str(one.body) for one in seen))


async def broken(on: Stage) -> list[Any]:
    """Calls that go wrong on the way, with the canaries in them."""
    came: list[Any] = []
    metadata = (("authorization", f"Bearer {HEADER}"),)
    on.faults.script("main", [Play("ok", text=f"{ANSWERED} [EMAIL_1]")])
    came.append(await on.stub.Chat(asked(TEXT + " a"), timeout=60, metadata=metadata))
    for name in BROKEN:
        on.faults.script("main", [name])
        on.faults.script("spare", [name])
        came.append(await on.stub.Chat(asked(f"{TEXT} {name}"), timeout=60, metadata=metadata))
    came.append(await failing(on.stub.Chat(asked(TEXT * 5000), timeout=60)))
    came.append(
        await failing(
            on.stub.Chat(asked(TEXT), timeout=60, metadata=(("x-request-id", f"{MAIL} {SECRET}"),))
        )
    )
    async with grpc.aio.insecure_channel(on.process.address) as channel:
        raw: Any = channel.unary_unary("/gateway.v1.GatewayService/Chat")
        came.append(await failing(raw(b"\x0a\xff" + TEXT.encode(), timeout=60)))
    async with aiohttp.ClientSession() as session:
        url = f"http://{on.process.metrics}/{SECRET}?card={CARD}"
        async with session.get(url, headers={"authorization": HEADER}) as got:
            assert SECRET not in await got.text()
    return came


async def test_nothing_of_a_key_or_a_text_is_in_the_log(out: Out) -> None:
    assert '"answered"' in out.log
    for canary in (KEY, HEADER, WORDS, MAIL, CARD, PHONE, SECRET, ANSWERED):
        assert canary not in out.log, canary


async def test_nor_in_metrics(out: Out) -> None:
    for canary in (KEY, HEADER, WORDS, MAIL, CARD, PHONE, SECRET, ANSWERED):
        assert canary not in out.metrics, canary


async def test_nor_in_traces(out: Out) -> None:
    assert out.traces
    for canary in (KEY, HEADER, WORDS, MAIL, CARD, PHONE, SECRET, ANSWERED):
        assert canary.encode() not in out.traces, canary


async def test_nor_in_errors(out: Out) -> None:
    assert len(out.errors) >= 4
    for error in out.errors:
        told = f"{error.details()} {error.trailing_metadata()} {error.debug_error_string()}"
        for canary in (KEY, HEADER, WORDS, MAIL, CARD, PHONE, SECRET):
            assert canary not in told, (canary, told)


async def test_providers_saw_no_personal_data_and_no_secret(out: Out) -> None:
    assert WORDS in out.sent  # they are asked what was asked
    assert "[EMAIL_1]" in out.sent
    for canary in (MAIL, CARD, PHONE, SECRET, KEY, HEADER):
        assert canary not in out.sent, canary
