"""A collector of traces: the OTLP service over gRPC, keeping what comes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector(TraceServiceServicer):
    """`spans` in the order of their coming; `raw` is all that came, as sent."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.raw = b""
        self.port = 0

    async def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 # the contract's name
        self.raw += request.SerializeToString()
        for of_resource in request.resource_spans:
            for of_scope in of_resource.scope_spans:
                self.spans += of_scope.spans
        return pb.ExportTraceServiceResponse()

    async def until(self, holds: Callable[[list[Span]], bool]) -> list[Span]:
        """Wait for spans, at most 20 s; there is no event that tells."""
        async with asyncio.timeout(20):
            while not holds(self.spans):
                await asyncio.sleep(0.05)
        return self.spans


def attributes(span: Span) -> dict[str, Any]:
    """The span's attributes as Python values."""
    return {a.key: getattr(a.value, a.value.WhichOneof("value") or "") for a in span.attributes}


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    collector, server = Collector(), grpc.aio.server()
    add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call] # no hints
    collector.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield collector
    finally:
        await server.stop(None)
