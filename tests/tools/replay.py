"""Replays a scenario: its model's script on the fault server, its tools on a scripted server."""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

FILE = Path(os.environ.get("ERP_TOOL_SCENARIOS", Path(__file__).parent / "tool_scenarios.jsonl"))
"""Another file of the same form plays as well: `make bench-chat ARGS="--data DIR"`."""
SCENARIOS = [json.loads(line) for line in FILE.read_text("utf-8").splitlines() if line.strip()]
NAMES = [scenario["id"] for scenario in SCENARIOS]
FAULTS = {"http500": "status-500", "reset": "reset", "empty_choices": "empty-choices"}


def model_script(scenario: Mapping[str, Any]) -> list[str | dict[str, Any]]:
    """The script in the fault server's words; its last entry plays for ever, as "*" says."""
    return [_played(said) for said in scenario["llm_script"] if said != "*"]


def _played(said: str | Mapping[str, Any]) -> str | dict[str, Any]:
    if isinstance(said, str):
        return FAULTS[said]
    if "content" in said:
        return {"do": "ok", "text": said["content"]}
    calls = [
        {"name": call["name"], "arguments": call.get("arguments_raw", call.get("arguments"))}
        for call in said["tool_calls"]
    ]
    return {"do": "ok", "tool_calls": calls}


@dataclass
class ScriptedTools:
    """Answers `/TOOL` as the scenario named in `X-Request-Id` says; `ran` notes every call."""

    ran: list[tuple[str, str]] = field(default_factory=list)
    most_at_once: dict[str, int] = field(default_factory=dict)
    _now: int = 0
    _runner: web.AppRunner | None = None
    url: str = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tool}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        owner = unquote(request.headers.get("X-Customer-Id", ""))
        found = await self.behave(
            request.headers["X-Request-Id"], request.match_info["tool"], request.query, owner
        )
        if found is None:
            raise web.HTTPNotFound
        return web.json_response(found)

    async def behave(
        self, name: str, tool: str, arguments: Mapping[str, str], owner: str
    ) -> dict[str, Any] | None:
        """What the tool answers, as the scenario named in the request's id says."""
        scenario = SCENARIOS[NAMES.index(name.partition(".")[0])]
        behaviour = scenario["tools"].get(tool)
        self.ran.append((name, tool))
        if behaviour is None:
            return None
        self._now += 1
        self.most_at_once[name] = max(self._now, self.most_at_once.get(name, 0))
        try:
            await asyncio.sleep(behaviour.get("hang_s", behaviour.get("delay_s", 0)))
        finally:
            self._now -= 1
        if "ok_bytes" in behaviour:
            return {"quantity": 12, "note": "x" * behaviour["ok_bytes"]}
        if behaviour.get("echo"):
            return {**arguments, "customer_id": owner}
        found: dict[str, Any] = behaviour["ok"]
        return found


ARGUMENT: dict[str, tuple[str, str | None]] = {
    "get_order": ("order_id", "order_status"),
    "track": ("tracking_no", "tracking"),
    "get_stock": ("sku", "stock"),
    "cancel_order": ("order_id", None),
}


def _known_tools() -> dict[str, tuple[str, str | None]]:
    """... and those that other scenarios bring: their argument as their models first use it."""
    found: dict[str, tuple[str, str | None]] = {}
    for scenario in SCENARIOS:
        for name, behaviour in scenario["tools"].items():
            calls = [
                call
                for said in scenario["llm_script"]
                if isinstance(said, dict)
                for call in said.get("tool_calls", ())
                if call["name"] == name
            ]
            used = next((call["arguments"] for call in calls if call.get("arguments")), {"id": ""})
            serves = None if behaviour.get("write") else "-"
            found.setdefault(name, (next(iter(used)), serves))
    return found


ARGUMENT = _known_tools() | ARGUMENT


def tools_config(url: str) -> dict[str, Any]:
    """The tools that the scenarios speak of."""
    return {
        tool: _tool(f"{url}/{tool}", argument, serves)
        for tool, (argument, serves) in ARGUMENT.items()
    }


def _tool(url: str, argument: str, serves: str | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "description": "A look-up.",
        "url": url,
        "arguments": {
            "type": "object",
            "properties": {argument: {"type": "string"}},
            "required": [argument],
        },
        "fields": {n: n for n in ("order_id", "status", "eta", "note", "quantity")},
    }
    if serves is None:
        return entry | {"method": "POST", "writes": True, "confirm": {"en": "Cancel {order_id}?"}}
    owned = {"public": True} if serves == "stock" else {"owner_field": "customer_id"}
    return entry | ({} if serves == "-" else {"serves": serves}) | owned


def mcp_config(url: str) -> dict[str, Any]:
    """The same tools, of an MCP server at this address."""
    kept = {"fields", "owner_field", "public", "serves", "writes", "confirm"}
    tools = {
        name: {key: value for key, value in tool.items() if key in kept}
        for name, tool in tools_config("").items()
    }
    tools["cancel_order"]["inject"] = {"customer_id": "customer_id"}
    return {"erp": {"url": url, "tools": tools}}
