"""JSON logs, one line an event: who answered what, how long it took, what failed.

Never any text of a message, never a key.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

from gateway.core.model import Answer, Attempt, Call, Caller, Outcome, Served

log = logging.getLogger("gateway.calls")

_EXPECTED = frozenset(
    {Outcome.OK, Outcome.ABANDONED, Outcome.SKIPPED, Outcome.LIMITED, Outcome.DEADLINE}
)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; `extra={"event": {...}}` adds fields."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: time, level, logger, message, the event's fields, and a traceback if any."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "event", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(level: str, stream: TextIO | None = None) -> None:
    """Send every log of the process as JSON to `stream`, stderr by default."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())


class LogObserver:
    """An `Observer` that logs failed tries and degraded answers at WARNING, all others at INFO."""

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
            "source": answer.source.value,
            "deployment": answer.deployment,
            "degrade_reason": answer.degrade_reason.value if answer.degrade_reason else "",
            "attempts": len(answer.attempts),
            "latency_ms": round(served.latency_s * 1000, 1),
            "model_latency_ms": round(answer.model_latency_s * 1000, 1),
            "cost_usd_micros": answer.usage.cost_usd_micros,
        }
        log.log(level, "answered", extra={"event": event})
