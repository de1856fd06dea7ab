"""The gRPC door's life: opened, serving, drained, closed."""

import logging

import grpc

from gateway.api.gate import Gate
from gateway.api.grpc_handlers import Serving, UnknownMethods, service_handler
from gateway.api.grpc_options import GrpcOptions, channel_options
from gateway.api.service import Service
from gateway.api.standard_services import Health, reflection_handlers
from gateway.api.traffic import Traffic

log = logging.getLogger(__name__)


class GrpcServer:
    """Serves the contract, health and reflection on one port.

    `gate` is the service's own admission, shared with the process's other doors.
    """

    def __init__(self, service: Service, gate: Gate, options: GrpcOptions) -> None:
        self._gate = gate
        self._options = options
        self._health = Health()
        self._traffic = Traffic()
        self._server = grpc.aio.server(
            handlers=[
                service_handler(Serving(service, self._traffic, options.message_s)),
                self._health.handler(),
                *(reflection_handlers() if options.reflection else ()),
                UnknownMethods(),
            ],
            options=channel_options(options),
        )
        self._port = 0

    def __repr__(self) -> str:
        return f"GrpcServer({self._options.address!r}, port {self._port}, {self._gate!r})"

    @property
    def port(self) -> int:
        """The port in use; 0 before `start`."""
        return self._port

    async def start(self) -> None:
        """Listen and serve; raises OSError when the address cannot be had."""
        address, credentials = self._options.address, self._options.credentials
        try:
            if credentials is None:
                self._port = self._server.add_insecure_port(address)
            else:
                self._port = self._server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address!r}: is another server using it?") from error
        await self._server.start()
        self._health.serve()

    async def drain(self, timeout_s: float) -> bool:
        """Go away without losing calls; says whether all were answered in time.

        Health turns NOT_SERVING and new calls are refused (UNAVAILABLE, DRAINING, with a wait), so
        that clients go elsewhere; the calls inside go on for at most `timeout_s`. Only then is the
        port closed: gRPC's own stop loses calls that it has accepted but not yet handed over.
        """
        self._health.drain()
        self._gate.drain()
        empty = await self._gate.wait_empty(timeout_s)
        if not empty:
            log.warning("%r: calls are still inside after %s s; closing", self, timeout_s)
        self._health.close()
        await self._traffic.wait_quiet(self._options.grace_s)
        await self._server.stop(self._options.grace_s)
        # cancelled handlers end a little later than their calls
        await self._gate.wait_empty(self._options.grace_s)
        return empty
