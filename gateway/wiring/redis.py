"""What several gateways share, where the file names a Redis; what is this process's own, else."""

import logging
import time
from typing import TYPE_CHECKING

from gateway.core.options import RedisAccess
from gateway.core.ports import CacheStore

if TYPE_CHECKING:
    from gateway.adapters.redis import RedisLink

log = logging.getLogger(__name__)


class SharedState:
    """The stores behind the core's ports. `start` and `aclose` do nothing without a Redis."""

    def __init__(self, cache: CacheStore, link: "RedisLink | None" = None) -> None:
        self.cache = cache
        self.link = link

    async def start(self) -> None:
        """Find Redis, waiting for it a moment only."""
        if self.link is not None:
            await self.link.start()

    async def aclose(self) -> None:
        """Close every connection."""
        if self.link is not None:
            await self.link.aclose()


def shared_state(access: RedisAccess, memory: CacheStore) -> SharedState:
    """The stores, with `memory` as the cache's first level."""
    if access.off:
        log.error("Redis is not used: %s", access.off)
    if access.off or not access.url:
        return SharedState(memory)
    # here, for the import takes 0.1 s, and most gateways run without Redis
    from gateway.adapters.redis import RedisLink, TieredCache  # noqa: PLC0415

    link = RedisLink(access, time.monotonic)
    return SharedState(TieredCache(memory, link, time.time, access.local_s), link)
