"""Which store counts for limits: one Redis for all processes, or each process for itself."""

import logging
import time

from gateway.adapters.memory_limits import MemoryLimits
from gateway.config import Config
from gateway.core.limits.falling_back import SharedOut
from gateway.core.limits.ports import LimitStore
from gateway.core.options import Plan
from gateway.workers import worker

log = logging.getLogger(__name__)


def limit_store(config: Config) -> LimitStore:
    """The store behind limits of a process without Redis, which may be one of several."""
    own, part = MemoryLimits(time.monotonic), share(config)
    if part == 1:
        return own
    if has_limits(config.plan) and not config.redis.url:
        log.warning(
            "without Redis each of %d processes enforces its part of every limit: a caller that "
            "stays at one process gets no more than that",
            round(1 / part),
        )
    return SharedOut(own, part)


def share(config: Config) -> float:
    """The part of every limit that this process enforces while it is alone."""
    return 1 / (config.plan.limits.processes or worker.crew_size())


def has_limits(plan: Plan) -> bool:
    """Whether anything is limited at all."""
    tenants = (plan.limits.each_tenant, *plan.limits.tenants.values())
    routes = (route.limits for route in plan.routes)
    deployments = (deployment.limits for deployment in plan.deployments.values())
    return any(options.given for options in (*tenants, *routes, *deployments))
