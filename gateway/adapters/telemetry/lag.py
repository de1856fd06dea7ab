"""How late the event loop runs what is due: the first sign of too much work in one process."""

import asyncio

from prometheus_client import CollectorRegistry, Histogram

EVERY_S = 0.5
BUCKETS_S = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


async def measure_lag(registry: CollectorRegistry) -> None:
    """Measure until cancelled, twice a second."""
    lag = Histogram(
        "erp_gateway_event_loop_lag_seconds",
        "How late the event loop runs what is due.",
        buckets=BUCKETS_S,
        registry=registry,
    )
    loop = asyncio.get_running_loop()
    while True:
        due_s = loop.time() + EVERY_S
        await asyncio.sleep(EVERY_S)
        lag.observe(max(0.0, loop.time() - due_s))
