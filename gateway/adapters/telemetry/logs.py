"""JSON logs, one line an event: who answered what, how long it took, what failed.

Every line of a call carries its request id. Never any text of a message, never a key: foreign
exceptions are told by their kind and place alone, for their texts may quote what was being read.
"""

import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

from gateway.core.current import CURRENT, REFUSALS, CallEnd, CallInProgress
from gateway.core.errors import GatewayError
from gateway.core.model import Answer, Attempt, Call, Caller, Outcome, Served

log = logging.getLogger("gateway.calls")

QUIET = ("aiohttp.access", "asyncio", "grpc", "litellm", "LiteLLM", "opentelemetry")
"""Loggers of libraries; below WARNING they tell what is none of ops' business."""

_EXPECTED = frozenset(
    {Outcome.OK, Outcome.ABANDONED, Outcome.SKIPPED, Outcome.LIMITED, Outcome.DEADLINE}
)

Redact = Callable[[str], str]


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; `extra={"event": {...}}` adds fields.

    `redact` takes keys and personal data out of texts that are not ours alone.
    """

    def __init__(self, redact: Redact = str) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """One line: time, level, logger, message, whose call, the event's fields, a traceback."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._message(record),
        }
        if call := CURRENT.get():
            line["request_id"] = call.request_id
            if call.trace_id:
                line["trace_id"] = call.trace_id
        line |= getattr(record, "event", {})
        if record.exc_info and record.exc_info[1]:
            line["traceback"] = self._redact("\n".join(told(record.exc_info[1])))
        return json.dumps(line, ensure_ascii=False, default=str)

    def _message(self, record: logging.LogRecord) -> str:
        return self._redact(record.getMessage()) if record.args else str(record.msg)


def told(error: BaseException) -> Iterator[str]:
    """An exception and what led to it, causes first: kinds and places, and our own texts."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from told(before)
        yield "then:"
    text = f": {error}" if isinstance(error, GatewayError | OSError) else ""
    yield f"{type(error).__module__}.{type(error).__qualname__}{text}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def set_up(level: str, stream: TextIO | None = None, redact: Redact = str) -> None:
    """Send every log of the process as JSON to `stream`, stderr by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(redact))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    set_level(level)


def set_level(level: str) -> None:
    """Log from this level on, from now on."""
    logging.getLogger().setLevel(level.upper())


class LogObserver:
    """An `Observer` and a `WatchesCalls`: a line for every call, and for every try that failed.

    Failed tries, degraded answers and failed calls at WARNING, answered and refused ones at INFO.
    """

    def begun(self, call: CallInProgress, traceparent: str) -> None:
        """Told at the end."""

    def ended(self, call: CallInProgress, end: CallEnd) -> None:
        """A call is over; those that were answered have their line already."""
        if not end.reason:
            return
        event = {
            "tenant": call.tenant,
            "method": call.method,
            "code": end.code,
            "reason": end.reason,
            "latency_ms": round(end.elapsed_s * 1000, 1),
        }
        refused = end.code in REFUSALS
        log.log(
            logging.INFO if refused else logging.WARNING,
            "refused" if refused else "failed",
            extra={"event": event},
        )

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        """One try ended."""
        if attempt.outcome in _EXPECTED:
            return
        event = {
            "request_id": caller.request_id,
            "tenant": caller.tenant,
            "call": call.value,
            "deployment": attempt.deployment,
            "outcome": attempt.outcome.value,
            "latency_ms": round(attempt.latency_s * 1000, 1),
        }
        log.warning("a try failed", extra={"event": event})

    def answered(self, call: Call, caller: Caller, answer: Answer[Any], served: Served) -> None:
        """A call was answered."""
        level = logging.WARNING if answer.degraded else logging.INFO
        if not log.isEnabledFor(level):
            return
        event = {
            "request_id": caller.request_id,
            "tenant": caller.tenant,
            "call": call.value,
            "route": answer.route,
            "variant": answer.variant,
            "model_version": answer.model_version,
            "config_version": answer.config_version,
            "source": answer.source.value,
            "deployment": answer.deployment,
            "degrade_reason": answer.degrade_reason.value if answer.degrade_reason else "",
            "attempts": len(answer.attempts),
            "latency_ms": round(served.latency_s * 1000, 1),
            "model_latency_ms": round(answer.model_latency_s * 1000, 1),
            "cost_usd_micros": answer.usage.cost_usd_micros,
        }
        log.log(level, "answered", extra={"event": event})
