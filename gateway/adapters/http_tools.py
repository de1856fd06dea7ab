"""Runs tools over HTTP: a bounded, patient-for-seconds client that tells only what is allowed.

Who the customer is comes from the gateway (`OnBehalf`); a result that belongs to someone else is
"not found" before anything of it is read. Redirects are not followed, bodies are bounded.
"""

import logging
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
from yarl import URL

from gateway.adapters.tool_arguments import refusal
from gateway.adapters.tool_request import Request, belongs_to, projected, request_of
from gateway.core.errors import ToolFailed, ToolNotReached, ToolRefused
from gateway.core.options import Tool
from gateway.core.tools import OnBehalf

MAX_BODY_BYTES = 1024 * 1024
"""Longest reply that is read. An order with a hundred items is about 30 kB."""
MAX_CONNECTIONS = 100
CONNECT_S = 1.0
"""Opening a connection: within the same data centre a dead host is known sooner."""
NOT_FOUND, GONE = 404, 410
SUCCESS, CLIENT_ERROR = 2, 4

log = logging.getLogger(__name__)


class HttpTools:
    """The ToolRunner of HTTP tools. One per process; `aclose` closes its connections."""

    def __init__(self) -> None:
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    def __repr__(self) -> str:
        return f"HttpTools(sessions={len(self._sessions)})"

    async def aclose(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def refusal(self, tool: Tool, arguments: Mapping[str, Any]) -> str:
        """Why these arguments do not fit the tool's schema, for the model; empty: they do."""
        return refusal(tool, arguments)

    async def run(
        self, tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf
    ) -> Mapping[str, Any] | None:
        """The allowed fields of its result; None: no such record of this customer."""
        request = request_of(tool, arguments, behalf)
        body = await self._sent(tool, request)
        if body is None:
            return None
        try:
            result = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ToolFailed("its answer is no JSON") from error
        if not isinstance(result, Mapping):
            raise ToolFailed("its answer is no JSON object")
        if not tool.public and not tool.writes and not belongs_to(tool, result, behalf):
            log.warning("tool %r: the record found is not this customer's", tool.name)
            return None
        return projected(tool, result)

    async def _sent(self, tool: Tool, request: Request) -> bytes | None:
        """The body of a good reply; None for "not found"."""
        session = self._session(fresh=tool.writes)
        try:
            async with session.request(
                tool.method.value,
                URL(request.url, encoded=True),
                data=request.body,
                headers=dict(request.headers),
                allow_redirects=False,
            ) as response:
                if response.status in (NOT_FOUND, GONE):
                    return None
                _check_status(response.status)
                return await _bounded(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ToolNotReached("the system behind it cannot be reached") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise ToolFailed(f"the connection failed ({type(error).__name__})") from error

    def _session(self, *, fresh: bool) -> aiohttp.ClientSession:
        """Pooled for reads; writes never use a kept connection, which may turn out to be dead."""
        session = self._sessions.get(fresh)
        if session is None:
            session = self._sessions[fresh] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS, force_close=fresh),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                trust_env=False,
                headers={
                    "User-Agent": "erp-ai-gateway",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",
                },
            )
        return session


def _check_status(status: int) -> None:
    kind = status // 100
    if kind == CLIENT_ERROR:
        raise ToolRefused(f"the system behind it refused (HTTP {status})")
    if kind != SUCCESS:
        raise ToolFailed(f"the system behind it failed (HTTP {status})")


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    blocks: list[bytes] = []
    size = 0
    async for block in response.content.iter_any():
        size += len(block)
        if size > MAX_BODY_BYTES:
            response.close()
            raise ToolFailed(f"its answer is longer than {MAX_BODY_BYTES} bytes")
        blocks.append(block)
    return b"".join(blocks)
