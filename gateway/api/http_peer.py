"""The other end of an HTTP request, as a `Peer`."""

from aiohttp.web import BaseRequest


class HttpPeer:
    """The other end of an HTTP request."""

    __slots__ = ("_request",)

    def __init__(self, request: BaseRequest) -> None:
        self._request = request

    def address(self) -> str:
        """The connection's, not what a header claims."""
        return self._request.remote or ""

    def names(self) -> tuple[str, ...]:
        """What TLS verified of the certificate."""
        transport = self._request.transport
        shown = (transport.get_extra_info("peercert") if transport else None) or {}
        alternative = shown.get("subjectAltName", ())
        common = [pair for part in shown.get("subject", ()) for pair in part]
        return (
            *(f"uri:{name}" for kind, name in alternative if kind == "URI"),
            *(f"dns:{name}" for kind, name in alternative if kind == "DNS"),
            *(f"cn:{name}" for kind, name in common if kind == "commonName"),
        )
