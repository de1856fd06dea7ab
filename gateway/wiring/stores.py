"""The stores of a process: its own, or over a Redis that several gateways share."""

import asyncio
import logging
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.adapters.memory_conversations import MemoryConversations
from gateway.adapters.memory_limits import MemoryLimits
from gateway.adapters.memory_results import MemoryResults
from gateway.api.repeats import Repeats
from gateway.config import Config
from gateway.core.cooldown_sharing import CooldownSharing, CooldownStore
from gateway.core.health import HealthBoard
from gateway.core.idempotency import Once, ResultStore
from gateway.core.limits.falling_back import FallingBackLimits
from gateway.core.limits.ports import LimitStore
from gateway.core.ports import CacheStore, ConversationStore
from gateway.core.shared_flights import LeaseStore, NoLeases, SharedFlights
from gateway.wiring.limits import limit_store, share

if TYPE_CHECKING:
    from gateway.adapters.redis import RedisLink

log = logging.getLogger(__name__)

DRAIN_S = 1.0
"""Longest wait at the end for what calls used to be told to Redis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What stands behind the core's ports."""

    cache: CacheStore
    limits: LimitStore
    conversations: ConversationStore
    results: ResultStore
    leases: LeaseStore
    cooldowns: CooldownStore | None = None


class SharedState:
    """The stores in use. `start` and `aclose` do nothing without a Redis."""

    def __init__(
        self,
        stores: Stores,
        link: "RedisLink | None" = None,
        limits: FallingBackLimits | None = None,
    ) -> None:
        self.stores = stores
        self.link = link
        self._limits = limits
        self._sharing: asyncio.Task[None] | None = None

    async def start(self, board: HealthBoard) -> None:
        """Find Redis, waiting for it a moment only; share the board's cool-downs from then on."""
        if self.link is not None:
            await self.link.start()
        if self.stores.cooldowns is not None:
            sharing = CooldownSharing(self.stores.cooldowns, board, time.monotonic)
            self._sharing = asyncio.create_task(sharing.run())

    async def aclose(self) -> None:
        """End what is on its way to Redis, then close every connection."""
        if self._sharing is not None:
            self._sharing.cancel()
            await asyncio.gather(self._sharing, return_exceptions=True)
        if self._limits is not None:
            await self._limits.drain(DRAIN_S)
        if self.link is not None:
            await self.link.aclose()


def own_stores(config: Config, memory: CacheStore) -> Stores:
    """Those of this process alone, with `memory` for the cache."""
    return Stores(
        cache=memory,
        limits=limit_store(config),
        conversations=MemoryConversations(config.conversations, time.monotonic),
        results=MemoryResults(time.monotonic),
        leases=NoLeases(),
    )


def shared_state(config: Config, own: Stores) -> SharedState:
    """The stores over Redis, each with this process's own before or beside it."""
    access = config.redis
    if access.off:
        log.error("Redis is not used: %s", access.off)
    if access.off or not access.url:
        return SharedState(own)
    # here, for the import takes 0.1 s, and a gateway alone needs none
    from gateway.adapters.redis import (  # noqa: PLC0415
        RedisConversations,
        RedisCooldowns,
        RedisLeases,
        RedisLimits,
        RedisLink,
        RedisResults,
        TieredCache,
    )

    link = RedisLink(access, time.monotonic)
    limits = FallingBackLimits(
        RedisLimits(link), MemoryLimits(time.monotonic), share(config), time.monotonic
    )
    link.when_back(limits.come_back)
    stores = Stores(
        cache=TieredCache(own.cache, link, time.time, access.local_s),
        limits=limits,
        conversations=RedisConversations(link, own.conversations),
        results=RedisResults(link, own.results),
        leases=RedisLeases(link),
        cooldowns=RedisCooldowns(link),
    )
    return SharedState(stores, link, limits)


def repeats(store: ResultStore) -> Repeats:
    """What answers calls that are sent again."""
    return Repeats(Once(store, time.monotonic, _token))


def flights(leases: LeaseStore) -> SharedFlights:
    """What decides which of several gateways asks the models."""
    return SharedFlights(leases, time.monotonic, _token)


def _token() -> bytes:
    return uuid.uuid4().bytes
