"""The calls as MCP tools, at one path of the HTTP door: stateless, JSON in and JSON out.

Every tool call goes through the service like a call of any other door: the same keys, limits,
checks, errors and trail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from aiohttp.web import BaseRequest, Response
from google.rpc.error_details_pb2 import BadRequest
from grpc import StatusCode

from gateway import __version__
from gateway.api.connect_protocol import HTTP_STATUS as STATUS_OF_CODE
from gateway.api.connect_protocol import error_of_status
from gateway.api.decoding import OFF_LOOP_JSON_BYTES, Json
from gateway.api.error_table import status_of
from gateway.api.errors import MalformedRequest
from gateway.api.http_body import Bodies
from gateway.api.http_call import Refused, check_size, check_verb, metadata
from gateway.api.http_options import HttpOptions
from gateway.api.http_peer import HttpPeer
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
    VERSION_HEADER,
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

    async def handle(self, request: BaseRequest) -> Response:
        """Answer one request, whatever it is."""
        arrival = self._service.arrive("mcp", metadata(request), None, HttpPeer(request))
        standalone = is_standalone(request.headers.get)
        asked: RpcRequest | None = None
        try:
            _check_head(request, self._options.max_metadata_bytes)
            offers = self._permitted(arrival)  # before a byte of the body is read
            asked = request_of(await self._decoded(await self._bodies.read(request)))
            if standalone:
                _check_standalone(asked, request)
            if asked.id is None:  # a notification: there is nothing it could tell us
                return Response(status=202, headers=headers(JSON_TYPE, _id(arrival)))
            result = await self._answered(asked, offers, arrival, standalone=standalone)
        except Refused as refused:
            status = status_of(refused.error, _id(arrival), 0.0)
            return failure(status, refused.http_status, refused.headers)
        except RpcError as error:
            return _failed(error, asked, arrival, standalone=standalone)
        body = orjson.dumps({"jsonrpc": "2.0", "id": asked.id, "result": result})
        return Response(body=body, headers=headers(JSON_TYPE, _id(arrival)))

    def _permitted(self, arrival: Arrival) -> list[Offer]:
        """The tools that the caller's key may call. Raises RpcError where that is none."""
        offers: list[Offer] = []
        denied: CallFailed | None = None
        for offer in OFFERS.values():
            try:
                self._service.identified(replace(arrival, method=offer.method))
            except CallFailed as failed:
                if failed.status.code is not StatusCode.PERMISSION_DENIED:
                    raise _not_allowed(failed.status) from failed
                denied = failed
            else:
                offers.append(offer)
        if denied is not None and not offers:
            raise _not_allowed(denied.status) from denied
        return offers

    async def _decoded(self, body: bytes) -> object:
        try:
            if len(body) > OFF_LOOP_JSON_BYTES:
                return await self._service.beside(orjson.loads, body)
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise RpcError(PARSE_ERROR, "the body is no JSON") from error

    async def _answered(
        self, asked: RpcRequest, offers: Sequence[Offer], arrival: Arrival, *, standalone: bool
    ) -> dict[str, Any]:
        match asked.method:
            case "initialize" if not standalone:
                return initialized(asked.params, ABOUT)
            case "ping" if not standalone:
                return {}
            case "server/discover" if standalone:
                return discovered(ABOUT)
            case "tools/list":
                return listed([offer.listed() for offer in offers], standalone=standalone)
            case "tools/call":
                return await self._called(asked, arrival, standalone=standalone)
        raise RpcError(NO_METHOD, "there is no such method")

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
            body = await self._service.beside(_encoded, offer, arguments, meta)
        except InvalidRequest as error:
            raise CallFailed(status_of(error, _id(arrival), 0.0)) from error
        message = await self._service.unary(replace(arrival, method=offer.method), Json(body))
        whole = await self._service.beside(to_json, message)
        return text_of(offer, message, whole), orjson.Fragment(whole)


def _encoded(offer: Offer, arguments: Mapping[str, Any], meta: Mapping[str, Any]) -> bytes:
    return orjson.dumps(offer.request(arguments, meta))


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


def _check_standalone(asked: RpcRequest, request: BaseRequest) -> None:
    if asked.id is None:
        check_version(request.headers.get(VERSION_HEADER))
    else:
        check_standalone(asked, request.headers.get)


def _id(arrival: Arrival) -> str:
    return arrival.metadata.request_id


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
    told = headers(JSON_TYPE, _id(arrival))
    number = error.http_status or by_version
    if number == 401:  # noqa: PLR2004 # HTTP asks for it
        told["WWW-Authenticate"] = "Bearer"
    return Response(status=number, body=body, headers=told)
