"""The HTTP door's life: opened, serving, drained, closed.

The Connect protocol needs little of HTTP, so it stands on aiohttp's low-level server, which the
gateway has anyway for calling models (docs/decisions/0021-http-door.md).
"""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus

from aiohttp.http_exceptions import LineTooLong
from aiohttp.web import BaseRequest, RequestHandler, Response, Server, StreamResponse

from gateway.api.error_table import internal_status, status_of
from gateway.api.errors import MalformedRequest, TooLarge
from gateway.api.gate import Gate
from gateway.api.http_handlers import HttpHandlers
from gateway.api.http_listening import listening
from gateway.api.http_options import HttpOptions
from gateway.api.http_replies import failure
from gateway.api.service import Service

LINGER_S = 2.0
"""How long what is left of a refused body is read and thrown away, so that the caller gets to read
the refusal. aiohttp's default is 10 s."""

log = logging.getLogger(__name__)


class HttpServer:
    """Serves the contract by the Connect protocol, `/healthz` and `/readyz` on one port.

    `gate` is the service's own admission, shared with the process's other doors.
    """

    def __init__(self, service: Service, gate: Gate, options: HttpOptions) -> None:
        self._gate = gate
        self._options = options
        self._handlers = HttpHandlers(service, gate, options)
        self._server: _Connections | None = None
        self._listener: asyncio.Server | None = None

    def __repr__(self) -> str:
        return f"HttpServer({self._options.address!r}, port {self.port}, {self._gate!r})"

    @property
    def port(self) -> int:
        """The port in use; 0 before `start`."""
        if self._listener is None or not self._listener.sockets:
            return 0
        return int(self._listener.sockets[0].getsockname()[1])

    @property
    def arriving_bytes(self) -> int:
        """Bytes of bodies that are not whole yet."""
        return self._handlers.bodies.arriving_bytes

    async def start(self) -> None:
        """Listen and serve; raises OSError when the address cannot be had."""
        server = self._connections()
        self._listener = await listening(server, self._options)
        self._server = server

    def adopt(self, listener: asyncio.Server) -> Callable[[], RequestHandler]:
        """Serve on a port that was opened before: what is returned answers its connections."""
        self._listener = listener
        self._server = self._connections()
        return self._server

    def _connections(self) -> "_Connections":
        options = self._options
        return _Connections(
            self._handlers.handle,
            handler_cancellation=True,  # a caller who hangs up ends the work
            access_log=None,
            auto_decompress=False,  # only identity is accepted
            keepalive_timeout=options.idle_s,
            lingering_time=LINGER_S,
            max_field_size=options.max_metadata_bytes,
        )

    async def drain(self, timeout_s: float) -> bool:
        """Go away without losing calls; says whether all were answered in time.

        `/readyz` turns 503 and new calls are refused (UNAVAILABLE, DRAINING, with a wait and
        `connection: close`); the calls inside go on for at most `timeout_s`. Only then is the port
        closed.
        """
        self._gate.drain()
        empty = await self._gate.wait_empty(timeout_s)
        if not empty:
            log.warning("%r: calls are still inside after %s s; closing", self, timeout_s)
        await self._handlers.traffic.wait_quiet(self._options.grace_s)
        await self.close()
        return empty

    async def close(self) -> None:
        """Close the port and every connection; what is inside has `grace_s` left."""
        if self._listener is None or self._server is None:
            return
        self._listener.close()
        self._server.pre_shutdown()
        await self._server.shutdown(self._options.grace_s)
        await self._gate.wait_empty(self._options.grace_s)


class _Connections(Server):
    """aiohttp's server with our connections."""

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, **self._kwargs)


class _Connection(RequestHandler):
    """One connection; answers what is no HTTP as everything else is answered."""

    __slots__ = ()

    def handle_error(
        self,
        request: BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 # aiohttp's signature; its texts stay inside
    ) -> StreamResponse:
        """The response to what cannot be read, or to a bug; closes the connection."""
        if isinstance(exc, ConnectionError):
            raise exc  # nobody is there to be told; aiohttp closes
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        response = _unreadable(exc) if status < HTTPStatus.INTERNAL_SERVER_ERROR else _bug(exc)
        response.force_close()
        return response


def _unreadable(error: BaseException | None) -> Response:
    if isinstance(error, LineTooLong):
        return failure(status_of(TooLarge("the request's head is too large"), "", 0.0), 431)
    return failure(status_of(MalformedRequest("this is no HTTP/1.1 request"), "", 0.0), 400)


def _bug(error: BaseException | None) -> Response:
    log.error("a request failed outside its call", exc_info=error)
    return failure(internal_status(""))
