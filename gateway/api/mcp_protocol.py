"""The Model Context Protocol's own words, as far as a stateless server of tools needs them. Pure.

Two generations of clients come to one address. Up to 2025-11-25 they begin with `initialize`; no
session is made of it, so that any process can answer the next request. From 2026-07-28 on every
request stands alone and says in `params._meta` and in headers what it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

HANDSHAKE_VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
STANDALONE_VERSIONS = ("2026-07-28",)

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, BAD_PARAMS = -32700, -32600, -32601, -32602
HEADER_MISMATCH, BAD_VERSION = -32020, -32022
NOT_ALLOWED = -32040
"""Ours: no key, an unknown one, or one that may not do this; HTTP 401 or 403."""

HTTP_STATUS: Mapping[int, int] = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    BAD_PARAMS: 400,
    HEADER_MISMATCH: 400,
    BAD_VERSION: 400,
    NO_METHOD: 404,
}
"""HTTP statuses of errors by the specification of 2026-07-28; before it, all were 200."""

_META = "io.modelcontextprotocol/"
_VERSION, _CAPABILITIES = f"{_META}protocolVersion", f"{_META}clientCapabilities"
VERSION_HEADER, METHOD_HEADER, NAME_HEADER = "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name"

Header = Callable[[str], str | None]
"""A header by name; None when it was not sent."""


class RpcError(Exception):
    """A JSON-RPC error. `http_status`: in place of the one that the version gives it."""

    def __init__(
        self, code: int, message: str, data: object = None, http_status: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.http_status = http_status


@dataclass(frozen=True, slots=True)
class RpcRequest:
    """One request; `id` None for a notification, which is not answered."""

    id: str | int | None
    method: str
    params: Mapping[str, Any]

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the application says beside the arguments."""
        meta = self.params.get("_meta")
        return meta if isinstance(meta, Mapping) else {}


def request_of(decoded: object) -> RpcRequest:
    """The request in a decoded body. Raises RpcError."""
    if not isinstance(decoded, Mapping) or decoded.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, "the body must be one JSON-RPC 2.0 request")
    method, params, id_ = decoded.get("method"), decoded.get("params"), decoded.get("id")
    if not isinstance(method, str):
        raise RpcError(INVALID_REQUEST, "the body must be one JSON-RPC 2.0 request")
    if "id" in decoded and (isinstance(id_, bool) or not isinstance(id_, str | int)):
        raise RpcError(INVALID_REQUEST, "the request's id must be text or a whole number")
    if params is not None and not isinstance(params, Mapping):
        raise RpcError(BAD_PARAMS, "params must be an object")
    return RpcRequest(id_, method, params or {})


def is_standalone(header: Header) -> bool:
    """Whether the client is of the generation without `initialize`."""
    version = header(VERSION_HEADER)
    return version is not None and version not in HANDSHAKE_VERSIONS


def check_standalone(request: RpcRequest, header: Header) -> None:
    """Raises RpcError where a request of 2026-07-28 or later disagrees with itself."""
    missing = [key for key in (_VERSION, _CAPABILITIES) if key not in request.meta]
    if missing:
        raise RpcError(BAD_PARAMS, f"params._meta is missing {', '.join(missing)}")
    version = request.meta[_VERSION]
    if header(VERSION_HEADER) != version:
        raise RpcError(HEADER_MISMATCH, f"{VERSION_HEADER} does not match params._meta")
    if header(METHOD_HEADER) != request.method:
        raise RpcError(HEADER_MISMATCH, f"{METHOD_HEADER} does not match the method")
    if request.method == "tools/call" and header(NAME_HEADER) != request.params.get("name"):
        raise RpcError(HEADER_MISMATCH, f"{NAME_HEADER} does not match params.name")
    check_version(version)


def check_version(version: object) -> None:
    """Raises RpcError for a version of the generation without `initialize` that is not served."""
    if version not in STANDALONE_VERSIONS:
        served = {"supported": list(STANDALONE_VERSIONS), "requested": str(version)[:64]}
        raise RpcError(BAD_VERSION, "this version of the protocol is not served", served)


def initialized(params: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to `initialize`: the client's version if it is known, else our newest."""
    asked = params.get("protocolVersion")
    version = asked if asked in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[-1]
    return {"protocolVersion": version, **_capable(), "serverInfo": dict(about)}


def discovered(about: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to `server/discover`."""
    return {
        "supportedVersions": list(STANDALONE_VERSIONS),
        **_capable(),
        "_meta": {f"{_META}serverInfo": dict(about)},
        **_COMPLETE,
        **_KEEP,
    }


def listed(tools: list[dict[str, Any]], *, standalone: bool) -> dict[str, Any]:
    """The answer to `tools/list`: all on one page."""
    return {"tools": tools} | (_COMPLETE | _KEEP if standalone else {})


def called(text: str, structured: object, *, failed: bool, standalone: bool) -> dict[str, Any]:
    """The answer to `tools/call`."""
    told: dict[str, Any] = {"content": [{"type": "text", "text": text}], "isError": failed}
    if structured is not None:
        told["structuredContent"] = structured
    return told | (_COMPLETE if standalone else {})


def error_of(error: RpcError) -> dict[str, Any]:
    """An error as JSON-RPC has it."""
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    return told if error.data is None else told | {"data": error.data}


_COMPLETE = {"resultType": "complete"}
_KEEP = {"ttlMs": 60_000, "cacheScope": "private"}
"""Tools change with the gateway's version and with what a key may do."""


def _capable() -> dict[str, Any]:
    return {"capabilities": {"tools": {"listChanged": False}}}
