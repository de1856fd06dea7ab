"""One connection to an MCP server, as the gateway sees it.

The official SDK behind it takes 0.9 s and 25 MB to import, so that happens in a thread when the
first server is connected to, and never where none is configured.
"""

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.core.described import Described
from gateway.core.options import McpServer

SDK = "gateway.adapters.mcp.sdk"


class SessionLost(Exception):
    """The connection is gone; whether the server has seen the call is not known."""


class SdkMissing(Exception):
    """The optional extra is not installed."""


@dataclass(frozen=True, slots=True)
class Said:
    """A tool's reply: `structured` if it sent data, its texts in any case."""

    structured: Mapping[str, Any] | None
    text: str
    is_error: bool = False


class Session(Protocol):
    """One living connection."""

    async def described(self) -> list[Described]:
        """What the server's tools say of themselves now."""
        ...

    async def call(self, tool: str, arguments: Mapping[str, Any], meta: Mapping[str, str]) -> Said:
        """Run a tool. Raises ToolFailed, or SessionLost when the connection is gone."""
        ...


Connect = Callable[[McpServer, Callable[[], None]], AbstractAsyncContextManager[Session]]
"""Opens a session; the second argument is called when the server says that its tools changed.

Whoever opens one owns it in a task of its own: a lost connection may cancel that task.
"""


@asynccontextmanager
async def connect(server: McpServer, changed: Callable[[], None]) -> AsyncIterator[Session]:
    """Connect to a server over the SDK. Raises SdkMissing where it is not installed."""
    try:
        sdk = await asyncio.to_thread(importlib.import_module, SDK)
    except ImportError as error:
        raise SdkMissing(
            "MCP servers need the optional package: pip install 'erp-ai-gateway[mcp]'"
        ) from error
    async with sdk.opened(server, changed) as session:
        yield session


def in_words(error: BaseException) -> str:
    """What ended a session, for ops: no text of the server's."""
    if isinstance(error, BaseExceptionGroup):
        return in_words(error.exceptions[0])
    if isinstance(error, SdkMissing | SessionLost):
        return str(error)
    return type(error).__name__
