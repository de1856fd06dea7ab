"""What is told to ops: metrics, traces, logs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le

from gateway.core.options.bounds import Positive


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsOptions:
    """Prometheus metrics and health, on a port of their own; explained in docs/operations.md."""

    listen: str = ""
    """Address and port of `/metrics`, `/livez`, `/readyz` and `/startupz`; empty: none. For the
    inner network only, since it asks for no key. Default empty; takes effect at the next start."""
    tenants: tuple[str, ...] = ()
    """Tenants that always have figures of their own."""
    max_tenants: Annotated[int, Ge(0), Le(1000)] = 50
    """So many further ones have them, too, in the order of their first call; the rest are counted
    together as `other`. Default 50."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesOptions:
    """OpenTelemetry traces, sent over OTLP (gRPC). Never with a text of a message.

    Headers, such as a vendor's key, come from the environment: OTEL_EXPORTER_OTLP_HEADERS.
    """

    endpoint: str = ""
    """The collector's address, such as `http://collector:4317`; empty: no traces. `https://` uses
    TLS. Default empty; takes effect at the next start."""
    sample_ratio: Annotated[float, Ge(0), Le(1)] = 0.05
    """Share of calls that are traced when the caller has not decided; whoever sends a traceparent
    decides by its flag. Default 0.05: a traced call costs about 0.03 ms more."""
    max_queue: Annotated[int, Ge(16), Le(65_536)] = 2048
    """Spans that wait for the collector; more are dropped and counted. Default 2,048."""
    timeout_s: Positive = 5.0
    """Longest wait for the collector, in a thread that no call waits for. Default 5 s."""


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogOptions:
    """The log on standard error: one line of JSON an event, never with a text of a message."""

    level: LogLevel = LogLevel.INFO
    """The least that is logged; `info` holds a line for every call, `warning` only failed tries,
    degraded answers and worse. `--log-level` at the start overrides it. Default info."""
