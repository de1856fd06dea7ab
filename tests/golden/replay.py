"""Plays the golden cases: the steps that are the same for whichever client makes the calls."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Protocol

import aiohttp

from tests.golden.case import Case, Outcome, wrong
from tests.golden.serve import Addresses

UPSTREAM_S = 10.0
POLL_S = 0.02
Step = Mapping[str, Any]


class Caller(Protocol):
    """A client under test."""

    async def call(self, step: Step) -> Outcome:
        """Make the step's call."""
        ...

    async def hold(self, step: Step, until: AsyncExitStack) -> None:
        """Open the step's stream, read its first delta, leave it open until the stack ends."""
        ...


class Board:
    """The control endpoints of the fault server and of the gateway process."""

    def __init__(self, addresses: Addresses, session: aiohttp.ClientSession) -> None:
        self._addresses = addresses
        self._session = session

    async def faults(self, path: str, body: Any = None) -> None:
        async with self._session.post(self._addresses.faults + path, json=body) as reply:
            assert reply.status == 200, await reply.text()

    async def seen(self, model: str) -> list[dict[str, Any]]:
        """The calls the fault server saw for a model."""
        url = f"{self._addresses.faults}/_log?model={model}"
        async with self._session.get(url) as reply:
            return list((await reply.json())["calls"])

    async def log(self) -> str:
        """The end of the gateway's log."""
        async with self._session.get(f"{self._addresses.control}/log") as reply:
            return (await reply.text())[-2000:]

    async def freeze(self, for_s: float) -> None:
        await self._control(f"freeze?for_s={for_s}")

    async def server(self, what: str, wait: bool) -> None:
        await self._control(f"{what}?wait={int(wait)}")

    async def _control(self, order: str) -> None:
        url = f"{self._addresses.control}/{order}"
        async with self._session.post(url) as reply:
            assert reply.status == 200, await reply.text()


@asynccontextmanager
async def board(addresses: Addresses) -> AsyncIterator[Board]:
    async with aiohttp.ClientSession() as session:
        yield Board(addresses, session)


async def play(case: Case, on: Board, caller: Caller) -> None:
    """Play one case; AssertionError names the step and what does not hold."""
    await on.faults("/_up")
    await on.faults("/_reset")
    async with AsyncExitStack() as until:
        for number, step in enumerate(case.steps, start=1):
            told = await _step(step, on, caller, until)
            if told:
                where = f"{case.name}, step {number} ({case.why}):"
                raise AssertionError("\n".join([where, *told, await on.log()]))


async def _step(step: Step, on: Board, caller: Caller, until: AsyncExitStack) -> list[str]:
    if "call" in step:
        return await _call(step, caller, until)
    if "upstream" in step:
        return await _upstream(step, on)
    if "server" in step:
        await on.server(step["server"], wait=step.get("wait", True))
        return []
    if isinstance(step["faults"], str):
        await on.faults(f"/_{step['faults']}")
        return []
    for model, behaviours in step["faults"].items():
        await on.faults("/_script", {"model": model, "behaviours": behaviours})
    return []


async def _call(step: Step, caller: Caller, until: AsyncExitStack) -> list[str]:
    if step.get("hold"):
        await caller.hold(step, until)
        return []
    told: list[str] = []
    for _ in range(step.get("times", 1)):
        outcome = await caller.call(step)
        told += wrong(outcome, step.get("expect", {}), whole="cancel_after" not in step)
    return told


async def _upstream(step: Step, on: Board) -> list[str]:
    """Ask until it holds: the gateway hangs up when it sees that its caller did."""
    told = ["never asked"]
    try:
        async with asyncio.timeout(UPSTREAM_S):
            while told := _unseen(await on.seen(step["upstream"]), step["expect"]):
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        return told
    return []


def _unseen(calls: list[dict[str, Any]], expect: Mapping[str, Any]) -> list[str]:
    told = []
    if "calls" in expect and len(calls) != expect["calls"]:
        told.append(f"upstream saw {len(calls)} calls, not {expect['calls']}")
    hung_up = bool(calls) and calls[-1]["hung_up_s"] is not None
    if "hung_up" in expect and hung_up != expect["hung_up"]:
        told.append(f"upstream: hung up is {hung_up}")
    over = all(call["finished_s"] or call["hung_up_s"] for call in calls)
    if "over" in expect and over != expect["over"]:
        told.append(f"upstream: over is {over}")
    return told
