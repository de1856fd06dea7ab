"""The doors of a process, from its configuration."""

import asyncio
from typing import TYPE_CHECKING

from gateway.api.gate import Gate
from gateway.api.grpc_options import GrpcOptions
from gateway.api.http_listening import listening
from gateway.api.http_options import HttpOptions
from gateway.api.service import Service
from gateway.api.tls import Tls
from gateway.config import Config
from gateway.wiring.late import LatePort
from gateway.workers import worker

if TYPE_CHECKING:
    from gateway.api.http_server import HttpServer


def grpc_options(config: Config, tls: Tls | None) -> GrpcOptions:
    """What the gRPC server is told."""
    server = config.server
    return GrpcOptions(
        address=server.listen,
        credentials=tls.grpc_credentials() if tls else None,
        reflection=server.reflection,
        shared_port=worker.number() > 0,
        max_request_bytes=server.max_request_bytes,
        max_metadata_bytes=server.max_metadata_bytes,
    )


def http_door(service: Service, gate: Gate, config: Config, tls: Tls | None) -> "HttpDoor | None":
    """The HTTP door; None where the file opens none."""
    server = config.server
    if not server.http_listen:
        return None
    options = HttpOptions(
        address=server.http_listen,
        mcp=server.mcp,
        shared_port=worker.number() > 0,
        tls=tls.http_context() if tls else None,
        max_request_bytes=server.max_request_bytes,
        max_metadata_bytes=server.max_metadata_bytes,
    )
    return HttpDoor(service, gate, options)


class HttpDoor:
    """The HTTP door: open after `start`, answering after `serve`."""

    def __init__(self, service: Service, gate: Gate, options: HttpOptions) -> None:
        self._parts = (service, gate, options)
        self._options = options
        self._late = LatePort()
        self._listener: asyncio.Server | None = None
        self._server: HttpServer | None = None

    def __repr__(self) -> str:
        return f"HttpDoor({self._server or self._late!r})"

    @property
    def port(self) -> int:
        """The port in use; 0 before `start`."""
        if self._listener is None or not self._listener.sockets:
            return 0
        return int(self._listener.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen: callers connect and wait. Raises OSError when the address cannot be had."""
        self._listener = await listening(self._late, self._options)

    async def serve(self) -> None:
        """Load what answers, and answer."""
        http_server = await asyncio.to_thread(_http_server)
        if self._listener:  # still open: the process may have been told to end meanwhile
            self._server = http_server(*self._parts)
            self._late.serve(self._server.adopt(self._listener))

    async def drain(self, timeout_s: float) -> bool:
        """Go away without losing calls; says whether all were answered in time."""
        if self._server:
            return await self._server.drain(timeout_s)
        await self.close()
        return True

    async def close(self) -> None:
        """Close the port and every connection."""
        if self._server:
            await self._server.close()
        elif self._listener:
            self._listener.close()
            self._listener = None
            self._late.close()


def _http_server() -> "type[HttpServer]":
    # measured: 0.1 s of CPU for aiohttp, a sixth of a start
    from gateway.api.http_server import HttpServer  # noqa: PLC0415

    return HttpServer
