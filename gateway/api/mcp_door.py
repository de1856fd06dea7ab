"""The calls as MCP tools, at one path of the HTTP door: stateless, JSON in and JSON out.

Every tool call goes through the service like a call of any other door: the same keys, limits,
checks, errors and trail.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp.web import BaseRequest, Response
from google.rpc.error_details_pb2 import BadRequest

from gateway import __version__
from gateway.api.connect_protocol import HTTP_STATUS as STATUS_OF_CODE
from gateway.api.connect_protocol import error_of_status
from gateway.api.decoding import OFF_LOOP_JSON_BYTES, Json
from gateway.api.error_table import status_of
from gateway.api.errors import MalformedRequest
from gateway.api.http_body import Bodies
from gateway.api.http_call import Refused, check_size, check_verb, metadata
from gateway.api.http_options import HttpOptions
from gateway.api.http_replies import failure, headers
from gateway.api.json_writing import to_json
from gateway.api.mcp_catalogue import OFFERS, Offer, text_of
from gateway.api.mcp_protocol import (
    BAD_PARAMS,
    HTTP_STATUS,
    INVALID_REQUEST,
    NO_METHOD,
    NOT_ALLOWED,
    PARSE_ERROR,
    RpcError,
    RpcRequest,
    called,
    check_standalone,
    check_version,
    discovered,
    error_of,
    initialized,
    is_standalone,
    listed,
    request_of,
)
from gateway.api.service import Arrival, Service
from gateway.api.status import CallFailed, Status
from gateway.core.errors import InvalidRequest, PermissionDenied

PATH = "/mcp"
ABOUT = {"name": "erp-ai-gateway", "title": "ERP AI Gateway", "version": __version__}
KEYLESS = ("UNAUTHENTICATED", "PERMISSION_DENIED")
JSON_TYPE = "application/json"


class McpDoor:
    """Answers requests at PATH."""

    def __init__(self, service: Service, bodies: Bodies, options: HttpOptions) -> None:
        self._service = service
        self._bodies = bodies
        self._options = options
        self._tools = [offer.listed() for offer in OFFERS.values()]

    async def handle(self, request: BaseRequest) -> Response:
        """Answer one request, whatever it is."""
        try:
            _check_head(request, self._options.max_metadata_bytes)
            body = await self._bodies.read(request)
        except Refused as refused:
            return failure(status_of(refused.error, "", 0.0), refused.http_status, refused.headers)
        arrival = self._service.arrive("mcp", metadata(request), None)
        standalone = is_standalone(request.headers.get)
        asked: RpcRequest | None = None
        try:
            asked = request_of(await self._decoded(body))
            result = await self._answered(asked, request, arrival)
        except RpcError as error:
            return _failed(error, asked, arrival, standalone=standalone)
        if asked.id is None:
            return Response(status=202, headers=headers(JSON_TYPE, arrival.metadata.request_id))
        return await self._replied(asked, result, arrival)

    async def _decoded(self, body: bytes) -> object:
        try:
            if len(body) > OFF_LOOP_JSON_BYTES:
                return await self._service.beside(orjson.loads, body)
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise RpcError(PARSE_ERROR, "the body is no JSON") from error

    async def _answered(
        self, asked: RpcRequest, request: BaseRequest, arrival: Arrival
    ) -> dict[str, Any]:
        """The result of a request; nothing for a notification, which has nothing to tell us."""
        standalone = is_standalone(request.headers.get)
        if asked.id is None:
            if standalone:
                check_version(request.headers.get("Mcp-Protocol-Version"))
            return {}
        if standalone:
            check_standalone(asked, request.headers.get)
        self._check_key(arrival)
        match asked.method:
            case "initialize" if not standalone:
                return initialized(asked.params, ABOUT)
            case "ping" if not standalone:
                return {}
            case "server/discover" if standalone:
                return discovered(ABOUT)
            case "tools/list":
                return listed(self._tools, standalone=standalone)
            case "tools/call":
                return await self._called(asked, arrival, standalone=standalone)
        raise RpcError(NO_METHOD, "there is no such method")

    def _check_key(self, arrival: Arrival) -> None:
        try:
            self._service.check_key(arrival)
        except CallFailed as failed:
            raise _not_allowed(failed.status) from failed

    async def _called(
        self, asked: RpcRequest, arrival: Arrival, *, standalone: bool
    ) -> dict[str, Any]:
        name, arguments = asked.params.get("name"), asked.params.get("arguments") or {}
        offer = OFFERS.get(name) if isinstance(name, str) else None
        if offer is None:
            raise RpcError(BAD_PARAMS, f"there is no such tool; there are: {', '.join(OFFERS)}")
        if not isinstance(arguments, Mapping):
            raise RpcError(BAD_PARAMS, "params.arguments must be an object")
        try:
            text, structured = await self._run(offer, arguments, asked.meta, arrival)
        except CallFailed as failed:
            if failed.status.code.name in KEYLESS:
                raise _not_allowed(failed.status) from failed
            told = error_of_status(failed.status)
            return called(_told(failed.status), told, failed=True, standalone=standalone)
        return called(text, structured, failed=False, standalone=standalone)

    async def _run(
        self, offer: Offer, arguments: Mapping[str, Any], meta: Mapping[str, Any], arrival: Arrival
    ) -> tuple[str, object]:
        """What a model reads of the response, and the response as data."""
        try:
            body = orjson.dumps(offer.request(arguments, meta))
        except InvalidRequest as error:
            raise CallFailed(status_of(error, arrival.metadata.request_id, 0.0)) from error
        message = await self._service.unary(_named(arrival, offer.method), Json(body))
        whole = await self._service.beside(to_json, message)
        return text_of(offer, message, whole), orjson.Fragment(whole)

    async def _replied(
        self, asked: RpcRequest, result: dict[str, Any], arrival: Arrival
    ) -> Response:
        body = orjson.dumps({"jsonrpc": "2.0", "id": asked.id, "result": result})
        return Response(body=body, headers=headers(JSON_TYPE, arrival.metadata.request_id))


def _check_head(request: BaseRequest, max_bytes: int) -> None:
    """Raises Refused.

    Requests with an `Origin` come from a web page. None is served: a page that has got a name of
    its own to lead to this machine (DNS rebinding) could otherwise speak to a gateway without keys.
    """
    check_verb(request, "POST")
    check_size(request, max_bytes)
    if "Origin" in request.headers:
        raise Refused(PermissionDenied("web pages may not call this address"), 403)
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        error = MalformedRequest(f"send {JSON_TYPE}")
        raise Refused(error, 415, (("Accept-Post", JSON_TYPE),))


def _named(arrival: Arrival, method: str) -> Arrival:
    return Arrival(method, arrival.metadata, arrival.arrived_s, arrival.deadline_s)


def _not_allowed(status: Status) -> RpcError:
    number = STATUS_OF_CODE[status.code]
    return RpcError(NOT_ALLOWED, status.message, {"reason": status.reason}, number)


def _told(status: Status) -> str:
    """A failure in words that a model can act on: every broken rule by its field."""
    lines = [f"{status.code.name} {status.reason}: {status.message}"]
    for detail in status.details:
        if isinstance(detail, BadRequest):
            lines += [f"- {v.field}: {v.description}" for v in detail.field_violations]
    return "\n".join(lines)


def _failed(
    error: RpcError, asked: RpcRequest | None, arrival: Arrival, *, standalone: bool
) -> Response:
    id_ = asked.id if asked else None
    body = orjson.dumps({"jsonrpc": "2.0", "id": id_, "error": error_of(error)})
    unread = error.code in (PARSE_ERROR, INVALID_REQUEST)
    by_version = HTTP_STATUS.get(error.code, 200) if standalone or unread else 200
    told = headers(JSON_TYPE, arrival.metadata.request_id)
    number = error.http_status or by_version
    if number == 401:  # noqa: PLR2004 # HTTP asks for it
        told["WWW-Authenticate"] = "Bearer"
    return Response(status=number, body=body, headers=told)
