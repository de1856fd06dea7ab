"""Flushes of the cache that all gateways heed: who was flushed, and when.

A flush is a moment: whatever was stored before it, for that tenant and route, counts no more. All
moments are one small hash in Redis, which every gateway reads once a second while it is asked.
"""

import hashlib

from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import RedisLink
from gateway.core.ports import CacheEntry, Clock

ASK_EVERY_S = 1.0
KEEP_S = 30 * 86_400
"""Longer than any cached answer lives."""


class FlushMoments:
    """The moments, as this process knows them; `clock` is monotonic.

    The moments themselves are on `wall`, the calendar's clock, since machines have no other in
    common. One that was set back must not miss what was stored before that: a flush is never
    earlier than the newest entry that this process `saw`. Rather too much is forgotten than too
    little.
    """

    def __init__(self, link: RedisLink, wall: Clock, clock: Clock) -> None:
        self._link = link
        self._wall = wall
        self._clock = clock
        self._newest_s = 0.0
        self._name = link.key("flushes")
        self._at_s: dict[bytes, float] = {}
        self._untold: set[bytes] = set()
        self._asked_s: float | None = None
        link.when_back(self._tell)

    async def heed(self) -> None:
        """Learn of flushes elsewhere; only the first call waits for it."""
        now_s = self._clock()
        if self._asked_s is not None and now_s < self._asked_s + ASK_EVERY_S:
            return
        first, self._asked_s = self._asked_s is None, now_s
        if not first:
            self._link.read_later(self._learn, "HGETALL", self._name)
            return
        try:
            self._learn(await self._link.read("HGETALL", self._name))
        except BaseException as error:  # the next one asks again, also when this one hung up
            self._asked_s = None
            if not isinstance(error, RedisAway):
                raise

    def saw(self, stored_at_s: float) -> None:
        """An entry of that time is kept."""
        self._newest_s = max(self._newest_s, stored_at_s)

    def stands(self, entry: CacheEntry) -> bool:
        """Whether the entry was stored after every flush that concerns it."""
        if not self._at_s:
            return True
        concerned = {(t, r) for t in ("", entry.tenant) for r in ("", entry.route)}
        moments = (self._at_s.get(_field(*one), 0.0) for one in concerned)
        return entry.stored_at_s > max(moments)

    def add(self, tenant: str, route: str) -> None:
        """Flush now, here at once and elsewhere within about a second."""
        field = _field(tenant, route)
        self._at_s[field] = max(self._wall(), self._newest_s)
        self._untold.add(field)
        self._tell()

    def _tell(self) -> None:
        for field in list(self._untold):
            moment = repr(self._at_s[field])
            if not self._link.write_later("HSET", self._name, field, moment):
                return
            self._untold.discard(field)
        self._link.write_later("EXPIRE", self._name, KEEP_S)

    def _learn(self, reply: dict[bytes, bytes]) -> None:
        for field, moment in reply.items():
            try:
                at_s = float(moment)
            except ValueError:
                continue
            self._at_s[field] = max(self._at_s.get(field, 0.0), at_s)


def _field(tenant: str, route: str) -> bytes:
    """Hashed, so that no name stands in Redis."""
    size = len(tenant).to_bytes(4, "big")
    return hashlib.sha256(size + f"{tenant}{route}".encode()).digest()[:16]
