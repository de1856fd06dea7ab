"""Leases of cache keys: which gateway asks the models for an answer that others want too."""

from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import RedisLink, Script

KIND = "lease"

RELEASE = Script("""
-- Only who has it may give it back: it may have ended, and be another's by now.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
""")


class RedisLeases:
    """A `LeaseStore` over Redis. Without Redis each gateway asks for itself."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    def __repr__(self) -> str:
        return f"RedisLeases({self._link!r})"

    async def take(self, key: bytes, token: bytes, ttl_s: float) -> bool:
        """Whether `token` has the key now; true too when Redis is away."""
        words, left = ("NX", "PX", max(1, int(ttl_s * 1000))), False

        def late(_: object) -> None:
            if left:  # Redis may have noted the lease only now
                self.release(key, token)

        try:
            done = await self._link.write("SET", self._name(key), token, *words, late=late)
        except RedisAway:
            return True
        except BaseException:
            left = True
            raise
        return bool(done)

    def release(self, key: bytes, token: bytes) -> None:
        """Give the key back if `token` has it; nobody waits for it."""
        self._link.run_later(RELEASE, [self._name(key)], token)

    def _name(self, key: bytes) -> str:
        return self._link.key(KIND, key)
