"""What several gateways share where the file names a Redis, and what is this process's own else."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.core.idempotency import ResultStore
from gateway.core.options import RedisAccess
from gateway.core.ports import CacheStore

if TYPE_CHECKING:
    from gateway.adapters.redis import RedisLink

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The stores behind the core's ports."""

    cache: CacheStore
    results: ResultStore


class SharedState:
    """The stores in use. `start` and `aclose` do nothing without a Redis."""

    def __init__(self, stores: Stores, link: "RedisLink | None" = None) -> None:
        self.stores = stores
        self.link = link

    async def start(self) -> None:
        """Find Redis, waiting for it a moment only."""
        if self.link is not None:
            await self.link.start()

    async def aclose(self) -> None:
        """Close every connection."""
        if self.link is not None:
            await self.link.aclose()


def shared_state(
    access: RedisAccess, own: Stores, wall: Callable[[], float] = time.time
) -> SharedState:
    """The stores over Redis, each with this process's own before or beside it."""
    if access.off:
        log.error("Redis is not used: %s", access.off)
    if access.off or not access.url:
        return SharedState(own)
    # here, for the import takes 0.1 s, and a gateway alone needs none
    from gateway.adapters.redis import RedisLink, RedisResults, TieredCache  # noqa: PLC0415

    link = RedisLink(access, time.monotonic)
    stores = Stores(
        cache=TieredCache(own.cache, link, wall, access.local_s),
        results=RedisResults(link, own.results),
    )
    return SharedState(stores, link)
