"""The door for ops: a gRPC server of its own, so that no caller's load keeps ops out."""

import grpc

from gateway.api.admin_ports import Desk
from gateway.api.admin_service import AdminService
from gateway.api.grpc_handlers import UnknownMethods
from gateway.api.grpc_options import GrpcOptions, channel_options


class AdminServer:
    """Serves `gateway.admin.v1`; up to the very end of a drain, so that it can be watched."""

    def __init__(self, desk: Desk, address: str) -> None:
        options = GrpcOptions(address=address)
        self._address = address
        self._server = grpc.aio.server(
            handlers=[AdminService(desk).handler(), UnknownMethods()],
            options=channel_options(options),
        )
        self.port = 0

    def __repr__(self) -> str:
        return f"AdminServer({self._address!r}, port {self.port})"

    async def start(self) -> None:
        """Listen and serve; raises OSError when the address cannot be had."""
        try:
            self.port = self._server.add_insecure_port(self._address)
        except RuntimeError as error:
            told = f"admin.listen: cannot listen on {self._address!r}: is another server using it?"
            raise OSError(told) from error
        await self._server.start()

    async def close(self) -> None:
        """End at once."""
        await self._server.stop(None)
