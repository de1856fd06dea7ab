"""Settings of the HTTP door, each with its reason."""

from dataclasses import dataclass
from ssl import SSLContext

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How the HTTP door is opened. The limits are those of the gRPC door."""

    address: str = "127.0.0.1:50080"
    """Host and port to listen on; port 0 takes a free one. Loopback by default."""
    tls: SSLContext | None = None
    """TLS or mTLS; plain text when None."""
    max_request_bytes: int = 8 * MIB
    """Largest request body. Default 8 MiB, as over gRPC."""
    max_metadata_bytes: int = 16 * 1024
    """Largest header block of a call, names and values. Default 16 KiB."""
    max_arriving_bytes: int = 256 * MIB
    """Most bytes of bodies that are still arriving, all connections together. Default 256 MiB."""
    mcp: bool = False
    """Offer the calls as MCP tools at `/mcp`. Default false."""
    shared_port: bool = False
    """Whether several worker processes listen on the same port. Default false."""
    idle_s: float = 75.0
    """An idle connection, or one whose headers do not end, is closed after this. Default 75 s, more
    than the 60 s that proxies commonly keep theirs."""
    body_s: float = 30.0
    """Longest wait for a request's body to be whole. Default 30 s."""
    stalled_s: float = 30.0
    """A caller who takes nothing of an answer for this long is hung up on. Default 30 s."""
    grace_s: float = 1.0
    """How long the last calls that a drain did not wait for may still take. Default 1 s."""
