"""Health and reflection beside our own service, with our status for malformed bytes."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from gateway.api.error_table import status_of
from gateway.api.errors import MalformedRequest
from gateway.api.grpc_handlers import Context, Handler, fail
from gateway.api.methods import SERVICE
from gateway.api.service import decoded

M = TypeVar("M", bound=Message)

HEALTH_SERVICE = health.SERVICE_NAME
# grpcurl and others ask for v1 first; its messages are those of v1alpha
REFLECTION_SERVICES = ("grpc.reflection.v1.ServerReflection", reflection.SERVICE_NAME)

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Health(health.aio.HealthServicer):  # type: ignore[misc] # ships no types
    """grpc.health.v1 for the whole server ("") and each service by name."""

    async def start(self) -> None:
        """Serve from now on."""
        for name in ("", SERVICE):
            await self.set(name, SERVING)

    async def List(  # noqa: N802 # the proto's name
        self, _request: health_pb2.HealthListRequest, _context: Context
    ) -> health_pb2.HealthListResponse:
        """Every service and its state."""
        return health_pb2.HealthListResponse(
            statuses={
                name: health_pb2.HealthCheckResponse(status=status)
                for name, status in self._server_status.items()
            }
        )

    def handler(self) -> grpc.GenericRpcHandler:
        """As handlers that take raw bytes."""
        return grpc.method_handlers_generic_handler(
            HEALTH_SERVICE,
            {
                "Check": _unary(self.Check, health_pb2.HealthCheckRequest),
                "List": _unary(self.List, health_pb2.HealthListRequest),
                "Watch": _stream(self.Watch, health_pb2.HealthCheckRequest),
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

    return grpc.unary_stream_rpc_method_handler(
        handle, response_serializer=health_pb2.HealthCheckResponse.SerializeToString
    )


async def _decoded(request: bytes, kind: type[M], context: Context) -> M:
    try:
        return decoded(kind, request)
    except MalformedRequest as error:
        await fail(context, status_of(error, "", 0.0))
