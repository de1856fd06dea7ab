"""The other end of a gRPC call, as a `Peer`."""

from urllib.parse import unquote

from gateway.api.grpc_types import Context


class GrpcPeer:
    """The other end of a gRPC call."""

    __slots__ = ("_context",)

    def __init__(self, context: Context) -> None:
        self._context = context

    def address(self) -> str:
        """From `ipv4:127.0.0.1:40000` or `ipv6:%5B::1%5D:40000`."""
        kind, _, rest = unquote(self._context.peer()).partition(":")
        return rest.rpartition(":")[0].strip("[]") if kind in ("ipv4", "ipv6") else rest

    def names(self) -> tuple[str, ...]:
        """What gRPC verified of the certificate; takes about 10 µs."""
        told = self._context.auth_context()
        return tuple(
            f"{kind}:{name.decode('utf-8', 'replace')}"
            for kind, prop in _GRPC_NAMES
            for name in told.get(prop, ())
        )


_GRPC_NAMES = (("uri", "peer_uri"), ("dns", "peer_dns"), ("cn", "x509_common_name"))
