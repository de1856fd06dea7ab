"""HTTP/1.1 requests out of a growing buffer. Pure, and just enough for model clients."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 64 * 1024 * 1024


class BadRequestError(ValueError):
    """Bytes that are not a request this server reads."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    size: int  # bytes it took of the buffer
    keep_alive: bool

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The query's last value for every name."""
        return dict(parse_qsl(urlsplit(self.target).query))


def parse(buffer: bytearray) -> Request | None:
    """The first request in the buffer, None while it is incomplete; raises BadRequestError."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        if len(buffer) > MAX_HEAD_BYTES:
            raise BadRequestError("the head is longer than 64 KiB")
        return None
    method, target, version, headers = _head(bytes(buffer[:end]))
    found = _body(buffer, end + 4, headers)
    if found is None:
        return None
    body, size = found
    connection = headers.get("connection", "").lower()
    keep_alive = connection != "close" if version == "HTTP/1.1" else connection == "keep-alive"
    return Request(method, target, headers, body, size, keep_alive)


def expects_continue(buffer: bytearray) -> bool:
    """Whether the caller waits for `100 Continue` before it sends the body."""
    head, found, rest = bytes(buffer).partition(b"\r\n\r\n")
    return bool(found) and not rest and b"expect: 100-continue" in head.lower()


def _head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequestError(f"not an HTTP/1 request line: {first[:80]!r}")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return words[0], words[1], words[2], headers


def _body(buffer: bytearray, start: int, headers: dict[str, str]) -> tuple[bytes, int] | None:
    """The body and where it ends; None while it is incomplete."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunked(buffer, start)
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > MAX_BODY_BYTES:
        raise BadRequestError(f"content-length {length!r} is no number up to {MAX_BODY_BYTES}")
    end = start + int(length)
    return (bytes(buffer[start:end]), end) if len(buffer) >= end else None


def _chunked(buffer: bytearray, start: int) -> tuple[bytes, int] | None:
    body = bytearray()
    while (line_end := buffer.find(b"\r\n", start)) >= 0:
        try:
            size = int(bytes(buffer[start:line_end]).partition(b";")[0], 16)
        except ValueError:
            raise BadRequestError("a chunk's size is not a hexadecimal number") from None
        start = line_end + 2
        if len(buffer) < start + size + 2 or len(body) > MAX_BODY_BYTES:
            return None
        body += buffer[start : start + size]
        start += size + 2
        if size == 0:
            return bytes(body), start
    return None
