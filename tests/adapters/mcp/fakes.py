"""A session of a fake MCP server, and a real one as a process of its own."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from gateway.adapters.mcp.session import Said, SessionLost
from gateway.core.described import Described
from gateway.core.options import McpBinding, McpServer, Tool
from gateway.core.tools import OnBehalf
from tests.processes import ROOT

GET_ORDER = Described(
    "get_order", "Looks an order up.", {"type": "object", "properties": {"id": {"type": "string"}}}
)
BEHALF = OnBehalf("t-1", "ava", "r-1")
Play = Said | Exception | str


@dataclass
class FakeServer:
    """Plays a script, one entry a call: a reply, an error, "slow" (until `go`), "hang", or "die".

    It dies as the SDK does.
    """

    script: list[Play] = field(default_factory=list)
    tools: list[Described] = field(default_factory=lambda: [GET_ORDER])
    up: bool = True
    dead: bool = False
    opened: int = 0
    open: int = 0
    seen: list[tuple[str, Mapping[str, Any], Mapping[str, str]]] = field(default_factory=list)
    changed: Callable[[], None] = lambda: None
    go: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def connect(
        self, server: McpServer, changed: Callable[[], None]
    ) -> AsyncIterator["FakeServer"]:
        self.opened += 1
        if not self.up:
            raise ConnectionRefusedError
        self.changed, self._life = changed, asyncio.current_task()
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1

    async def described(self) -> list[Described]:
        if self.dead:  # the session, not the server: the next one lives
            self.dead = False
            raise SessionLost("gone")
        return self.tools

    async def call(self, tool: str, arguments: Mapping[str, Any], meta: Mapping[str, str]) -> Said:
        self.seen.append((tool, arguments, meta))
        play = self.script.pop(0) if self.script else Said({"status": "shipped"}, "")
        if play == "slow":
            await self.go.wait()
            return Said({"status": "shipped"}, "")
        if play == "hang":
            await asyncio.Event().wait()
        if play == "die":  # what the SDK does to whoever opened it, and to whoever calls
            assert self._life is not None
            self._life.cancel()
            raise asyncio.CancelledError
        if isinstance(play, Exception):
            raise play
        assert isinstance(play, Said)
        return play


def server(**options: Any) -> McpServer:
    return McpServer(name="erp", url="http://127.0.0.1:1/mcp", **options)


def tool(described: Described = GET_ORDER, **options: Any) -> Tool:
    binding = {key: options.pop(key) for key in ("inject", "not_found") if key in options}
    parts: dict[str, Any] = {
        "name": described.name,
        "description": described.description,
        "url": "mcp:erp/get_order",
        "arguments": described.arguments,
        "fields": {"status": "status"},
        "public": True,
        "mcp": McpBinding(
            server="erp", tool=described.name, approved=described.fingerprint, **binding
        ),
    }
    return Tool(**(parts | options))


@asynccontextmanager
async def erp_process(port: int, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m tests.fake_erp --mcp` on this port, once it listens; killed at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.fake_erp", "--mcp", "--port", str(port)),
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp"} | env,  # noqa: S108 # nothing is written there
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _listening(port, process)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listening(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(60):
        while True:
            assert process.returncode is None
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
