"""The call that the running task is at, for what stands beside the walk: logs, metrics, traces.

A context variable, so that nobody has to hand it through; tasks begun for a call inherit it. The
walk decides nothing by it.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.core.model import Answer
from gateway.core.record import record

OTHER_METHOD = "_OTHER"
"""Name of every method that is not offered (OpenTelemetry's word): callers make no names."""


REFUSALS = frozenset(
    {
        "CANCELLED",
        "INVALID_ARGUMENT",
        "NOT_FOUND",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "UNAUTHENTICATED",
        "UNIMPLEMENTED",
    }
)
"""Codes that are the caller's doing; all others but OK are the gateway's failures."""


@dataclass(slots=True)
class CallInProgress:
    """What may be said of a call: never its texts.

    `tenant` is empty until its key is known, `answer` until it is answered. `tools_s`: seconds
    spent waiting for tools. `trace_id`: in hex, of a call that is traced; `trace` belongs to
    whoever traces.
    """

    method: str
    request_id: str
    tenant: str = ""
    answer: Answer[Any] | None = None
    tools_s: float = 0.0
    trace_id: str = ""
    trace: Any = None


@record(frozen=True, slots=True)
class CallEnd:
    """How a call ended. `code`: name of its gRPC status; `reason`: of its error, empty when OK."""

    code: str
    reason: str
    elapsed_s: float


class WatchesCalls(Protocol):
    """Hears of every call at the door, answered, refused or failed. Must not raise or block."""

    def begun(self, call: CallInProgress, traceparent: str) -> None:
        """A call arrived; `traceparent` is valid or empty."""
        ...

    def ended(self, call: CallInProgress, end: CallEnd) -> None:
        """It is over."""
        ...


class Unwatched:
    """The watcher of a service without telemetry."""

    def begun(self, call: CallInProgress, traceparent: str) -> None:
        """Nobody is told."""

    def ended(self, call: CallInProgress, end: CallEnd) -> None:
        """Nobody is told."""


CURRENT: ContextVar[CallInProgress | None] = ContextVar("call", default=None)
"""The call of the running task; None outside of calls."""


def tenant_known(tenant: str) -> None:
    """Note whose call it is, as soon as that is known."""
    if call := CURRENT.get():
        call.tenant = tenant
