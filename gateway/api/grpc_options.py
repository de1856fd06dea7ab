"""Settings of the gRPC server: ours as a dataclass, gRPC's as a list, each with its reason."""

from dataclasses import dataclass

import grpc

MIB = 1024 * 1024
ChannelOptions = list[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcOptions:
    """How the gRPC door is opened.

    `credentials` come from `tls_credentials`, or None for plain text.
    """

    address: str = "127.0.0.1:50051"
    """Host and port to listen on; port 0 takes a free one. Loopback by default."""
    credentials: grpc.ServerCredentials | None = None
    """TLS or mTLS; plain text when None."""
    reflection: bool = True
    """Whether grpcurl and its like may list the calls. Default true."""
    shared_port: bool = False
    """Whether several worker processes listen on the same port. Default false."""
    max_request_bytes: int = 8 * MIB
    """Largest request. 8 MiB hold 20,000 points with 16 covariates of as many (7.5 MB)."""
    max_metadata_bytes: int = 16 * 1024
    """Largest metadata of a call, names and values. Default 16 KiB."""
    message_s: float = 30.0
    """Longest wait for a call's message. Default 30 s, as for bodies over HTTP."""
    grace_s: float = 1.0
    """How long the last calls that a drain did not wait for may still take. Default 1 s."""


def channel_options(options: GrpcOptions) -> ChannelOptions:
    """GRPC's options; each that differs from its default says why."""
    return [
        # on by default, so a second server would silently share the port and take half the calls
        ("grpc.so_reuseport", int(options.shared_port)),
        # over 1,000 calls not yet accepted gRPC drops calls as CANCELLED (hard limit 3,000): 10,000
        # at once are a promised load
        ("grpc.server.max_pending_requests", 20_000),
        ("grpc.server.max_pending_requests_hard_limit", 30_000),
        # a call that waits 30 s to be accepted is ended as CANCELLED (seen: 900 of 10,000 at once
        # on a busy machine); its own deadline is what ends it
        ("grpc.server_max_unrequested_time_in_server", 600),
        # a low limit makes the server reset its own clients' streams; admission is our own gate
        ("grpc.max_concurrent_streams", 2**31 - 1),
        # 4 MiB by default: too small for what the contract allows
        ("grpc.max_receive_message_length", options.max_request_bytes),
        # our own answers are bounded by what was asked; the receiver has its limit
        ("grpc.max_send_message_length", -1),
        # both limits equal: between them gRPC refuses at random
        ("grpc.max_metadata_size", options.max_metadata_bytes),
        ("grpc.absolute_max_metadata_size", options.max_metadata_bytes),
        # Java clients ping to keep connections through NATs; below the 10 s that ours ask for, or
        # they get ENHANCE_YOUR_CALM (default: 5 minutes)
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.keepalive_permit_without_calls", 1),
        # finds clients that vanished without a FIN, so that their calls do not stay for hours
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        # half-open TLS handshakes hold a file each; 2 minutes by default
        ("grpc.server_handshake_timeout_ms", 10_000),
    ]


def tls_credentials(
    certificate_pem: bytes, key_pem: bytes, client_ca_pem: bytes | None = None
) -> grpc.ServerCredentials:
    """TLS with this certificate chain and key; with `client_ca_pem` clients must show theirs."""
    return grpc.ssl_server_credentials(
        [(key_pem, certificate_pem)],
        root_certificates=client_ca_pem,
        require_client_auth=client_ca_pem is not None,
    )
