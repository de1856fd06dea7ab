"""Conversations that several gateways continue, with this process's own copy for bad times.

Kept in Redis are the newest turns as a list, and beside it whether a person has the conversation.
Every turn is kept in this process too, so that a talk which stays with one gateway goes on while
Redis is away, and a person who has it keeps it.
"""

from contextlib import suppress

from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import RedisLink, Script
from gateway.core.conversations import MAX_TURNS, Conversation, Turn, read, written
from gateway.core.ports import ConversationStore, StoreDown

KIND = "talk"
KIND_PERSON = "talk-person"

READ = Script(
    "return {redis.call('LRANGE', KEYS[1], 0, -1), redis.call('EXISTS', KEYS[2])}", writes=False
)
ADD = Script("""
-- KEYS: turns, with a person. ARGV: the turn, most turns, life (ms), '1' '0' or '' (as it was).
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('LTRIM', KEYS[1], -ARGV[2], -1)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if ARGV[4] == '1' then
  redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
elseif ARGV[4] == '0' then
  redis.call('DEL', KEYS[2])
else
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
return 1
""")
_PERSON = {True: "1", False: "0", None: ""}


class RedisConversations:
    """A `ConversationStore` over Redis; `own` is this process's, asked when Redis is away."""

    def __init__(self, link: RedisLink, own: ConversationStore) -> None:
        self._link = link
        self._own = own

    def __repr__(self) -> str:
        return f"RedisConversations({self._link!r}, {self._own!r})"

    async def read(self, key: bytes) -> Conversation | None:
        """The conversation with its newest turns; raises StoreDown when nobody knows."""
        try:
            turns, with_person = await self._link.run(READ, self._keys(key))
        except RedisAway as reason:
            own = await self._own.read(key)
            if own is None:
                raise StoreDown("Redis is away") from reason
            return own
        return Conversation(_read(turns), bool(with_person)) if turns else None

    async def add(self, key: bytes, turn: Turn, *, with_person: bool | None, ttl_s: float) -> None:
        """Append a turn; raises StoreDown when only this process knows of it now."""
        await self._own.add(key, turn, with_person=with_person, ttl_s=ttl_s)
        life_ms = max(1, int(ttl_s * 1000))
        words = (written(turn), MAX_TURNS, life_ms, _PERSON[with_person])
        try:
            await self._link.run(ADD, self._keys(key), *words)
        except RedisAway as reason:
            raise StoreDown("Redis is away") from reason

    def _keys(self, key: bytes) -> list[str]:
        return [self._link.key(KIND, key), self._link.key(KIND_PERSON, key)]


def _read(turns: list[bytes]) -> tuple[Turn, ...]:
    """Those that we can read; another version's are as if they had not been said."""
    known: list[Turn] = []
    for raw in turns:
        with suppress(ValueError):
            known.append(read(raw))
    return tuple(known)
