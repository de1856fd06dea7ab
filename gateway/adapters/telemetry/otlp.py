"""The way to the collector: OTLP over gRPC. Imported only where traces are sent (0.3 s)."""

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

from gateway.adapters.telemetry.span_queue import SpanQueue
from gateway.core.options import TracesOptions


def span_queue(options: TracesOptions) -> SpanQueue:
    """The queue before the collector; not started."""
    exporter = OTLPSpanExporter(
        endpoint=options.endpoint,
        insecure=options.endpoint.startswith("http://"),
        timeout=options.timeout_s,
    )
    return SpanQueue(exporter, options.max_queue)
