"""Which store counts for limits: one Redis for all processes, or each process for itself."""

import logging
import time
from typing import TYPE_CHECKING

from gateway.adapters.memory_limits import MemoryLimits
from gateway.config import Config
from gateway.core.limits.falling_back import FallingBackLimits, SharedOut
from gateway.core.limits.ports import LimitStore
from gateway.core.options import Plan
from gateway.workers import worker

if TYPE_CHECKING:
    from gateway.adapters.redis import RedisLink

log = logging.getLogger(__name__)


def limit_store(config: Config, link: "RedisLink | None") -> LimitStore:
    """The store behind limits, for a process that may be one of several."""
    processes = config.plan.limits.processes or worker.crew_size()
    own = MemoryLimits(time.monotonic)
    if link is not None:
        # here, for the import takes 0.1 s, and most gateways run without Redis
        from gateway.adapters.redis import RedisLimits  # noqa: PLC0415

        return FallingBackLimits(RedisLimits(link), own, 1 / processes, time.monotonic)
    if processes == 1:
        return own
    if has_limits(config.plan):
        log.warning(
            "without Redis each of %d processes enforces its part of every limit: a caller that "
            "stays at one process gets no more than that",
            processes,
        )
    return SharedOut(own, 1 / processes)


def has_limits(plan: Plan) -> bool:
    """Whether anything is limited at all."""
    tenants = (plan.limits.each_tenant, *plan.limits.tenants.values())
    routes = (route.limits for route in plan.routes)
    deployments = (deployment.limits for deployment in plan.deployments.values())
    return any(options.given for options in (*tenants, *routes, *deployments))
