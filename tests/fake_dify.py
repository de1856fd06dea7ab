"""A fake Dify: `/chat-messages` as its API answers, and as it fails.

A play is what one call gets, step by step; the last play is repeated for ever:

    "text"                  a `message` event            PING, THOUGHT, NODE   other events
    Agent("text")           an `agent_message` event     END                   `message_end`
    Replace("text")         a `message_replace` event    Failure(400, "code")  an `error` event
    0.5                     half a second of silence     CUT, RESET, SILENT    how the wire may end
    JUNK                    an event that is no JSON     Refusal(429, "code")  no stream at all
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

PING, THOUGHT, NODE, END, CUT, RESET, SILENT, JUNK = (f"\0{n}" for n in range(8))
USAGE = {
    "prompt_tokens": 120,
    "completion_tokens": 9,
    "total_tokens": 129,
    "total_price": "0.0003",
    "currency": "USD",
}


@dataclass(frozen=True)
class Agent:
    text: str


@dataclass(frozen=True)
class Replace:
    text: str


@dataclass(frozen=True)
class Failure:
    status: int
    code: str
    message: str = "it failed"


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str = ""
    message: str = "no"
    headers: Mapping[str, str] = field(default_factory=dict)


Step = str | float | Agent | Replace | Failure
Play = list[Step] | Refusal
OK: Play = ["Hel", "lo", " there.", END]


class FakeDify:
    """`async with FakeDify() as dify:` serves on loopback."""

    def __init__(self) -> None:
        self.plays: list[Play] = [OK]
        self.seen: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.stopped: list[str] = []
        self.talks: set[str] = set()
        self.hung_up = 0
        self.open = 0
        self.changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/chat-messages", self._chat)
        app.router.add_post("/v1/chat-messages/{task}/stop", self._stop)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def play(self, *plays: Play) -> None:
        """What the next calls get; the last for ever."""
        self.plays = list(plays)

    async def until_hung_up(self, times: int = 1) -> None:
        async with asyncio.timeout(10):
            while self.hung_up < times:
                self.changed.clear()
                await self.changed.wait()

    async def until_stopped(self) -> None:
        async with asyncio.timeout(10):
            while not self.stopped:
                self.changed.clear()
                await self.changed.wait()

    async def _stop(self, request: web.Request) -> web.Response:
        self.stopped.append(request.match_info["task"])
        self.changed.set()
        return web.json_response({"result": "success"})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.seen.append(body)
        self.keys.append(request.headers.get("Authorization", ""))
        talk = body["conversation_id"]
        if talk and talk not in self.talks:
            return _refused(Refusal(404, "not_found", "Conversation Not Exists."))
        if not talk:
            talk = f"talk-{len(self.talks) + 1}"
            self.talks.add(talk)
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        if isinstance(play, Refusal):
            return _refused(play)
        self.open += 1
        try:
            return await self._streamed(request, play, talk)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up += 1
            self.changed.set()
            raise
        finally:
            self.open -= 1

    async def _streamed(
        self, request: web.Request, play: list[Step], talk: str
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await response.prepare(request)
        ids = {"task_id": f"task-{len(self.seen)}", "message_id": "m-1", "conversation_id": talk}
        for step in play:
            if step in (CUT, RESET):
                assert request.transport is not None
                request.transport.abort() if step == RESET else request.transport.close()
                return response
            if step == SILENT:
                await asyncio.Event().wait()
            if isinstance(step, float):
                await asyncio.sleep(step)
            else:
                await response.write(_event(step, ids))
        return response


def _event(step: Step, ids: Mapping[str, str]) -> bytes:
    if step == PING:
        return b"event: ping\n\n"
    if step == JUNK:
        return b"data: {not json\n\n"
    return f"data: {json.dumps({**_told(step), **ids})}\n\n".encode()


def _told(step: Step) -> dict[str, Any]:
    match step:
        case Agent(text):
            return {"event": "agent_message", "answer": text}
        case Replace(text):
            return {"event": "message_replace", "answer": text}
        case Failure(status, code, message):
            return {"event": "error", "status": status, "code": code, "message": message}
    if step == END:
        return {"event": "message_end", "metadata": {"usage": USAGE}}
    if step in (THOUGHT, NODE):
        return {"event": "agent_thought" if step == THOUGHT else "node_started", "thought": "hm"}
    return {"event": "message", "answer": step}


def _refused(refusal: Refusal) -> web.Response:
    body = {"code": refusal.code, "message": refusal.message, "status": refusal.status}
    return web.json_response(body, status=refusal.status, headers=refusal.headers)
