"""The model of the benchmark: an HTTP server that does next to nothing, so that it is no limit.

    python -m benchmarks.speed.upstream          # prints its port

POST anything: the path chooses the reply. `/bad/…` fails with 500; a body with `"stream":true` gets
50 chunks, each in a write of its own. A model called `pace-MS` waits so long between chunks, one
called `wait-MS` before the reply. GET /count tells how many POSTs came.
"""

import asyncio
import re
from collections.abc import Iterable
from itertools import islice
from typing import cast

import orjson
import uvloop

TEXT = " ".join(["Your parcel is on its way and should arrive here very soon."] * 4) + " Thank you."
"""Plain sentences: a figure or a link would be refused, for nothing in the talk bears it out."""
WORDS = TEXT.split(" ")
CHUNKS = len(WORDS)
USAGE = {"prompt_tokens": 120, "completion_tokens": CHUNKS, "total_tokens": 120 + CHUNKS}
_BASE = {"id": "c-1", "created": 1_700_000_000, "model": "bench"}
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_PAUSE = re.compile(rb'"model": *"[^"]*?(pace|wait)-(\d+)"')
_STREAM = re.compile(rb'"stream": *true')


def _whole(status: bytes, body: object) -> bytes:
    sent = orjson.dumps(body)
    head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % (status, len(sent)) + sent


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = _BASE | {"object": "chat.completion.chunk", "choices": [choice]}
    return _chunk(b"data: " + orjson.dumps(event) + b"\n\n")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


MESSAGE = {"role": "assistant", "content": TEXT}
OK = _whole(
    b"200 OK",
    _BASE
    | {"object": "chat.completion", "usage": USAGE}
    | {"choices": [{"index": 0, "message": MESSAGE, "finish_reason": "stop"}]},
)
BAD = _whole(b"500 Internal Server Error", {"error": {"message": "no", "type": "server_error"}})
STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
DELTAS = [_event({"content": f" {word}" if at else word}) for at, word in enumerate(WORDS)]
END = [
    _event({}, "stop"),
    _chunk(b"data: " + orjson.dumps(_BASE | {"choices": [], "usage": USAGE}) + b"\n\n"),
    _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n",
]


class Upstream(asyncio.Protocol):
    """One connection; requests come one after the other."""

    posts = 0

    def __init__(self) -> None:
        self._buffer = b""
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of another class

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < whole:
                return
            request, self._buffer = self._buffer[:whole], self._buffer[whole:]
            self._answer(request, request[end:])

    def _answer(self, request: bytes, body: bytes) -> None:
        if request.startswith(b"GET"):
            self._transport.write(_whole(b"200 OK", Upstream.posts))
            return
        Upstream.posts += 1
        if request.startswith(b"POST /bad"):
            self._transport.write(BAD)
            return
        pause = _PAUSE.search(body)
        kind, pause_s = (pause[1], int(pause[2]) / 1000) if pause else (b"", 0.0)
        begin = self._stream if _STREAM.search(body) else self._unary
        if kind == b"wait":
            self._loop.call_later(pause_s, begin, 0.0)
        else:
            begin(pause_s)

    def _unary(self, _pause_s: float) -> None:
        self._transport.write(OK)

    def _stream(self, pause_s: float) -> None:
        self._transport.write(STREAM_HEAD)
        self._next(iter((*DELTAS, *END)), pause_s)

    def _next(self, events: Iterable[bytes], pause_s: float) -> None:
        for event in islice(events, 1):
            if self._transport.is_closing():
                return
            self._transport.write(event)
            if pause_s:
                self._loop.call_later(pause_s, self._next, events, pause_s)
            else:
                self._loop.call_soon(self._next, events, 0.0)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
