"""Runs the scenarios against the running gateway over real sockets, and tells the verdicts."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from gateway.core.options import BreakerOptions, Timeouts
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.failover.runs import Caller, Run, calls_every
from tests.failover.scenarios import Scenario
from tests.failover.verdicts import Verdict
from tests.faults import TEXT, FaultServer, Options
from tests.processes import gateway

AT_ONCE = 6
"""Scenarios in progress at a time: they wait far more than they work."""

OUTAGE = "s15"
SMALL = 8_192
"""Context window of the primaries, in tokens; a larger fallback has twice that."""
KNOWLEDGE = Path(__file__).resolve().parents[2] / "config" / "knowledge"


@dataclass(frozen=True)
class Line:
    """One line of the scorecard."""

    title: str
    call: str
    verdict: Verdict
    took_s: float
    told: str


@dataclass
class Scene:
    """A gateway with its well and badly behaved models. `scale` multiplies every pause."""

    caller: Caller
    primary: FaultServer
    spare: FaultServer
    scale: float


@asynccontextmanager
async def scene(
    scenarios: Iterable[Scenario], folder: Path, scale: float = 1.0
) -> AsyncIterator[Scene]:
    """Start everything the scenarios need; each has deployments and a route of its own."""
    async with AsyncExitStack() as stack:
        primary, spare, down = [
            await stack.enter_async_context(FaultServer(Options(time_scale=scale)))
            for _ in range(3)
        ]
        secure = await stack.enter_async_context(FaultServer(Options(tls=True)))
        places = {"faults": primary.url, "tls": secure.url, "dns": "https://nowhere.invalid/v1"}
        every = list(scenarios)
        config = folder / "failover.yaml"
        config.write_text(_config(every, places, (spare.url, down.url), scale))
        for scenario in every:
            for name in _names(scenario):
                primary.script(f"{name}-main", _scaled(scenario.main, scale))
                spare.script(f"{name}-spare", [scenario.spare])
        for name in (OUTAGE, f"{OUTAGE}-stream"):
            down.script(f"{name}-main", ["ok"])
            spare.script(f"{name}-spare", ["ok+pace-0.01"])
        running = await stack.enter_async_context(
            gateway(config, folder / "failover.log", {"TEST_KEY": "k"})
        )
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(running.address))
        caller = Caller(GatewayServiceStub(channel), primary, spare, scale)
        await _warm(caller)
        yield Scene(caller, down, spare, scale)


async def play(scene: Scene, scenarios: Sequence[Scenario]) -> list[Line]:
    """Every scenario, unary and streaming, a few at a time; lines in the order given."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(scenario: Scenario) -> list[Line]:
        async with places:
            return [
                await _line(scene, scenario, stream=stream)
                for stream in (False, True)
                if (scenario.stream if stream else scenario.unary)
            ]

    lines = await asyncio.gather(*(one(scenario) for scenario in scenarios))
    return [line for group in lines for line in group]


async def outage(scene: Scene, down_s: float = 60.0, every_s: float = 4.0) -> list[Line]:
    """15: the primary is down, a call every 4 s; used again within 30 s of its recovery."""
    lines = []
    for stream in (False, True):
        name = f"{OUTAGE}-stream" if stream else OUTAGE
        await scene.primary.go_down()
        during = asyncio.create_task(
            calls_every(scene.caller, name, stream=stream, every_s=every_s, for_s=down_s)
        )
        down = await during
        await scene.primary.come_up()
        up_s = time.monotonic()
        after: list[Run] = []
        while time.monotonic() < up_s + 30 and not (after and after[-1].by == "main"):
            after.append(await scene.caller.call(name, stream=stream))
            await asyncio.sleep(every_s / 4)
        back_s = time.monotonic() - up_s
        served = all(run.whole(TEXT) for run in [*down, *after])
        back = bool(after) and after[-1].by == "main"
        tries = sum(o not in {"OK", "SKIPPED"} for run in down for o in run.outcomes)
        disciplined = tries <= 5 + down_s / 3  # what opens the breaker, and a probe each 3 s
        verdict = Verdict.PASS if served and back and disciplined else Verdict.FAIL
        told = (
            f"{len(down) + len(after)} calls, {'all' if served else 'not all'} served; "
            f"{tries} tries while down; back after {back_s:.1f} s"
        )
        title = f"15. down for {down_s:g} s, a call every {every_s:g} s"
        lines.append(Line(title, _name(stream), verdict, down_s + back_s, told))
    return lines


