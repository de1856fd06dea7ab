"""The port for ops: `/metrics`, `/livez`, `/readyz`, `/startupz`. Plain HTTP, inner network only.

It is served by the event loop that answers calls, so that a loop that hangs fails `/livez`.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

from aiohttp.web import BaseRequest, RequestHandler, Response, Server

from gateway.adapters.telemetry.exposition import CONTENT_TYPE, Exposition
from gateway.adapters.telemetry.probes import Probes, listening, port_of


class Endpoint:
    """Serves the port."""

    def __init__(self, address: str, exposition: Exposition, probes: Probes) -> None:
        self._address = address
        self._exposition = exposition
        self._one_at_a_time = asyncio.Lock()
        self._probes = {
            "/livez": lambda: True,
            "/readyz": probes.ready,
            "/startupz": probes.started,
        }
        self._server: Server | None = None
        self._listener: asyncio.Server | None = None

    def __repr__(self) -> str:
        return f"Endpoint({self._address!r}, port {self.port})"

    @property
    def port(self) -> int:
        """The port in use; 0 before `start`."""
        return port_of(self._listener)

    async def start(self) -> None:
        """Listen; raises OSError when the address cannot be had."""
        server = self._connections()
        self._listener = await listening(server, self._address)
        self._server = server

    def adopt(self, listener: asyncio.Server) -> Callable[[], RequestHandler]:
        """Serve on a port that was opened before: what is returned answers its connections."""
        self._listener = listener
        self._server = self._connections()
        return self._server

    def _connections(self) -> Server:
        return Server(self._handle, access_log=None)

    async def close(self) -> None:
        """Close the port; what is being written has a second."""
        if self._listener is None or self._server is None:
            return
        self._listener.close()
        await self._server.shutdown(1.0)

    async def _handle(self, request: BaseRequest) -> Response:
        if request.method not in ("GET", "HEAD"):
            return _plain(HTTPStatus.METHOD_NOT_ALLOWED)
        if request.path == "/metrics":
            async with self._one_at_a_time:
                body = await self._exposition.text()
            return Response(body=body, headers={"Content-Type": CONTENT_TYPE})
        holds = self._probes.get(request.path)
        if holds is None:
            return _plain(HTTPStatus.NOT_FOUND)
        return _plain(HTTPStatus.OK if holds() else HTTPStatus.SERVICE_UNAVAILABLE)


def _plain(status: HTTPStatus) -> Response:
    return Response(status=status, text=f"{status.phrase}\n")
