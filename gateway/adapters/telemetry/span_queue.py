"""Spans on their way to the collector: a bounded queue and one thread that sends.

The SDK's own batch processor writes a warning for every span it drops and does not count them in
any way that can be read; this one counts, and a dead collector costs the calls nothing.
"""

import logging
import threading
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

BATCH = 512
"""Spans in one message."""
EVERY_S = 1.0
"""How long a span waits for others."""
LAST_WORDS_S = 2.0
"""At a stop: how long what is left may take."""

log = logging.getLogger(__name__)


class Exports(Protocol):
    """The SDK's exporter."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send them, however long that takes."""
        ...

    def shutdown(self) -> None:
        """Give up what is being sent."""
        ...


class SpanQueue:
    """Takes spans from the event loop, in a microsecond. `start` before, `close` after."""

    def __init__(self, exporter: Exports, most: int) -> None:
        self._exporter = exporter
        self._waiting: deque[ReadableSpan] = deque()
        self._most = most
        self._wake = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="spans", daemon=True)
        self.dropped = 0
        self.sent = 0

    def __repr__(self) -> str:
        return f"SpanQueue(waiting={len(self._waiting)}, sent={self.sent}, dropped={self.dropped})"

    @property
    def waiting(self) -> int:
        """Spans in the queue."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, span: ReadableSpan) -> None:
        """Send it soon; dropped and counted when the queue is full."""
        if len(self._waiting) >= self._most:
            self.dropped += 1
            return
        self._waiting.append(span)
        if len(self._waiting) >= BATCH:
            self._wake.set()

    def close(self) -> None:
        """Send what is left, for LAST_WORDS_S at most; blocks so long."""
        self._closing = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(LAST_WORDS_S)
        self._exporter.shutdown()

    def _work(self) -> None:
        while not (self._closing and not self._waiting):
            if not self._closing:
                self._wake.wait(EVERY_S)
            self._wake.clear()
            if self._waiting:
                self._send()

    def _send(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        try:
            result = self._exporter.export(batch)
        except Exception:
            log.exception("the exporter of spans failed")
            result = SpanExportResult.FAILURE
        if result is SpanExportResult.SUCCESS:
            self.sent += len(batch)
        else:
            self.dropped += len(batch)
