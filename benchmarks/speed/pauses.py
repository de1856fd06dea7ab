"""Readers of many streams at once that note when something came and nothing else.

A gRPC client in Python costs as much as the server under test, so it would stall first. These parse
no message: HTTP/2 frames by their 9 bytes, HTTP/1.1 not at all. Some microseconds for each arrival.
"""

import asyncio
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import cast
from urllib.parse import urlsplit

from benchmarks.speed.h2load import Target
from benchmarks.speed.upstream import WORDS

PER_CONNECTION = 32
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW = 0, 1, 3, 4, 6, 7, 8
END_STREAM = ACK = 0x1
END_HEADERS = 0x4
WIDE = 2**31 - 1
HEAD = 9
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
END_OF_CHUNKS = b"0\r\n\r\n"
FIRST_WORD = WORDS[0].encode()
"""Whatever protocol it came by, the model's text has begun."""


@dataclass(slots=True)
class Arrivals:
    """Of one stream: when its text began, the last arrival, the longest pause between two, bytes.

    `ended`: it came to its end; `over`: nothing more comes.
    """

    first_s: float = 0.0
    last_s: float = 0.0
    longest_s: float = 0.0
    data: int = 0
    ended: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def came(self, data: bytes, now_s: float) -> None:
        if self.last_s:
            self.longest_s = max(self.longest_s, now_s - self.last_s)
        if not self.first_s and FIRST_WORD in data:
            self.first_s = now_s
        self.last_s = now_s
        self.data += len(data)

    def stop(self, *, ended: bool) -> None:
        self.ended = ended
        self.over.set()


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def header_block(headers: Mapping[str, str]) -> bytes:
    """HPACK at its simplest: fields literal, never indexed, no Huffman; up to 126 bytes each."""
    return b"".join(
        b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
        for name, value in headers.items()
    )


@dataclass
class Http2(asyncio.Protocol):
    """One connection with the streams that `ask` opened."""

    target: Target
    streams: dict[int, Arrivals] = field(default_factory=dict)
    _buffer: bytes = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of another class
        wide = frame(SETTINGS, 0, 0, struct.pack(">HI", 4, WIDE))
        self._transport.write(
            PREFACE + wide + frame(WINDOW, 0, 0, struct.pack(">I", WIDE - 65_535))
        )

    def ask(self) -> Arrivals:
        number = 2 * len(self.streams) + 1
        arrivals = self.streams[number] = Arrivals()
        where = urlsplit(self.target.url)
        fixed = {":method": "POST", ":scheme": "http", ":path": where.path}
        block = header_block(fixed | {":authority": where.netloc} | dict(self.target.headers))
        self._transport.write(
            frame(HEADERS, END_HEADERS, number, block)
            + frame(DATA, END_STREAM, number, self.target.body)
        )
        return arrivals

    def data_received(self, data: bytes) -> None:
        now_s = time.perf_counter()
        self._buffer += data
        while len(self._buffer) >= HEAD:
            end = HEAD + int.from_bytes(self._buffer[:3], "big")
            if len(self._buffer) < end:
                return
            kind, flags, stream = struct.unpack(">BBI", self._buffer[3:HEAD])
            payload, self._buffer = self._buffer[HEAD:end], self._buffer[end:]
            self._came(kind, flags, (stream, payload, now_s))

    def _came(self, kind: int, flags: int, what: tuple[int, bytes, float]) -> None:
        number, payload, now_s = what
        if kind in (SETTINGS, PING) and not flags & ACK:
            self._transport.write(frame(kind, ACK, 0, payload if kind == PING else b""))
        if kind == GOAWAY:
            self._transport.close()
        arrivals = self.streams.get(number)
        if arrivals is None:
            return
        if kind == DATA:
            arrivals.came(payload, now_s)
        if kind == RESET or (kind in (DATA, HEADERS) and flags & END_STREAM):
            arrivals.stop(ended=kind != RESET)

    def close(self) -> None:
        self._transport.close()


@dataclass
class Http1(asyncio.Protocol):
    """One connection with one stream at a time."""

    target: Target
    arrivals: Arrivals = field(default_factory=Arrivals)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is of another class

    def ask(self) -> Arrivals:
        path, size = urlsplit(self.target.url).path, len(self.target.body)
        headers = {"host": "bench", "content-length": str(size)} | dict(self.target.headers)
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        self._transport.write("\r\n".join([*lines, "", ""]).encode() + self.target.body)
        self.arrivals = Arrivals()
        return self.arrivals

    def data_received(self, data: bytes) -> None:
        self.arrivals.came(data, time.perf_counter())
        if data.endswith(END_OF_CHUNKS):
            self.arrivals.stop(ended=True)

    def connection_lost(self, _error: Exception | None) -> None:
        self.arrivals.over.set()

    def close(self) -> None:
        self._transport.close()


async def read(target: Target, number: int, start_s: float, most_s: float) -> Sequence[Arrivals]:
    """So many streams at once, begun at random within `start_s`, read for `most_s` at most."""
    loop, rng = asyncio.get_running_loop(), Random(7)
    each = 1 if target.http1 else PER_CONNECTION
    readers: list[Http1 | Http2] = []
    for at in range(number):
        if at % each == 0:
            readers.append(await connected(target))
        loop.call_later(rng.uniform(0, start_s), readers[-1].ask)
    until_s = loop.time() + most_s
    while loop.time() < until_s and not _all_ended(readers, number):  # noqa: ASYNC110 # coarse
        await asyncio.sleep(0.1)
    for reader in readers:
        reader.close()
    return _arrivals(readers)


async def connected(target: Target) -> Http1 | Http2:
    """A connection on which nothing was asked yet."""
    where = urlsplit(target.url)
    made = Http1(target) if target.http1 else Http2(target)
    loop = asyncio.get_running_loop()
    await loop.create_connection(partial(_same, made), where.hostname or "", where.port or 80)
    return made


def _same(made: Http1 | Http2) -> Http1 | Http2:
    return made


def _arrivals(readers: Sequence[Http1 | Http2]) -> list[Arrivals]:
    return [
        arrivals
        for reader in readers
        for arrivals in (
            reader.streams.values() if isinstance(reader, Http2) else (reader.arrivals,)
        )
    ]


def _all_ended(readers: Sequence[Http1 | Http2], number: int) -> bool:
    return sum(arrivals.ended for arrivals in _arrivals(readers)) == number
