"""The doors of a process, from its configuration."""

from gateway.api.gate import Gate
from gateway.api.grpc_options import GrpcOptions
from gateway.api.http_options import HttpOptions
from gateway.api.http_server import HttpServer
from gateway.api.service import Service
from gateway.api.tls import Tls
from gateway.config import Config
from gateway.workers import worker


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


def http_door(service: Service, gate: Gate, config: Config, tls: Tls | None) -> HttpServer | None:
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
    return HttpServer(service, gate, options)
