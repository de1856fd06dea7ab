"""Redis, which makes several gateways one; each store falls back to this process alone."""

from gateway.adapters.redis.availability import State
from gateway.adapters.redis.cache import TieredCache
from gateway.adapters.redis.conversations import RedisConversations
from gateway.adapters.redis.cooldowns import RedisCooldowns
from gateway.adapters.redis.leases import RedisLeases
from gateway.adapters.redis.limits import RedisLimits
from gateway.adapters.redis.link import RedisLink
from gateway.adapters.redis.results import RedisResults

__all__ = [
    "RedisConversations",
    "RedisCooldowns",
    "RedisLeases",
    "RedisLimits",
    "RedisLink",
    "RedisResults",
    "State",
    "TieredCache",
]