async def _line(scene: Scene, scenario: Scenario, *, stream: bool) -> Line:
    run = await scene.caller.call(_names(scenario)[stream], stream=stream)
    verdict = scenario.judge(run, scene.scale)
    told = f"by {run.by}" if run.by else f"{run.code.name} {run.reason}".strip()
    if run.restarts:
        told += f", {run.restarts} restart" + "s" * (run.restarts > 1)
    told += f"; tries {len(run.main)} + {len(run.spare)}: {' '.join(run.outcomes) or '-'}"
    return Line(scenario.title, _name(stream), verdict, run.took_s, told)


async def _warm(caller: Caller) -> None:
    """One call, so that the provider library is loaded before anything is timed."""
    await caller.call(OUTAGE, stream=False, within_s=60)


def _name(stream: bool) -> str:  # one word for one word
    return "StreamChat" if stream else "Chat"


def _names(scenario: Scenario) -> tuple[str, str]:
    """Chat and StreamChat have deployments of their own, so that neither spoils the other's."""
    return scenario.id, f"{scenario.id}-stream"


def _scaled(behaviour: str, scale: float) -> list[str]:
    """Retry-After is the provider's word and not scaled by the fault server: scale it here."""
    if "retry-2" not in behaviour or scale == 1.0:
        return [behaviour]
    return [behaviour.replace("retry-2", f"retry-{2 * scale:g}")]


def _config(
    scenarios: Sequence[Scenario], places: dict[str, str], others: tuple[str, str], scale: float
) -> str:
    spare_url, down_url = others
    lines = ['server: {listen: "127.0.0.1:0"}', f"knowledge: {KNOWLEDGE}", "defaults:"]
    lines += _pauses(scale) if scale != 1.0 else []
    lines += ["  cache: {enabled: false}", "deployments:"]
    routes = ["routes:"]
    for scenario in scenarios:
        for name in _names(scenario):
            lines += _deployment(f"{name}-main", places[scenario.place], SMALL)
            lines += _deployment(f"{name}-spare", spare_url, SMALL << scenario.larger_spare)
            routes += _route(name, 1 if scenario.spare_off else 2)
    for name in (OUTAGE, f"{OUTAGE}-stream"):
        lines += _deployment(f"{name}-main", down_url, SMALL)
        lines += _deployment(f"{name}-spare", spare_url, SMALL)
        routes += _route(name, 2)
    return "\n".join([*lines, *routes, "  - {name: rest}"]) + "\n"


def _pauses(scale: float) -> list[str]:
    """The shipped clocks, scaled; in real time the shipped ones are used as they are."""
    clocks, breaker = Timeouts(), BreakerOptions()
    return [
        f"  timeouts: {{total_s: {clocks.total_s * scale:g}, "
        f"first_token_s: {clocks.first_token_s * scale:g}, idle_s: {clocks.idle_s * scale:g}}}",
        f"  breaker: {{open_base_s: {breaker.open_base_s * scale:g}, "
        f"open_cap_s: {breaker.open_cap_s * scale:g}}}",
    ]


def _deployment(name: str, url: str, context_tokens: int) -> list[str]:
    return [
        f"  {name}: {{provider: openai, model: {name}, base_url: {url!r}, "
        f"api_key_env: TEST_KEY, context_tokens: {context_tokens}}}"
    ]


def _route(name: str, deployments: int) -> list[str]:
    match = f"{{labels: {{scenario: {name}}}}}"
    tiers = ", ".join([f"{name}-main", f"{name}-spare"][:deployments])
    return [f"  - {{name: {name}, match: {match}, tiers: [{tiers}]}}"]
