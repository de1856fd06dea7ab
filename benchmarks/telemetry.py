"""What telemetry costs a call: CPU of all its hooks, with two attempts and one step in the call.

    python -m benchmarks.telemetry

One process, no network: the exporter throws spans away, as a collector that is not there would.
"""

import asyncio
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from opentelemetry.sdk.trace.export import SpanExportResult
from prometheus_client import generate_latest

from gateway.adapters.telemetry.fan_out import FanOut, Watchers
from gateway.adapters.telemetry.metrics import Metrics
from gateway.adapters.telemetry.span_queue import SpanQueue
from gateway.adapters.telemetry.steps import Step
from gateway.adapters.telemetry.tracing import Tracing
from gateway.core.current import CURRENT, CallEnd, CallInProgress
from gateway.core.model import (
    Answer,
    Attempt,
    Call,
    Caller,
    Deadline,
    Detail,
    Outcome,
    Served,
    Source,
    Usage,
)
from gateway.core.options import Deployment, MetricsOptions, Plan

CALLS, ROUNDS = 20_000, 5
PLAN = Plan(
    version="v1",
    deployments={n: Deployment(name=n, provider="openai", model=n) for n in ("main", "spare")},
    routes=(),
)
TRIES = (
    Attempt("main", Outcome.SERVER_ERROR, 0.2, 1),
    Attempt("spare", Outcome.OK, 0.8, 2, Detail(usage=Usage(900, 100, 80, 0, 450), model="m")),
)
ANSWER: Answer[Any] = Answer(value=None, source=Source.MODEL, route="chat", attempts=TRIES)
SERVED = Served(request=None, knowledge_base="", latency_s=1.0)
WHO = Caller(request_id="r", deadline=Deadline(0.0), tenant="acme")
STEP = Step("cache", "get", "miss", 0.0001)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Nowhere:
    def export(self, spans: Sequence[Any]) -> SpanExportResult:  # noqa: ARG002 # the exporters' shape
        return SpanExportResult.FAILURE

    def shutdown(self) -> None: ...


def one_call(hearers: Sequence[Any], traceparent: str) -> None:
    watch, observer = Watchers(hearers), FanOut(hearers)
    call = CallInProgress("Chat", "r", "acme")
    CURRENT.set(call)
    watch.begun(call, traceparent)
    for hearer in hearers:
        hearer.stepped(STEP)
    for attempt in TRIES:
        observer.attempted(Call.CHAT, WHO, attempt)
    observer.answered(Call.CHAT, WHO, ANSWER, SERVED)
    watch.ended(call, CallEnd("OK", "", 1.001))


def cost_us(hearers: Sequence[Any], traceparent: str = "") -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(CALLS):
            one_call(hearers, traceparent)
        rounds.append((time.process_time() - began) / CALLS * 1e6)
    return median(rounds)


async def lag_ms(metrics: Metrics) -> tuple[float, float]:
    """How long a scrape takes, and the longest the loop was held up by it."""
    worst, done = 0.0, asyncio.Event()

    async def tick() -> None:
        nonlocal worst
        while not done.is_set():
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            worst = max(worst, time.perf_counter() - began - 0.001)

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    await asyncio.to_thread(generate_latest, metrics.registry)
    took = time.perf_counter() - began
    done.set()
    await ticking
    return took * 1e3, worst * 1e3


def main() -> None:
    plan = lambda: PLAN  # noqa: E731
    metrics = Metrics(MetricsOptions(), plan)
    queue = SpanQueue(Nowhere(), 2048)
    queue.start()
    never, always = (Tracing(queue, ratio, plan, {}) for ratio in (0.0, 1.0))
    print(f"nothing on:            {cost_us([]):6.1f} us a call")
    print(f"metrics:               {cost_us([metrics]):6.1f} us a call")
    print(f"metrics, unsampled:    {cost_us([metrics, never]):6.1f} us a call")
    print(f"metrics, sampled:      {cost_us([metrics, always], PARENT):6.1f} us a call (4 spans)")
    queue.close()
    for tenant in range(60):
        for code in ("OK", "INTERNAL"):
            call = CallInProgress("Chat", "r", f"t{tenant}")
            metrics.ended(call, CallEnd(code, "" if code == "OK" else code, 0.1))
    took, worst = asyncio.run(lag_ms(metrics))
    print(f"a scrape:              {took:6.1f} ms in a thread, the loop held up {worst:.1f} ms")


if __name__ == "__main__":
    main()
