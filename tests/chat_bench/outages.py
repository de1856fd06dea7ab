"""What customers get while models or the ERP are dead, and right after a start."""

import asyncio
import math
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from gateway.v1 import chat_pb2, common_pb2
from tests.chat_bench.stage import (
    Caller,
    Rows,
    Score,
    config_file,
    lookup,
    model,
    question,
    running,
)
from tests.processes import ROOT, gateway

ORDER, OWNER = "#W4817420", "ava_moore_2033"
EVERY_S = 0.1
ERROR_WITHIN_S, BACK_WITHIN_S = 3.0, 5.0
WITH_TOOLS_S, WITHOUT_TOOLS_S = 2.0, 0.05
RULES = {"answer_by": common_pb2.ANSWER_BY_RULES_ONLY}
START_DEADLINE_S = 1.0


@dataclass(frozen=True)
class Call:
    """One paced call: when it began, how long it took, whether the tool answered."""

    began_s: float
    took_s: float
    tool_ok: bool | None


class Erp:
    """The fake ERP as a process that can be killed."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fake_erp", "--port", str(self.port)),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        assert self._process.stdout is not None
        await self._process.stdout.readline()

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def erp() -> AsyncIterator[Erp]:
    """It runs; and is gone at the end, whatever happened."""
    one = Erp()
    await one.start()
    try:
        yield one
    finally:
        await one.kill()


def erp_tools(url: str) -> dict[str, Any]:
    """The look-ups of the fake ERP."""
    own = {"owner_field": "user_id"}
    return {
        "get_order": lookup(f"{url}/orders/{{order_id}}", "order_id", serves="order_status", **own),
        "track": lookup(f"{url}/parcels/{{tracking_no}}", "tracking_no", serves="tracking", **own),
        "get_stock": lookup(f"{url}/stock/{{sku}}", "sku", serves="stock", public=True),
        "get_refund": lookup(
            f"{url}/refunds/{{order_id}}", "order_id", serves="refund_status", **own
        ),
    }


async def erp_outage(folder: Path, *, up_s: float = 1.5, down_s: float = 2.5) -> list[Score]:
    """Calls at a steady pace while the ERP is killed and started again."""
    async with erp() as system:
        config = {
            "tools": erp_tools(system.url),
            "routes": [{"name": "chat", "tools": list(erp_tools(""))}],
        }
        async with running(config, folder) as caller:
            await _paced(caller, 0.0)
            pace = asyncio.create_task(_pace(caller))
            await asyncio.sleep(up_s)
            await system.kill()
            killed_s = time.monotonic()
            await asyncio.sleep(down_s)
            await system.start()
            back_s = time.monotonic()
            await asyncio.sleep(BACK_WITHIN_S)
            pace.cancel()
            calls, lost = await pace
    return _outage_scores(calls, lost, killed_s, back_s)


async def _pace(caller: Caller) -> tuple[list[Call], list[str]]:
    """Call until cancelled, without waiting for the call before."""
    tasks: list[asyncio.Task[Call]] = []
    try:
        while True:
            tasks.append(asyncio.create_task(_paced(caller, time.monotonic())))
            await asyncio.sleep(EVERY_S)
    except asyncio.CancelledError:
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    calls = [call for call in ended if isinstance(call, Call)]
    return calls, [repr(one) for one in ended if not isinstance(one, Call)]


async def _paced(caller: Caller, began_s: float) -> Call:
    asked = question(
        f"where is my order {ORDER}",
        customer=chat_pb2.Customer(id=OWNER, verified=True),
        options=RULES,
    )
    seen = await caller.ask(asked)
    oks = [result.ok for result in seen.answer.tool_results]
    return Call(began_s, time.monotonic() - began_s, oks[0] if oks else None)


def _outage_scores(
    calls: Sequence[Call], lost: list[str], killed_s: float, back_s: float
) -> list[Score]:
    down = [c for c in calls if killed_s <= c.began_s < back_s and c.tool_ok is False]
    slowest_s = max((c.took_s for c in down), default=math.inf)
    working = [c.began_s + c.took_s for c in calls if c.began_s >= back_s and c.tool_ok]
    again_s = min(working, default=math.inf) - back_s
    return [
        Score(
            "ERP killed: tool errors within",
            f"{slowest_s:.2f} s, slowest of {len(down)}",
            "3 s",
            slowest_s <= ERROR_WITHIN_S,
        ),
        Score(
            "ERP back: working again within", f"{again_s:.2f} s", "5 s", again_s <= BACK_WITHIN_S
        ),
        Score(
            "ERP killed and started: calls lost",
            f"{len(lost)} of {len(calls) + len(lost)}",
            "0",
            not lost,
            tuple(lost[:5]),
        ),
    ]


async def models_dead(folder: Path, messages: Rows) -> list[Score]:
    """Every message while all models are dead, with tools and without."""
    with socket.socket() as nobody:  # bound and not listening: refused for as long as it is held
        nobody.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        async with erp() as system:
            config: dict[str, Any] = {
                "deployments": {name: model(name, dead) for name in ("a", "b")},
                "tools": erp_tools(system.url),
                "routes": [
                    {
                        "name": "tools",
                        "match": {"labels": {"case": "tools"}},
                        "tiers": ["a", "b"],
                        "tools": list(erp_tools("")),
                    },
                    {"name": "otherwise", "tiers": ["a", "b"]},
                ],
            }
            async with running(config, folder) as caller:
                await _warm(caller)
                with_tools = await _all(caller, messages, "tools")
                without = await _all(caller, messages, "")
    return [
        *_dead_scores("with tools", with_tools, WITH_TOOLS_S),
        *_dead_scores("without tools", without, WITHOUT_TOOLS_S),
    ]


async def _warm(caller: Caller) -> None:
    """Until the way to the models is loaded and each has been found dead."""
    for _ in range(20):
        await caller.ask(question("hello there, is anybody at home?"))


async def _all(caller: Caller, messages: Rows, case: str) -> list[tuple[float, str]]:
    took: list[tuple[float, str]] = []
    for row in messages:
        asked = question(
            row["text"],
            case,
            options={"locale": row.get("lang", "")},
            customer=chat_pb2.Customer(id=OWNER, verified=True),
        )
        began_s = time.perf_counter()
        try:
            seen = await caller.ask(asked)
            fault = "" if seen.answer.text else "no text"
        except grpc.aio.AioRpcError as error:
            fault = str(error.code())
        took.append((time.perf_counter() - began_s, fault))
    return took


def _dead_scores(what: str, took: list[tuple[float, str]], most_s: float) -> list[Score]:
    times = sorted(s for s, _ in took)
    p99_s = times[min(len(times) - 1, math.ceil(0.99 * len(times)) - 1)]
    faults = [fault for _, fault in took if fault]
    p50_ms = times[len(times) // 2] * 1000
    return [
        Score(
            f"all models dead, {what}: p99",
            f"{p99_s * 1000:.0f} ms (p50 {p50_ms:.1f} ms)",
            f"{most_s * 1000:.0f} ms",
            p99_s < most_s,
        ),
        Score(
            f"all models dead, {what}: answered",
            f"{len(took) - len(faults)} of {len(took)}",
            "all",
            not faults,
            tuple(faults[:5]),
        ),
    ]


async def first_second(folder: Path, starts: int = 2) -> list[Score]:
    """A Chat with a deadline of one second as soon as the port is open: never trained, and kept."""
    path = config_file({"routes": [{"name": "otherwise"}]}, folder)
    told, faults = [], []
    for _ in range(starts):
        async with (
            gateway(path, folder / "log") as process,
            grpc.aio.insecure_channel(process.address) as channel,
        ):
            began_s = time.perf_counter()
            try:
                seen = await Caller(process, _stub(channel)).ask(
                    question("怎么申请退货？"), timeout=START_DEADLINE_S
                )
                told.append(f"{(time.perf_counter() - began_s) * 1000:.0f} ms")
                assert seen.answer.text
            except grpc.aio.AioRpcError as error:
                faults.append(str(error.code()))
            await _kept(folder / "state")
    return [
        Score(
            "Chat right after a start, deadline 1 s: answered after",
            ", ".join(told) or "-",
            "1,000 ms",
            not faults,
            tuple(faults),
        )
    ]


def _stub(channel: grpc.aio.Channel) -> Any:
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub  # noqa: PLC0415

    return GatewayServiceStub(channel)


async def _kept(state: Path) -> None:
    async with asyncio.timeout(90):
        while not _has_model(state):
            await asyncio.sleep(0.1)


def _has_model(state: Path) -> bool:
    return any(state.glob("*.model"))
