"""Health and reflection beside our own service, with our status for malformed bytes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from gateway.api.decoding import decoded
from gateway.api.error_table import status_of
from gateway.api.errors import MalformedRequest
from gateway.api.grpc_handlers import fail
from gateway.api.grpc_types import Context, Handler
from gateway.api.methods import SERVICE
from gateway.core.errors import Draining, NotFound

M = TypeVar("M", bound=Message)

HEALTH_SERVICE = health.SERVICE_NAME
# grpcurl and others ask for v1 first; its messages are those of v1alpha
REFLECTION_SERVICES = ("grpc.reflection.v1.ServerReflection", reflection.SERVICE_NAME)

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class Health:
    """grpc.health.v1 for the whole server ("") and each service by name.

    Not grpcio's own servicer: that one has no `List`, answers it with a Python error's name, and
    holds a stopping server back for as long as anyone watches.
    """

    def __init__(self, services: Sequence[str] = ("", SERVICE)) -> None:
        self._services = frozenset(services)
        self._status = NOT_SERVING
        self._closed = False
        self._changed = asyncio.Event()

    def serve(self) -> None:
        """SERVING from now on."""
        self._set(SERVING)

    def drain(self) -> None:
        """NOT_SERVING from now on."""
        self._set(NOT_SERVING)

    def close(self) -> None:
        """End every watch, so that the server can stop."""
        self._closed = True
        self._set(NOT_SERVING)

    def _set(self, status: "health_pb2.HealthCheckResponse.ServingStatus") -> None:
        self._status = status
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def check(
        self, request: health_pb2.HealthCheckRequest, context: Context
    ) -> health_pb2.HealthCheckResponse:
        """The state of one service; NOT_FOUND for an unknown one, as the protocol asks."""
        if request.service not in self._services:
            await fail(context, status_of(NotFound("there is no such service"), "", 0.0))
        return health_pb2.HealthCheckResponse(status=self._status)

    async def list(
        self, _request: health_pb2.HealthListRequest, _context: Context
    ) -> health_pb2.HealthListResponse:
        """Every service and its state."""
        state = health_pb2.HealthCheckResponse(status=self._status)
        return health_pb2.HealthListResponse(statuses=dict.fromkeys(self._services, state))

    async def watch(self, request: health_pb2.HealthCheckRequest, context: Context) -> None:
        """The state of one service now and whenever it changes; SERVICE_UNKNOWN for others."""
        told = None
        while not self._closed:
            changed = self._changed
            status = self._status if request.service in self._services else SERVICE_UNKNOWN
            if status != told:
                told = status
                response = health_pb2.HealthCheckResponse(status=status)
                await context.write(response.SerializeToString())
            await changed.wait()
        await fail(context, status_of(Draining("this server is going away"), "", 0.5))

    def handler(self) -> grpc.GenericRpcHandler:
        """As handlers that take raw bytes."""
        return grpc.method_handlers_generic_handler(
            HEALTH_SERVICE,
            {
                "Check": _unary(self.check, health_pb2.HealthCheckRequest),
                "List": _unary(self.list, health_pb2.HealthListRequest),
                "Watch": _stream(self.watch, health_pb2.HealthCheckRequest),
            },
        )


def reflection_handlers() -> Sequence[grpc.GenericRpcHandler]:
    """Server reflection. Malformed bytes get the protocol's own in-stream INVALID_ARGUMENT."""
    servicer = reflection.aio.ReflectionServicer((SERVICE, HEALTH_SERVICE, *REFLECTION_SERVICES))
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=_reflection_request,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return [
        grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": handler})
        for name in REFLECTION_SERVICES
    ]


def _reflection_request(request: bytes) -> reflection_pb2.ServerReflectionRequest:
    try:
        return reflection_pb2.ServerReflectionRequest.FromString(request)
    except DecodeError:
        return reflection_pb2.ServerReflectionRequest()  # asks nothing: answered as invalid


def _unary(behavior: Callable[[M, Context], Awaitable[Message]], kind: type[M]) -> Handler:
    async def handle(request: bytes, context: Context) -> bytes:
        response = await behavior(await _decoded(request, kind, context), context)
        return response.SerializeToString()

    return grpc.unary_unary_rpc_method_handler(handle)


def _stream(behavior: Callable[[M, Context], Awaitable[None]], kind: type[M]) -> Handler:
    async def handle(request: bytes, context: Context) -> None:
        await behavior(await _decoded(request, kind, context), context)

    return grpc.unary_stream_rpc_method_handler(handle)


async def _decoded(request: bytes, kind: type[M], context: Context) -> M:
    try:
        return decoded(kind, request)
    except MalformedRequest as error:
        await fail(context, status_of(error, "", 0.0))
