"""The service over HTTP/1.1 by the Connect protocol, and two pages that tell of health.

What cannot be read as HTTP at all is answered in gateway.api.http_server.
"""

import asyncio
import logging
from random import Random

from aiohttp import HttpVersion11
from aiohttp.web import BaseRequest, Response, StreamResponse
from google.protobuf.message import Message

from gateway.api.connect_protocol import end_of_stream, envelope, only_message
from gateway.api.decoding import Body, Json
from gateway.api.error_table import internal_status, status_of
from gateway.api.errors import NotOffered
from gateway.api.gate import Gate
from gateway.api.http_body import Bodies
from gateway.api.http_call import BEFORE_PROTOCOL, Head, Refused, check_verb, metadata, read_head
from gateway.api.http_options import HttpOptions
from gateway.api.http_peer import HttpPeer
from gateway.api.http_replies import failure, headers, page
from gateway.api.json_writing import to_json
from gateway.api.mcp_door import PATH as MCP_PATH
from gateway.api.mcp_door import McpDoor
from gateway.api.methods import SERVICE
from gateway.api.service import Arrival, Service
from gateway.api.status import CallFailed, Status
from gateway.api.traffic import Traffic
from gateway.core.errors import DeadlineExceeded, GatewayError

OFF_LOOP_BYTES = 8_192
"""Larger responses (in protobuf's binary encoding) are turned into JSON in a thread."""

log = logging.getLogger(__name__)


class Stalled(ConnectionError):
    """The caller takes nothing of the answer."""


class HttpHandlers:
    """Answers requests; `handle` is what aiohttp's server calls."""

    def __init__(self, service: Service, gate: Gate, options: HttpOptions) -> None:
        self._service = service
        self._gate = gate
        self._options = options
        self.bodies = Bodies(options)
        self._rng = Random()  # noqa: S311 # spreads retries, no secrets
        self._unary = {f"/{SERVICE}/{name}": name for name in service.unary_names}
        self._streams = {f"/{SERVICE}/{name}": name for name in service.stream_names}
        self._mcp = McpDoor(service, self.bodies, options) if options.mcp else None
        self.traffic = Traffic()

    async def handle(self, request: BaseRequest) -> StreamResponse:
        """Answer one request, whatever it is; it is over when the answer is sent."""
        self.traffic.entered()
        try:
            if method := self._unary.get(request.path):
                return await self._sent(request, await self._answered(request, method))
            if method := self._streams.get(request.path):
                return await self._streamed(request, method)
            if self._mcp and request.path == MCP_PATH:
                return await self._sent(request, await self._mcp.handle(request))
            return await self._sent(request, self._page(request))
        finally:
            self.traffic.left()

    async def _answered(self, request: BaseRequest, method: str) -> Response:
        head = read_head(request, self._options.max_metadata_bytes, stream=False)
        arrival = self._arrival(request, method, head)
        try:
            head.check()
            async with asyncio.timeout(head.timeout_s):
                arrival = self._service.identified(arrival)  # before a byte of the body is read
                body = await self.bodies.read(request)
                message = await self._service.unary(arrival, _wrapped(body, head))
                payload = await self._encoded(message, head)
        except Exception as error:  # noqa: BLE001 # whatever it is becomes a documented status
            return self._failed(error, arrival)
        return Response(body=payload, headers=headers(head.content_type, _id(arrival)))

    async def _streamed(self, request: BaseRequest, method: str) -> StreamResponse:
        """Answer as a stream; whatever goes wrong stands in its last envelope."""
        head = read_head(request, self._options.max_metadata_bytes, stream=True)
        arrival = self._arrival(request, method, head)
        if head.refused and head.refused.http_status in BEFORE_PROTOCOL:
            return await self._sent(request, self._failed(head.refused, arrival))
        response = StreamResponse(headers=headers(head.content_type, _id(arrival)))
        if request.version < HttpVersion11:
            response.force_close()  # no chunks there: only the connection's end is the stream's
        status: Status | None = None

        async def send(message: Message) -> None:
            await self._write(request, response, envelope(await self._encoded(message, head)))

        try:
            head.check()
            async with asyncio.timeout(head.timeout_s):
                arrival = self._service.identified(arrival)
                body = only_message(await self.bodies.read(request))
                await self._service.stream(arrival, _wrapped(body, head), send)
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 # as above
            status = self._status(error, arrival)
        await self._write(request, response, end_of_stream(status, _id(arrival)))
        return await self._sent(request, response)

    def _arrival(self, request: BaseRequest, method: str, head: Head) -> Arrival:
        return self._service.arrive(method, metadata(request), head.timeout_s, HttpPeer(request))

    async def _encoded(self, message: Message, head: Head) -> bytes:
        if not head.is_json:
            return message.SerializeToString()
        if message.ByteSize() > OFF_LOOP_BYTES:
            return await self._service.beside(to_json, message)
        return to_json(message)

    # ---- sending

    async def _write(self, request: BaseRequest, response: StreamResponse, part: bytes) -> None:
        """Send a part; the headers go with the first, never before."""
        try:
            async with asyncio.timeout(self._options.stalled_s):
                if not response.prepared:
                    await self._prepare(request, response)
                await response.write(part)
        except TimeoutError as error:
            raise _hang_up(request) from error

    async def _sent(self, request: BaseRequest, response: StreamResponse) -> StreamResponse:
        try:
            async with asyncio.timeout(self._options.stalled_s):
                if not response.prepared:
                    await self._prepare(request, response)
                await response.write_eof()
        except TimeoutError as error:
            raise _hang_up(request) from error
        return response

    async def _prepare(self, request: BaseRequest, response: StreamResponse) -> None:
        if self._gate.draining:
            response.force_close()  # so that the caller's next call goes elsewhere
        await response.prepare(request)

    # ---- failing

    def _failed(self, error: Exception, arrival: Arrival) -> Response:
        status = self._status(error, arrival)
        if isinstance(error, Refused):
            return failure(status, error.http_status, error.headers)
        return failure(status)

    def _status(self, error: Exception, arrival: Arrival) -> Status:
        # 1. the service's own  2. the door's refusal  3. the caller's time is over  4. a bug
        request_id = _id(arrival)
        match error:
            case CallFailed():
                return error.status
            case Refused():
                return status_of(error.error, request_id, self._rng.random())
            case GatewayError():
                return status_of(error, request_id, self._rng.random())
            case TimeoutError():
                over = DeadlineExceeded("the caller's deadline passed")
                return status_of(over, request_id, 0.0)
        log.error("%s failed, request id %s", arrival.method, request_id, exc_info=error)
        return internal_status(request_id)

    # ---- beside the service

    def _page(self, request: BaseRequest) -> Response:
        try:
            match request.path:
                case "/healthz":
                    check_verb(request, "GET", "HEAD")
                    return page("live")
                case "/readyz":
                    check_verb(request, "GET", "HEAD")
                    return page("draining", 503) if self._gate.draining else page("ready")
        except Refused as refused:
            status = status_of(refused.error, "", 0.0)
            return failure(status, refused.http_status, refused.headers)
        return failure(status_of(NotOffered("there is no such method"), "", 0.0), 404)


def _wrapped(body: bytes, head: Head) -> Body:
    return Json(body) if head.is_json else body


def _id(arrival: Arrival) -> str:
    return arrival.metadata.request_id


def _hang_up(request: BaseRequest) -> Stalled:
    if request.transport:
        request.transport.abort()
    return Stalled("the caller takes nothing of the answer")
