"""Reads a request's body: whole, bounded in bytes and in time."""

import asyncio

from aiohttp import StreamReader
from aiohttp.web import BaseRequest, RequestPayloadError

from gateway.api.errors import MalformedRequest, TooLarge
from gateway.api.http_call import Refused
from gateway.api.http_options import HttpOptions
from gateway.core.errors import DeadlineExceeded, Shed

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Bodies:
    """The bodies that arrive at one door."""

    def __init__(self, options: HttpOptions) -> None:
        self._options = options
        self._arriving = 0

    @property
    def arriving_bytes(self) -> int:
        """Bytes of bodies that are not whole yet."""
        return self._arriving

    async def read(self, request: BaseRequest) -> bytes:
        """The whole body; raises Refused for one that is too large, too slow or broken."""
        limit = self._options.max_request_bytes
        if (request.content_length or 0) > limit:
            raise Refused(_too_large(limit), 413)
        if request.content.is_eof():
            return _bounded(request.content.read_nowait(), limit)
        await _go_on(request)
        try:
            async with asyncio.timeout(self._options.body_s):
                return await self._arrived(request.content, limit)
        except TimeoutError as error:
            told = f"the body did not arrive within {self._options.body_s:g} s"
            raise Refused(DeadlineExceeded(told), 408) from error
        except RequestPayloadError as error:
            raise Refused(MalformedRequest("the body's framing is broken")) from error

    async def _arrived(self, content: StreamReader, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            while part := await content.readany():
                parts.append(part)
                size += len(part)
                self._arriving += len(part)
                if size > limit:
                    raise Refused(_too_large(limit), 413)
                if self._arriving > self._options.max_arriving_bytes:
                    raise Refused(Shed("too many large requests are arriving; try again soon"))
        finally:
            self._arriving -= size
        return b"".join(parts)


async def _go_on(request: BaseRequest) -> None:
    """Tell a client that waits for it (curl, with over 1 MB) to send its body."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(CONTINUE)
        request.writer.output_size = 0  # so that a refusal can still be sent


def _bounded(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise Refused(_too_large(limit), 413)
    return body


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit:,} bytes")
