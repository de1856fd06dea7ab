"""One TCP connection: requests in, steps of replies out, and when the caller hung up."""

import asyncio
import socket
import struct
from typing import Protocol, cast

from tests.faults.draft import Ending, Pause, Repeat
from tests.faults.http_request import BadRequestError, Request, expects_continue, parse
from tests.faults.log import Seen, now_s
from tests.faults.wire import Step

LINGER_0 = struct.pack("ii", 1, 0)  # close() sends RST and drops what is unsent
REFUSED = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Answering(Protocol):
    """What a connection needs of its server."""

    time_scale: float

    def opened(self, connection: "Connection") -> None:
        """A connection begins."""

    def closed(self, connection: "Connection") -> None:
        """A connection is gone."""

    def answer(self, request: Request) -> tuple[tuple[Step, ...], Seen | None]:
        """The reply to a request, and its record in the log."""

    def noticed(self) -> None:
        """A record changed."""

    def failed(self, error: BaseException) -> None:
        """The server itself went wrong."""


class Connection(asyncio.Protocol):
    """Reads requests one after the other and plays each reply to its end before the next."""

    def __init__(self, server: Answering) -> None:
        self._server = server
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._record: Seen | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self.serving_control = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.opened(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._advance()

    def eof_received(self) -> None:
        self._hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hang_up()
        self._transport = None
        self._server.closed(self)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def drop(self) -> None:
        """Reset the connection at once; its call counts as ended by the server."""
        if self._transport is None:
            return
        self._mark_finished()
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_0)
        self._transport.abort()

    def _advance(self) -> None:
        while self._task is None and self._transport is not None and self._buffer:
            request = self._next_request()
            if request is None:
                return
            self._serve(request)

    def _next_request(self) -> Request | None:
        try:
            request = parse(self._buffer)
        except BadRequestError:
            self._buffer.clear()
            self._write(REFUSED)
            self._close()
            return None
        if request is None:
            if expects_continue(self._buffer):
                self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return None
        del self._buffer[: request.size]
        return request

    def _serve(self, request: Request) -> None:
        steps, self._record = self._server.answer(request)
        self.serving_control = self._record is None
        if len(steps) == 1 and isinstance(steps[0], bytes):  # the fast path of load tests: no task
            self._write(steps[0])
            self._finished(request)
            return
        self._task = asyncio.get_running_loop().create_task(self._play(steps, request))
        self._task.add_done_callback(self._played)

    async def _play(self, steps: tuple[Step, ...], request: Request) -> None:
        for step in steps:
            if isinstance(step, bytes):
                await self._send(step)
            elif isinstance(step, Pause):
                await asyncio.sleep(step.seconds * (self._server.time_scale if step.scaled else 1))
            elif isinstance(step, Repeat):
                await self._send_again_and_again(step)
            else:
                await self._end(step)
                return
        self._finished(request)

    async def _send(self, data: bytes) -> None:
        self._write(data)
        await self._writable.wait()

    async def _send_again_and_again(self, repeat: Repeat) -> None:
        sent = 0
        while sent != repeat.times:
            await self._send(repeat.block)
            sent += 1
            if sent % 16 == 0:
                await asyncio.sleep(0)  # others get their turn although the socket takes it all

    async def _end(self, ending: Ending) -> None:
        if ending is Ending.HANG:
            await asyncio.Event().wait()
        if ending is Ending.RESET:
            self.drop()
        else:
            self._mark_finished()
            self._close()

    def _finished(self, request: Request) -> None:
        self._mark_finished()
        if not request.keep_alive:
            self._close()

    def _mark_finished(self) -> None:
        if self._record is not None:
            self._record.finished_s = now_s()
            self._server.noticed()
        self._record = None

    def _played(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            self._server.failed(error)
            self.drop()
        else:
            self._advance()

    def _write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._record is not None:
            self._record.bytes_sent += len(data)

    def _close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _hang_up(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._record is not None:
            self._record.hung_up_s = now_s()
            self._record = None
            self._server.noticed()
