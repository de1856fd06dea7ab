"""The gateway of the golden set as a process that can be restarted and killed on one address."""

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.processes import GatewayProcess, gateway

ENV = {"GOLDEN_KEY": "k-golden"}


class RestartableGateway:
    """Runs `config`, and again on the ports it got first. One change of state at a time."""

    def __init__(self, config: Path, log: Path) -> None:
        self._config = config
        self._log = log
        self._stack = AsyncExitStack()
        self._process: GatewayProcess | None = None
        self._changing = asyncio.Lock()
        self._thawing: asyncio.TimerHandle | None = None
        self.address = "127.0.0.1:0"
        self.http = "127.0.0.1:0"

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.thaw()
        async with self._changing:
            await self._stack.aclose()

    def freeze(self, for_s: float) -> None:
        """Stop the process for a while (SIGSTOP): its connections stay, and nobody answers.

        It goes on by itself, so that a test that fails in between spoils no other.
        """
        self.thaw()
        assert self._process is not None
        self._process.send(signal.SIGSTOP)
        self._thawing = asyncio.get_running_loop().call_later(for_s, self.thaw)

    def thaw(self) -> None:
        """Go on (SIGCONT); nothing if it is not frozen."""
        if self._thawing is None:
            return
        self._thawing.cancel()
        self._thawing = None
        assert self._process is not None
        self._process.send(signal.SIGCONT)

    async def again(self, number: signal.Signals) -> None:
        """End the process by this signal, and start it again."""
        async with self._changing:
            assert self._process is not None
            self.thaw()
            self._process.send(number)
            await self._process.ended()
            await self._stack.aclose()
            await self._start()

    async def _start(self) -> None:
        doors = ("--listen", self.address, "--http-listen", self.http)
        running = gateway(self._config, self._log, ENV, *doors)
        self._process = await self._stack.enter_async_context(running)
        self.address = self._process.address
        self.http = self._process.http
