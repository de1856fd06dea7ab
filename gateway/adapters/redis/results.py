"""Results by request id that several gateways share, behind this process's own.

A claim is made here first and then in Redis, so that equal calls at one gateway meet even while
Redis is away.
"""

from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import RedisLink, Script
from gateway.core.idempotency import Claim, Repeatable, ResultStore

KIND = "result"
VERSION = b"\x01"
"""First byte of what is kept: version, the request's hash (32), P or D, then token or result."""

CLAIM = Script("""
-- KEYS: the id. ARGV: version and hash, token, lease (ms). Reply: word, result.
local kept = redis.call('GET', KEYS[1])
local head = #ARGV[1]
if not kept or string.sub(kept, 1, 1) ~= string.sub(ARGV[1], 1, 1) then
  redis.call('SET', KEYS[1], ARGV[1] .. 'P' .. ARGV[2], 'PX', ARGV[3])
  return {'mine'}
elseif string.sub(kept, 1, head) ~= ARGV[1] then
  return {'other'}
elseif string.sub(kept, head + 1, head + 1) == 'P' then
  return {string.sub(kept, head + 2) == ARGV[2] and 'mine' or 'busy'}
end
return {'done', string.sub(kept, head + 2)}
""")
FINISH = Script("""
-- KEYS: the id. ARGV: version and hash, token, result, life (ms); no life: give the claim up.
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. 'P' .. ARGV[2] then
  return 0
elseif ARGV[4] == '0' then
  return redis.call('DEL', KEYS[1])
end
redis.call('SET', KEYS[1], ARGV[1] .. 'D' .. ARGV[3], 'PX', ARGV[4])
return 1
""")
_WORDS = {b"mine": Claim.MINE, b"busy": Claim.BUSY, b"other": Claim.OTHER}


class RedisResults:
    """A `ResultStore` over Redis and, before it, this process's `own`."""

    def __init__(self, link: RedisLink, own: ResultStore) -> None:
        self._link = link
        self._own = own

    def __repr__(self) -> str:
        return f"RedisResults({self._link!r}, {self._own!r})"

    async def claim(self, call: Repeatable, token: bytes, lease_s: float) -> Claim | bytes:
        """The result, or who works on it; without Redis as far as this process knows."""
        own = await self._own.claim(call, token, lease_s)
        if own is not Claim.MINE:
            return own
        words, left = (VERSION + call.print, token, int(lease_s * 1000)), False

        def late(_: object) -> None:
            if left:  # Redis may have noted the claim only now
                self.release(call, token)

        try:
            word, *result = await self._link.run(CLAIM, [self._key(call)], *words, late=late)
        except RedisAway:
            return Claim.MINE
        except BaseException:
            left = True
            self._own.release(call, token)
            raise
        claim = _WORDS.get(word)
        if claim is not Claim.MINE:
            self._own.release(call, token)
        return bytes(result[0]) if claim is None else claim

    def finish(self, call: Repeatable, token: bytes, result: bytes, ttl_s: float) -> None:
        """Keep the result of the token's claim, here and in Redis."""
        self._own.finish(call, token, result, ttl_s)
        self._tell(call, token, result, int(ttl_s * 1000))

    def release(self, call: Repeatable, token: bytes) -> None:
        """Give the token's claim up, here and in Redis."""
        self._own.release(call, token)
        self._tell(call, token, b"", 0)

    def _tell(self, call: Repeatable, token: bytes, result: bytes, life_ms: int) -> None:
        words = (VERSION + call.print, token, result, life_ms)
        self._link.run_later(FINISH, [self._key(call)], *words)

    def _key(self, call: Repeatable) -> str:
        return self._link.key(KIND, call.key)
