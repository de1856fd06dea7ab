"""Real redis-servers for tests: private ports, temporary folders, always ended."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

UP_S = 30.0
"""Far longer than a start takes; a bound for machines that are very busy."""
LOCAL = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no")


def free_port(most: int = 65_535) -> int:
    """A port that nobody listens on; a cluster's must leave room for 10,000 above it."""
    while True:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
        if port <= most:
            return port


@dataclass
class RedisServer:
    """One redis-server, or a Sentinel. Its port stays the same over `kill` and `start`."""

    folder: Path
    arguments: tuple[str, ...] = ()
    password: str = ""
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        secret = ("--requirepass", self.password) if self.password else ()
        await self.spawn(*LOCAL, "--port", str(self.port), *secret, *self.arguments)

    async def spawn(self, *arguments: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                "redis-server", *arguments, cwd=self.folder, stdout=log, stderr=log
            )
        await eventually(self.answers)

    async def answers(self) -> bool:
        try:
            return bool(await self.say("PING"))
        except (RedisError, OSError):
            return False

    async def say(self, *words: str | bytes | int) -> Any:
        """The reply to one command, on a connection of its own."""
        client = Redis(port=self.port, password=self.password or None, retry=Retry(NoBackoff(), 0))
        try:
            send: Callable[..., Awaitable[Any]] = client.execute_command
            return await send(*words)
        finally:
            await client.aclose()

    async def kill(self) -> None:
        """End it at once, as a crash would."""
        await self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Stop it: its sockets stay open, and nothing is answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def stop(self) -> None:
        await self._end(signal.SIGKILL)

    async def _end(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)
            await self.process.wait()


@asynccontextmanager
async def redis_server(
    folder: Path, *arguments: str, password: str = ""
) -> AsyncIterator[RedisServer]:
    """A running Redis."""
    server = RedisServer(folder, arguments, password)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def eventually(holds: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait for what has no event of its own; long enough for any machine."""
    async with asyncio.timeout(UP_S):
        while True:
            held = holds()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.01)
