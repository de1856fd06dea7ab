"""The doors of a process, from its configuration."""

from gateway.api.gate import Gate
from gateway.api.grpc_options import GrpcOptions
from gateway.api.http_options import HttpOptions
from gateway.api.http_server import HttpServer
from gateway.api.service import Service
from gateway.config import Config


def grpc_options(config: Config) -> GrpcOptions:
    """What the gRPC server is told."""
    server = config.server
    return GrpcOptions(
        address=server.listen,
        reflection=server.reflection,
        max_request_bytes=server.max_request_bytes,
        max_metadata_bytes=server.max_metadata_bytes,
    )


def http_door(service: Service, gate: Gate, config: Config) -> HttpServer | None:
    """The HTTP door; None where the file opens none."""
    server = config.server
    if not server.http_listen:
        return None
    options = HttpOptions(
        address=server.http_listen,
        mcp=server.mcp,
        max_request_bytes=server.max_request_bytes,
        max_metadata_bytes=server.max_metadata_bytes,
    )
    return HttpServer(service, gate, options)
