"""The cache of answers in two levels: the process's own memory, and Redis behind it.

Reads ask memory first. What is there is taken for `local_s`; then Redis is asked again, in case
somebody has rejected the answer meanwhile (a thumbs-down at another gateway). A rejection leaves a
mark in Redis that outlives that time everywhere; one that Redis cannot be told now is told as soon
as it is back. While Redis is away memory serves alone, for an entry's whole life.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass, fields, replace

from gateway.adapters.redis.codec import DROPPED, decoded, encoded
from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.flushes import FlushMoments
from gateway.adapters.redis.link import RedisLink
from gateway.core.ports import CacheEntry, CacheStore, Clock, Flushes

KIND = "answer"
MARK_TIMES = 2.0
"""A rejection's mark lives so many times as long as memory is trusted."""
MAX_UNTOLD = 1_000
"""Rejections that Redis was not told yet; the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class _Known(CacheEntry):
    """An entry in memory: when (monotonic) Redis last said that it stands, when (wall) it ends."""

    asked_at_s: float = 0.0
    until_s: float = float("inf")


class TieredCache:
    """A `CacheStore` of two levels, `local_s` as configured.

    `wall`, the calendar's clock, says when entries were stored and end, for all machines alike.
    `clock` is monotonic, and says when Redis is asked again: a clock that is set back must not make
    rejections wait.
    """

    def __init__(
        self,
        near: CacheStore,
        link: RedisLink,
        wall: Clock,
        local_s: float,
        clock: Clock = time.monotonic,
    ) -> None:
        self._near = near
        self._link = link
        self._wall = wall
        self._clock = clock
        self._local_s = local_s
        self._flushes = FlushMoments(link, wall, clock)
        self._untold: OrderedDict[bytes, None] = OrderedDict()
        link.when_back(self._tell)

    async def get(self, key: bytes) -> CacheEntry | None:
        """The entry, or None."""
        await self._flushes.heed()
        known = await self._near.get(key)
        if known is not None and not self._flushes.stands(known):
            known = None
        if isinstance(known, _Known) and self._clock() < known.asked_at_s + self._local_s:
            return known
        if key in self._untold:
            return None
        try:
            data = await self._link.read("GET", self._name(key))
        except RedisAway:
            return known
        return await self._learned(key, known, data)

    async def put(self, key: bytes, entry: CacheEntry, ttl_s: float) -> None:
        """Keep it for `ttl_s` seconds; Redis is told without waiting for it."""
        now_s = self._wall()
        self._flushes.saw(entry.stored_at_s)
        await self._near.put(key, _known(entry, self._clock(), now_s + ttl_s), ttl_s)
        self._untold.pop(key, None)
        data = encoded(entry, now_s + ttl_s)
        if data is not None:
            self._link.write_later("SET", self._name(key), data, "PX", max(1, int(ttl_s * 1000)))

    async def drop(self, key: bytes) -> None:
        """Forget it here at once, and everywhere within `local_s`."""
        await self._near.drop(key)
        self._untold[key] = None
        if len(self._untold) > MAX_UNTOLD:
            self._untold.popitem(last=False)
        try:
            await self._link.write(*self._mark(key))
        except RedisAway:
            return
        self._untold.pop(key, None)

    async def flush(self, tenant: str = "", route: str = "") -> list[bytes]:
        """Forget the answers of this tenant and route, everywhere; the keys that were here."""
        self._flushes.add(tenant, route)
        return await self._near.flush(tenant, route) if isinstance(self._near, Flushes) else []

    async def _learned(
        self, key: bytes, known: CacheEntry | None, data: bytes | None
    ) -> CacheEntry | None:
        """What to make of Redis' word.

        1. rejected: forget it
        2. an entry: take it, with the value that memory has already read from the same one
        3. nothing (Redis makes room, and starts empty), or not of our version: memory's stands
        """
        if data == DROPPED:
            await self._near.drop(key)
            return None
        now_s = self._wall()
        entry, until_s = (decoded(data) if data else None) or (None, 0.0)
        if entry is not None and not self._flushes.stands(entry):
            entry = None
        if entry is None and isinstance(known, _Known):
            entry, until_s = known, known.until_s
        elif entry is not None and known is not None and known.stored_at_s == entry.stored_at_s:
            entry = replace(entry, value=known.value)
        if entry is not None and until_s > now_s:
            self._flushes.saw(entry.stored_at_s)
            await self._near.put(key, _known(entry, self._clock(), until_s), until_s - now_s)
        return entry

    def _tell(self) -> None:
        """Redis is back: tell it what it missed."""
        for key in list(self._untold):
            if not self._link.write_later(*self._mark(key)):
                return
            del self._untold[key]

    def _mark(self, key: bytes) -> tuple[str | bytes | int, ...]:
        life_ms = int(MARK_TIMES * self._local_s * 1000)
        return "SET", self._name(key), DROPPED, "PX", life_ms

    def _name(self, key: bytes) -> str:
        return self._link.key(KIND, key)

    def __repr__(self) -> str:
        return f"<TieredCache {self._near!r} {self._link!r} untold {len(self._untold)}>"


def _known(entry: CacheEntry, asked_at_s: float, until_s: float) -> _Known:
    plain = {f.name: getattr(entry, f.name) for f in fields(CacheEntry)}
    return _Known(**plain, asked_at_s=asked_at_s, until_s=until_s)
