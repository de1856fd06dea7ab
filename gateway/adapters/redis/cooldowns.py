"""Cool-downs in one sorted set: names of deployments by the moment when they may be asked again."""

from collections.abc import Mapping

from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import RedisLink, Script

EXCHANGE = Script("""
-- KEYS: the set. ARGV: pairs of a name and how long it is to be left alone (ms).
-- Reply: pairs of a name and how long, of everything known. Times are Redis' own.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 1, #ARGV, 2 do
  redis.call('ZADD', KEYS[1], 'GT', string.format('%.0f', now + ARGV[i + 1]), ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local reply = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 2, #reply, 2 do
  reply[i] = tonumber(reply[i]) - now
end
if #reply > 0 then
  redis.call('PEXPIRE', KEYS[1], reply[#reply] + 1000)
end
return reply
""")


class RedisCooldowns:
    """A `CooldownStore` over Redis; without it nothing is told and nothing learned."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    def __repr__(self) -> str:
        return f"RedisCooldowns({self._link!r})"

    async def exchange(self, known_s: Mapping[str, float]) -> Mapping[str, float]:
        """Tell and learn, in one round trip."""
        words = [word for name, s in known_s.items() for word in (name, int(s * 1000))]
        try:
            reply = await self._link.run(EXCHANGE, [self._link.key("cooldowns")], *words)
        except RedisAway:
            return {}
        return {
            name.decode(errors="replace"): int(left_ms) / 1000
            for name, left_ms in zip(reply[::2], reply[1::2], strict=True)
        }
