"""The `Provider` port over LiteLLM: one transport per deployment, made when it is first needed."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from gateway.adapters.litellm.library import LibraryTransport
from gateway.adapters.litellm.loading import Loader, Vendor
from gateway.adapters.litellm.mapping import is_direct
from gateway.adapters.litellm.prices import LitellmPrices
from gateway.core.errors import ConnectFailed, DeadlineCut
from gateway.core.model import Chunk, Completion, Prompt
from gateway.core.options import Deployment, Transport

if TYPE_CHECKING:
    from gateway.adapters.litellm.direct import DirectTransport

AnyTransport = Union["DirectTransport", LibraryTransport]

LOADING_S = 600.0
"""Longest wait for LiteLLM's import, which takes 3 to 20 s; who waits has a clock of its own."""

LOADING_SHARE = 0.8
"""Of a call's time, what it waits for that import at most. Importing stalls the event loop: seen on
a busy machine, the rules' usual reserve of 50 ms was over before the loop came to it."""

VERSIONS_KEPT = 2
"""Transports of one deployment name: the running and the previous configuration's."""


class LitellmProvider:
    """Speaks to models. `start_loading()` early, `aclose()` at the end.

    `tls` (default: system or certifi authorities, SSL_CERT_FILE honoured) decides whom the direct
    transport trusts. `prices` is the `Prices` port of the same map.
    """

    def __init__(self, loader: Loader | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._loader = loader or Loader()
        self._tls = tls
        self._lines: dict[str, list[_Line]] = {}
        self.prices = LitellmPrices(self._loader)

    def __repr__(self) -> str:
        return f"LitellmProvider({self._loader!r}, deployments={sorted(self._lines)})"

    def start_loading(self) -> None:
        """Load LiteLLM in the background; calls that need it wait for it within their time."""
        self._loader.start()

    async def ready(self) -> None:
        """Return once LiteLLM has loaded, or cannot be: then every call says so by itself."""
        with contextlib.suppress(ConnectFailed):
            await self._loader.ready(LOADING_S)

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        """Ask once; give up after `timeout_s`. Cancelling closes the upstream connection."""
        line, left_s = await self._ready(deployment, timeout_s)
        line.in_flight += 1
        try:
            return await line.transport.complete(prompt, left_s)
        finally:
            line.in_flight -= 1

    @asynccontextmanager
    async def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream of at most `timeout_s`. Leaving closes the connection at once."""
        line, left_s = await self._ready(deployment, timeout_s)
        line.in_flight += 1
        try:
            async with line.transport.stream(prompt, left_s) as chunks:
                yield chunks
        finally:
            line.in_flight -= 1

    async def aclose(self) -> None:
        """Close every connection. Call it when nothing is in flight any more."""
        transports = [line.transport for lines in self._lines.values() for line in lines]
        self._lines.clear()
        for transport in transports:
            await transport.aclose()
        if any(isinstance(transport, LibraryTransport) for transport in transports):
            await (await self._loader.ready(0)).close()

    async def _ready(self, deployment: Deployment, timeout_s: float) -> tuple["_Line", float]:
        """The deployment's line, and the time that is left after waiting for it."""
        lines = self._lines.get(deployment.name)
        if lines is not None and lines[-1].deployment is deployment:
            return lines[-1], timeout_s
        loop = asyncio.get_running_loop()
        until_s = loop.time() + timeout_s
        vendor = await self._loader.ready(timeout_s * LOADING_SHARE)
        line = await self._of_version(deployment, vendor)
        left_s = until_s - loop.time()
        if left_s <= 0:
            raise DeadlineCut(f"deployment {deployment.name!r}: no time was left after loading")
        return line, left_s

    async def _of_version(self, deployment: Deployment, vendor: Vendor) -> "_Line":
        """The line of just this configuration; those of older ones go when idle."""
        lines = self._lines.setdefault(deployment.name, [])
        for line in lines:
            if line.deployment == deployment:
                line.deployment = deployment  # the next call knows it by identity
                lines.remove(line)
                lines.append(line)
                return line
        line = _Line(deployment, self._transport(deployment, vendor))
        lines.append(line)
        await self._retire(lines)
        return line

    async def _retire(self, lines: list["_Line"]) -> None:
        """Close what older configurations left, unless a call still runs on it."""
        for old in lines[:-VERSIONS_KEPT]:
            if not old.in_flight and old in lines:  # closing waits; another may have come meanwhile
                lines.remove(old)
                await old.transport.aclose()

    def _transport(self, deployment: Deployment, vendor: Vendor) -> AnyTransport:
        if deployment.transport is Transport.DIRECT and is_direct(deployment, vendor):
            # measured: aiohttp takes 0.1 s to load; `load_vendor` has done it in its thread
            from gateway.adapters.litellm.direct import DirectTransport  # noqa: PLC0415

            return DirectTransport(deployment, vendor, self._tls or vendor.tls)
        return LibraryTransport(deployment, vendor)


@dataclass(slots=True, eq=False)
class _Line:
    """One configuration of a deployment, with its connections."""

    deployment: Deployment
    transport: AnyTransport
    in_flight: int = 0
