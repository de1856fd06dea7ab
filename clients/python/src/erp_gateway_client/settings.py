"""How a client connects: settings as data, and the gRPC options made of them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grpc

MIB = 1024 * 1024
VERSION = "0.1.0"
ChannelOptions = list[tuple[str, str | int]]

_SCHEME = re.compile(r"^(dns:(//[^/]*/)?|ipv[46]:(//[^/]*/)?)")
_LOOPBACK = re.compile(
    r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:[^:]*)?|::1", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """TLS, and mTLS when `certificate_pem` and `key_pem` are given. All values are PEM bytes.

    `root_pem`: who may have signed the server's certificate; gRPC's own list of authorities when
    None. `server_name`: the name in the certificate, where it is not the target's.
    """

    root_pem: bytes | None = None
    certificate_pem: bytes | None = None
    key_pem: bytes | None = None
    server_name: str = ""

    def __post_init__(self) -> None:
        if (self.certificate_pem is None) != (self.key_pem is None):
            raise ValueError("certificate_pem and key_pem belong together: give both or neither")

    def __repr__(self) -> str:
        kind = "mTLS" if self.key_pem else "TLS"
        return f"Tls({kind}, server_name={self.server_name!r})"

    def credentials(self) -> grpc.ChannelCredentials:
        """As gRPC wants them."""
        return grpc.ssl_channel_credentials(self.root_pem, self.key_pem, self.certificate_pem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of a client; the defaults are what the gateway's own tests run with."""

    key: str = ""
    """The tenant's API key; none when empty. Sent with every call: use TLS beyond loopback."""
    tls: Tls | None = None
    """TLS or mTLS; plain text when None."""
    deadline_s: float = 30.0
    """Deadline of calls that give none: the whole time, retries included. Default 30 s, as the
    gateway's routes."""
    erp_version: str = ""
    """Which ERP release is calling, such as "1.2.7"; routes may differ by it."""
    keepalive_s: float = 10.0
    """Seconds between pings that find dead connections. Default 10 s; the gateway refuses pings
    more often than every 5 s."""
    keepalive_timeout_s: float = 5.0
    """A ping unanswered for so long is a dead connection. Default 5 s."""
    service_config: str = ""
    """gRPC service config as JSON; the shipped one when empty: health-checked round robin, waiting
    for a connection, and retries of UNAVAILABLE and of CANCELLED that the caller did not cause."""

    def __post_init__(self) -> None:
        if not self.deadline_s > 0:
            raise ValueError(f"deadline_s is {self.deadline_s!r}; it must be above 0")
        for name, value in (("key", self.key), ("erp_version", self.erp_version)):
            check_header(name, value)

    def __repr__(self) -> str:
        key = "set" if self.key else "none"
        return (
            f"Settings(key={key}, tls={self.tls!r}, deadline_s={self.deadline_s}, "
            f"erp_version={self.erp_version!r})"
        )

    def channel_options(self, target: str = "") -> ChannelOptions:
        """GRPC's options for a target; each that differs from its default says why."""
        options: ChannelOptions = [
            ("grpc.service_config", self.service_config or shipped_service_config()),
            # the service config is this one, not what a DNS TXT record says
            ("grpc.service_config_disable_resolution", 1),
            ("grpc.keepalive_time_ms", round(self.keepalive_s * 1000)),
            ("grpc.keepalive_timeout_ms", round(self.keepalive_timeout_s * 1000)),
            # a restarted gateway is found again in a second or two, not in up to two minutes
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 2_000),
            # how long one attempt to connect may take; 20 s by default
            ("grpc.min_reconnect_backoff_ms", 5_000),
            # only a call whose request fits this is retried; 256 KiB by default, less than a long
            # series. 16 MiB hold the largest request the gateway takes
            ("grpc.per_rpc_retry_buffer_size", 16 * MIB),
            # bands of 20,000 points; 4 MiB by default
            ("grpc.max_receive_message_length", 32 * MIB),
            ("grpc.primary_user_agent", f"erp-gateway-python/{VERSION}"),
        ]
        if on_this_machine(target):
            # gRPC would take http_proxy's even there
            options.append(("grpc.enable_http_proxy", 0))
        if self.tls is not None and self.tls.server_name:
            options.append(("grpc.ssl_target_name_override", self.tls.server_name))
        return options


def check_header(name: str, value: str) -> None:
    """Raises ValueError, without the value, for one that no header can hold."""
    if not (value.isascii() and (value.isprintable() or not value)):
        raise ValueError(f"{name} holds characters that no header can: use printable ASCII")


def on_this_machine(target: str) -> bool:
    """Whether all addresses of a gRPC target are of this very machine."""
    return all(_LOOPBACK.fullmatch(each) for each in _SCHEME.sub("", target).split(","))


@cache
def shipped_service_config() -> str:
    """The service config that all clients share, as JSON text."""
    here = Path(__file__).resolve().parent
    inside = here / "service_config.json"  # in the wheel; in the source tree it is clients/'s own
    file = inside if inside.is_file() else here.parents[2] / "service_config.json"
    return file.read_text(encoding="utf-8")
