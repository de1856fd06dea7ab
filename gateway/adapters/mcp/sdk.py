"""The official SDK's client behind the port `Session`: the only file that imports it.

Importing it takes 0.9 s; `session.connect` does that, in a thread.
"""

import logging
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

import anyio
import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    CallToolResult,
    Implementation,
    RequestParamsMeta,
    TextContent,
    Tool,
    ToolListChangedNotification,
)

from gateway.adapters.mcp.session import Said, SessionLost
from gateway.core.described import Described
from gateway.core.errors import ToolFailed, ToolRefused
from gateway.core.options import McpServer

MAX_TOOLS = 500
"""More tools of one server are not read."""
MAX_REPLY_BYTES = 1024 * 1024
"""Longest reply that is read, as with HTTP tools."""
SILENCE_S = 60.0
"""A reply that is silent for longer is given up; every tool's own time is shorter."""
MAX_CONNECTIONS = 100

logging.getLogger("mcp").setLevel(logging.CRITICAL)  # its lines hold arguments and results
for _name in ("httpx2", "httpcore2"):  # so do theirs, at debug level
    logging.getLogger(_name).setLevel(logging.WARNING)

_TLS = ssl.create_default_context()  # once: reading the authorities takes tens of milliseconds


@asynccontextmanager
async def opened(server: McpServer, changed: Callable[[], None]) -> AsyncIterator["SdkSession"]:
    """Connect, and agree on a version of the protocol."""

    async def heard(message: object) -> None:
        if isinstance(message, ToolListChangedNotification):
            changed()

    transport = _over_http(server) if server.url else _over_pipes(server)
    client = Client(
        transport,
        message_handler=heard,
        client_info=Implementation(name="erp-ai-gateway", version="1"),
        cache=None,
    )
    async with client:
        yield SdkSession(client)


class SdkSession:
    """One connection, over the SDK's client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def described(self) -> list[Described]:
        """What the server's tools say of themselves now, at most MAX_TOOLS."""
        tools: list[Described] = []
        cursor: str | None = None
        while True:
            page = await self._client.list_tools(cursor=cursor)
            tools += map(_described, page.tools)
            cursor = page.next_cursor
            if not cursor or not page.tools or len(tools) > MAX_TOOLS:
                return tools[:MAX_TOOLS]

    async def call(self, tool: str, arguments: Mapping[str, Any], meta: Mapping[str, str]) -> Said:
        """Run a tool. Raises ToolFailed, or SessionLost when the connection is gone."""
        try:
            said = await self._client.session.call_tool(
                tool, dict(arguments), meta=cast("RequestParamsMeta", dict(meta))
            )
        except MCPError as error:
            raise _translated(error.code) from error
        except (anyio.ClosedResourceError, anyio.BrokenResourceError) as error:
            raise SessionLost(type(error).__name__) from error
        except (RuntimeError, ValueError) as error:  # not what its own schema promises
            raise ToolFailed("its answer is not as its server promises") from error
        return _said(said)


def _said(result: CallToolResult) -> Said:
    texts = [part.text for part in result.content if isinstance(part, TextContent)]
    structured = result.structured_content
    data = structured if isinstance(structured, Mapping) else None
    return Said(data, "\n".join(texts), bool(result.is_error))


def _described(tool: Tool) -> Described:
    hints = tool.annotations
    return Described(
        name=tool.name,
        description=tool.description or "",
        arguments=tool.input_schema,
        title=tool.title or "",
        annotations=hints.model_dump(by_alias=True, exclude_none=True) if hints else {},
    )


def _translated(code: int) -> Exception:
    # 1. the connection was closed, or the server knows nothing of this session any more
    # 2. no such tool, wrong arguments: nothing was run  3. anything else
    if code in (CONNECTION_CLOSED, INVALID_REQUEST):
        return SessionLost(f"JSON-RPC error {code}")
    if code in (METHOD_NOT_FOUND, INVALID_PARAMS):
        return ToolRefused("its server refused the call")
    return ToolFailed(f"its server failed (JSON-RPC error {code})")


def _over_pipes(server: McpServer) -> AbstractAsyncContextManager[Any]:
    program, *arguments = server.command
    variables = {name: value.reveal() for name, value in server.variables.items()}
    return stdio_client(StdioServerParameters(command=program, args=arguments, env=variables))


@asynccontextmanager
async def _over_http(server: McpServer) -> AsyncIterator[Any]:
    headers = {**server.headers, "User-Agent": "erp-ai-gateway", "Accept-Encoding": "identity"}
    if server.api_key:
        bearer = server.api_key_header.lower() == "authorization"
        headers[server.api_key_header] = ("Bearer " if bearer else "") + server.api_key.reveal()
    async with (
        httpx2.AsyncClient(
            transport=_Bounded(
                verify=_TLS,
                trust_env=False,
                limits=httpx2.Limits(max_connections=MAX_CONNECTIONS),
            ),
            headers=headers,
            timeout=httpx2.Timeout(SILENCE_S, connect=server.connect_s),
            trust_env=False,
        ) as http,
        streamable_http_client(
            server.url, http_client=http, max_sse_event_size=MAX_REPLY_BYTES
        ) as streams,
    ):
        yield streams


class _Bounded(httpx2.AsyncHTTPTransport):
    """Gives a connection up whose JSON reply is longer than MAX_REPLY_BYTES."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        kind = response.headers.get("content-type", "")
        if kind.startswith("text/event-stream"):  # each event is bounded by the SDK
            return response
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _BoundedStream(response.stream)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for block in self._stream:
            size += len(block)
            if size > MAX_REPLY_BYTES:
                raise httpx2.ReadError(f"the reply is longer than {MAX_REPLY_BYTES} bytes")
            yield block

    async def aclose(self) -> None:
        await self._stream.aclose()
