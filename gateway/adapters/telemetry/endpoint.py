"""The port for ops: `/metrics`, `/livez`, `/readyz`, `/startupz`. Plain HTTP, inner network only.

It is served by the event loop that answers calls, so that a loop that hangs fails `/livez`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp.web import BaseRequest, Response, Server

from gateway.adapters.telemetry.exposition import CONTENT_TYPE, Exposition

Holds = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Probes:
    """`started`: everything is loaded; `ready`: new calls are welcome."""

    started: Holds
    ready: Holds


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
        if self._listener is None or not self._listener.sockets:
            return 0
        return int(self._listener.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen; raises OSError when the address cannot be had."""
        host, _, port = self._address.rpartition(":")
        server = Server(self._handle, access_log=None)
        try:
            self._listener = await asyncio.get_running_loop().create_server(
                server, host.strip("[]"), int(port)
            )
        except OSError as error:
            told = f"cannot listen on {self._address!r} (metrics.listen): is it in use?"
            raise OSError(told) from error
        self._server = server

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
