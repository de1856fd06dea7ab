"""The service as gRPC handlers: bytes in, bytes out, every failure as a documented status.

Handlers take raw bytes, since grpc.aio answers UNKNOWN with type names when a deserializer fails.
They read their request themselves: grpc.aio's own reading of a single request never ends a call
whose caller closes without having sent one. There are no interceptors: an empty one costs about
0.08 ms a call.
"""

import asyncio
from dataclasses import dataclass
from typing import NoReturn, cast

import grpc

from gateway.api.error_table import status_of
from gateway.api.errors import MalformedRequest, NotOffered
from gateway.api.grpc_peer import GrpcPeer
from gateway.api.grpc_types import Context, Handler
from gateway.api.grpc_writing import Writing
from gateway.api.metadata import REQUEST_ID
from gateway.api.methods import SERVICE
from gateway.api.service import Arrival, Service
from gateway.api.status import CallFailed, Status
from gateway.api.traffic import Traffic

PUSHBACK = "grpc-retry-pushback-ms"
DETAILS = "grpc-status-details-bin"

Metadata = tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True, slots=True)
class Serving:
    """What all handlers of a door share. `message_s`: the longest wait for a call's message."""

    service: Service
    traffic: Traffic
    message_s: float


def service_handler(serving: Serving) -> grpc.GenericRpcHandler:
    """Every call of the contract."""
    service = serving.service
    handlers = {
        **{name: unary_handler(serving, name) for name in service.unary_names},
        **{name: stream_handler(serving, name) for name in service.stream_names},
    }
    return grpc.method_handlers_generic_handler(SERVICE, handlers)


def unary_handler(serving: Serving, method: str) -> Handler:
    """One unary call."""
    service, traffic = serving.service, serving.traffic

    async def handle(_requests: object, context: Context) -> bytes:
        traffic.began(context)
        arrival = _arrival(service, method, context)
        try:
            response = await service.unary(arrival, await _request(serving, arrival, context))
        except CallFailed as failed:
            await fail(context, failed.status)
        return response.SerializeToString()

    return grpc.stream_unary_rpc_method_handler(handle)


def stream_handler(serving: Serving, method: str) -> Handler:
    """One server-streaming call.

    Initial metadata goes with the first message, never before: until then both sides can retry.
    """
    service, traffic = serving.service, serving.traffic

    async def handle(_requests: object, context: Context) -> None:
        traffic.began(context)
        arrival = _arrival(service, method, context)
        writing = Writing(context.write)
        try:
            request = await _request(serving, arrival, context)
            await service.stream(arrival, request, writing)
        except CallFailed as failed:
            await fail(context, failed.status)
        finally:
            writing.close()

    return grpc.stream_stream_rpc_method_handler(handle)


async def _request(serving: Serving, arrival: Arrival, context: Context) -> bytes:
    """The call's one message; raises CallFailed when the caller does not send it.

    Until it is there nobody is asked for a key, and no gate counts the call: so it has its time.
    """
    try:
        async with asyncio.timeout(serving.message_s):
            request = await context.read()
    except TimeoutError:
        error = MalformedRequest(f"no message came within {serving.message_s:g} s; send one")
    else:
        if request is not grpc.aio.EOF:
            return cast("bytes", request)
        error = MalformedRequest("the call ended without a message; send one")
    raise CallFailed(status_of(error, arrival.metadata.request_id, 0.0))


def _arrival(service: Service, method: str, context: Context) -> Arrival:
    # time_remaining follows the wall clock: read once, kept on the loop's clock from here on
    sent_s = cast("float | None", context.time_remaining())  # None without a deadline
    timeout_s = None if sent_s is None else unrounded(sent_s)
    sent = context.invocation_metadata() or ()
    arrival = service.arrive(method, sent, timeout_s, GrpcPeer(context))
    context.set_trailing_metadata(((REQUEST_ID, arrival.metadata.request_id),))
    return arrival


def unrounded(timeout_s: float) -> float:
    """What of a received timeout the caller will surely wait.

    gRPC's C core (Python, PHP, C++, Ruby) rounds the timeout it sends up to 1, 10, 100 or 1,000 ms,
    by size (src/core/lib/transport/timeout_encoding.cc). The caller hangs up at the unrounded one,
    so the last step is not ours: of 30 s it is twice the reserve of the rules.
    """
    for below_s, step_s in _ROUNDING:
        if timeout_s < below_s:
            return max(0.0, timeout_s - step_s)
    return timeout_s


_ROUNDING = ((1.0, 0.001), (10.0, 0.01), (100.0, 0.1), (1_000.0, 1.0))


async def fail(context: Context, status: Status) -> NoReturn:
    """End the call with a status; raises grpc's own AbortError."""
    await context.abort(status.code, status.message, trailers(status))


def trailers(status: Status) -> Metadata:
    """The trailing metadata of a failed call."""
    pairs: list[tuple[str, str | bytes]] = [(DETAILS, status.rpc().SerializeToString())]
    if status.request_id:
        pairs.append((REQUEST_ID, status.request_id))
    if status.pushback_ms is not None:
        pairs.append((PUSHBACK, str(status.pushback_ms)))
    return tuple(pairs)


class UnknownMethods(grpc.GenericRpcHandler):
    """Comes last: every method that no other handler knows."""

    def service(
        self,
        handler_call_details: grpc.HandlerCallDetails,  # noqa: ARG002 # grpc's signature
    ) -> Handler:
        """A handler that refuses, typed as our other errors are."""
        return _REFUSING


async def _refuse(_requests: object, context: Context) -> None:
    await fail(context, status_of(NotOffered("there is no such method"), "", 0.0))


_REFUSING: Handler = grpc.stream_stream_rpc_method_handler(_refuse)
