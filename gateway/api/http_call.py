"""What a request's head asks for: encoding and time; or why the door refuses it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp.web import BaseRequest

from gateway.api.errors import MalformedRequest, NotOffered, TooLarge
from gateway.api.metadata import KNOWN
from gateway.core.errors import GatewayError, InvalidRequest, Violation

UNARY_TYPES = {"application/json": True, "application/proto": False}
STREAM_TYPES = {"application/connect+json": True, "application/connect+proto": False}
"""Content types, and whether they are JSON."""

BEFORE_PROTOCOL = frozenset({405, 415})
"""Refusals of requests that do not speak the protocol yet, so that a stream's end would not be
understood."""

_TIMEOUT_MS = re.compile(r"[0-9]{1,10}", re.ASCII)


class Refused(Exception):
    """The door refuses a request.

    `http_status`: in place of the one that goes with the error's code. `headers`: sent with it.
    """

    def __init__(
        self,
        error: GatewayError,
        http_status: int | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.http_status = http_status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class Head:
    """How messages travel, what the caller's deadline leaves (None: none sent), or a refusal."""

    content_type: str = "application/json"
    is_json: bool = True
    timeout_s: float | None = None
    refused: Refused | None = None

    def check(self) -> None:
        """Raises what speaks against the call."""
        if self.refused:
            raise self.refused


def read_head(request: BaseRequest, max_metadata_bytes: int, *, stream: bool) -> Head:
    """Read the head of a call."""
    try:
        check_verb(request, "POST")
        content_type, is_json = _encoding(request, STREAM_TYPES if stream else UNARY_TYPES)
    except Refused as refused:
        return Head(refused=refused)
    try:
        check_size(request, max_metadata_bytes)
        _check_protocol(request, "Connect-Content-Encoding" if stream else "Content-Encoding")
        return Head(content_type, is_json, _timeout_s(request))
    except Refused as refused:
        return Head(content_type, is_json, refused=refused)


def metadata(request: BaseRequest) -> Iterator[tuple[str, str]]:
    """The metadata that the service knows, with ASCII values."""
    for name in KNOWN:
        for value in request.headers.getall(name, ()):
            # what is not ASCII stays wrong, but no longer breaks who encodes it
            yield name, value if value.isascii() else ascii(value)


def check_verb(request: BaseRequest, *allowed: str) -> None:
    """Raises Refused (405) for another verb."""
    if request.method not in allowed:
        names = ", ".join(allowed)
        error = NotOffered(f"{request.method[:16]!r} does nothing here; send {names}")
        raise Refused(error, 405, (("Allow", names),))


def _encoding(request: BaseRequest, types: dict[str, bool]) -> tuple[str, bool]:
    sent = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if sent not in types:
        error = MalformedRequest(f"content-type is {sent[:60]!r}; send {' or '.join(types)}")
        raise Refused(error, 415, (("Accept-Post", ", ".join(types)),))
    return sent, types[sent]


def check_size(request: BaseRequest, limit: int) -> None:
    """Raises Refused (431) for headers beyond the limit."""
    size = sum(len(name) + len(value) for name, value in request.raw_headers)
    if size > limit:
        raise Refused(TooLarge(f"the headers have {size:,} bytes; send at most {limit:,}"), 431)


def _check_protocol(request: BaseRequest, encoded: str) -> None:
    version = request.headers.get("Connect-Protocol-Version", "1")
    if version != "1":
        raise Refused(_violation("connect-protocol-version", "must be 1"))
    if request.headers.get(encoded, "identity").strip().lower() not in ("identity", ""):
        error = NotOffered(f"{encoded.lower()}: only identity is accepted")
        raise Refused(error, headers=((encoded.replace("Content", "Accept"), "identity"),))


def _timeout_s(request: BaseRequest) -> float | None:
    sent = request.headers.get("Connect-Timeout-Ms")
    if sent is None:
        return None
    if not _TIMEOUT_MS.fullmatch(sent):
        raise Refused(_violation("connect-timeout-ms", "must be milliseconds, 1 to 10 digits"))
    return int(sent) / 1000


def _violation(field: str, description: str) -> InvalidRequest:
    return InvalidRequest([Violation(field, description)])
