"""A collector that is dead or slow costs no call anything."""

import threading
from collections.abc import Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from gateway.adapters.telemetry.span_queue import BATCH, SpanQueue

SPAN = ReadableSpan("s")


class Exporter:
    """Takes what comes once `open` is set, and ends as told."""

    def __init__(self, result: SpanExportResult = SpanExportResult.SUCCESS) -> None:
        self.result, self.open, self.called = result, threading.Event(), threading.Event()
        self.batches: list[int] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.called.set()
        self.open.wait(20)
        self.batches.append(len(spans))
        return self.result

    def shutdown(self) -> None:
        self.open.set()


def test_what_is_put_is_sent_in_batches() -> None:
    exporter = Exporter()
    exporter.open.set()
    queue = SpanQueue(exporter, 4 * BATCH)
    for _ in range(2 * BATCH + 3):
        queue.put(SPAN)
    queue.start()
    queue.close()
    assert exporter.batches == [BATCH, BATCH, 3]
    assert (queue.sent, queue.dropped, queue.waiting) == (2 * BATCH + 3, 0, 0)


def test_a_collector_that_hangs_fills_the_queue_and_the_rest_is_dropped_and_counted() -> None:
    exporter = Exporter()
    queue = SpanQueue(exporter, 16)
    queue.start()
    queue.put(SPAN)
    assert exporter.called.wait(20)
    for _ in range(100):
        queue.put(SPAN)
    assert queue.waiting <= 16
    assert queue.dropped >= 100 - 16
    exporter.open.set()
    queue.close()


def test_what_the_collector_refuses_is_counted_as_dropped() -> None:
    exporter = Exporter(SpanExportResult.FAILURE)
    exporter.open.set()
    queue = SpanQueue(exporter, 16)
    queue.put(SPAN)
    queue.start()
    queue.close()
    assert (queue.sent, queue.dropped) == (0, 1)


def test_an_exporter_that_raises_does_not_end_the_thread() -> None:
    class Raising(Exporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            self.batches.append(len(spans))
            raise RuntimeError

    exporter = Raising()
    queue = SpanQueue(exporter, 2 * BATCH)
    for _ in range(BATCH + 1):
        queue.put(SPAN)
    queue.start()
    queue.close()
    assert exporter.batches == [BATCH, 1]
    assert queue.dropped == BATCH + 1
