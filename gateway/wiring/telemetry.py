"""Metrics, traces and health of a process, as far as its configuration asks for them."""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gateway import __version__
from gateway.adapters.telemetry.fan_out import Watchers
from gateway.adapters.telemetry.logs import LogObserver, set_level
from gateway.adapters.telemetry.probes import Probes, listening, port_of
from gateway.adapters.telemetry.steps import WatchedCache, WatchedRunner, WatchedTools
from gateway.config import Config
from gateway.core.current import WatchesCalls
from gateway.core.ports import CacheStore, Observer, PlanNow, RulesRunner, ToolRunner
from gateway.core.readings import Reading, Readings
from gateway.wiring.late import LatePort
from gateway.wiring.readings import TEXTS

if TYPE_CHECKING:
    from gateway.adapters.telemetry.endpoint import Endpoint
    from gateway.adapters.telemetry.metrics import Metrics
    from gateway.adapters.telemetry.span_queue import SpanQueue
    from gateway.adapters.telemetry.tracing import Tracing

SERVICE_NAME = "erp-gateway"
STARTED_S = time.time()
"""When this process began, in wall seconds."""


class Telemetry:
    """What hears of calls: the log, and where a port or a collector is configured, more."""

    def __init__(self, config: Config, plan: PlanNow) -> None:
        self._config = config
        self._logs = LogObserver()
        self._lag: asyncio.Task[None] | None = None
        self._late = LatePort()
        self._listener: asyncio.Server | None = None
        self._endpoint: Endpoint | None = None
        self._spans: SpanQueue | None = None
        self.metrics = self._metrics(plan) if config.metrics.listen else None
        tracing = self._tracing(plan) if config.traces.endpoint else None
        self._hearers: list[Metrics | Tracing] = [
            hearer for hearer in (self.metrics, tracing) if hearer is not None
        ]

    def observers(self) -> Sequence[Observer]:
        """Observers for the engine."""
        return [self._logs, *self._hearers]

    def watch(self) -> WatchesCalls:
        """A watcher for the doors."""
        return Watchers([self._logs, *self._hearers])

    def cache(self, cache: CacheStore) -> CacheStore:
        """The cache, watched."""
        return WatchedCache(cache, self._hearers) if self._hearers else cache

    def runner(self, runner: RulesRunner) -> RulesRunner:
        """The rules' processes, watched."""
        return WatchedRunner(runner, self._hearers) if self._hearers else runner

    def tools(self, tools: ToolRunner) -> ToolRunner:
        """The tools, watched."""
        return WatchedTools(tools, self._hearers) if self._hearers else tools

    def apply(self, config: Config) -> None:
        """Take over what may change while the process runs: the log's level."""
        set_level(config.log.level.value)

    @property
    def port(self) -> int:
        """Port of metrics and health; 0 where there is none."""
        return port_of(self._listener)

    async def start(self, methods: Sequence[str]) -> None:
        """Open the port and begin to send; raises OSError when the address cannot be had."""
        if self._spans:
            self._spans.start()
        if self.metrics:
            self.metrics.expect(methods)
            self._listener = await listening(self._late, self._config.metrics.listen)

    async def serve(self, readings: Sequence[Readings], probes: Probes) -> None:
        """Answer on the port; those who came before have waited."""
        if self.metrics is None or self._listener is None:
            return
        await asyncio.to_thread(_load_endpoint)
        from gateway.adapters.telemetry.endpoint import Endpoint  # noqa: PLC0415 # has loaded now
        from gateway.adapters.telemetry.exposition import Exposition  # noqa: PLC0415
        from gateway.adapters.telemetry.lag import measure_lag  # noqa: PLC0415

        exposition = Exposition(self.metrics.registry, [self._own, *readings], TEXTS)
        self._endpoint = Endpoint(self._config.metrics.listen, exposition, probes)
        self._late.serve(self._endpoint.adopt(self._listener))
        self._lag = asyncio.create_task(measure_lag(self.metrics.registry))

    async def close(self) -> None:
        """Close the port; send what is left, for 2 s at most."""
        if self._lag:
            self._lag.cancel()
        if self._endpoint:
            await self._endpoint.close()
        elif self._listener:
            self._listener.close()
            self._late.close()
        if self._spans:
            await asyncio.to_thread(self._spans.close)

    def _own(self) -> Sequence[Reading]:
        spans, labels = self._spans, {"signal": "spans"}
        return (
            Reading("erp_gateway_build_info", 1, {"version": __version__}),
            Reading("erp_gateway_start_time_seconds", STARTED_S),
            Reading("erp_gateway_telemetry_dropped_total", spans.dropped if spans else 0, labels),
            Reading("erp_gateway_telemetry_waiting", spans.waiting if spans else 0, labels),
        )

    def _metrics(self, plan: PlanNow) -> "Metrics":
        # measured: prometheus_client takes 10 ms to load, and not everyone has the port
        from gateway.adapters.telemetry.metrics import Metrics  # noqa: PLC0415

        return Metrics(self._config.metrics, plan)

    def _tracing(self, plan: PlanNow) -> "Tracing":
        # loading OpenTelemetry takes 0.3 s, so only who traces pays for it
        from gateway.adapters.telemetry.otlp import span_queue  # noqa: PLC0415
        from gateway.adapters.telemetry.tracing import Tracing  # noqa: PLC0415

        traces = self._config.traces
        self._spans = span_queue(traces)
        resource = {"service.name": SERVICE_NAME, "service.version": __version__}
        return Tracing(self._spans, traces.sample_ratio, plan, resource)


def _load_endpoint() -> None:
    # measured: 0.1 s of CPU for aiohttp, a sixth of a start
    import gateway.adapters.telemetry.endpoint  # noqa: F401, PLC0415
