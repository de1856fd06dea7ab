"""Conversations that several gateways continue, with this process's own copy for bad times.

Kept in Redis are the newest turns as a list, and beside it whether a person has the conversation.
Every turn is kept in this process too, so that a talk which stays with one gateway goes on while
Redis is away, and a person who has it keeps it. What Redis was not told then, or has lost, it is
told as soon as it is back; the same turn twice does no harm.
"""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import RedisLink, Script
from gateway.core.conversations import KEEP_S, MAX_TURNS, Conversation, Turn, read, written
from gateway.core.ports import ConversationStore, StoreDown
from gateway.core.tails import Tails

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
TELL = Script("""
-- As ADD, of several turns: most turns, life (ms), person, then the turns; known ones are left out.
local known = {}
for _, turn in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do known[turn] = true end
for i = 4, #ARGV do
  if not known[ARGV[i]] then redis.call('RPUSH', KEYS[1], ARGV[i]) end
end
redis.call('LTRIM', KEYS[1], -ARGV[1], -1)
redis.call('PEXPIRE', KEYS[1], math.max(redis.call('PTTL', KEYS[1]), tonumber(ARGV[2])))
if ARGV[3] == '1' then
  redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
elseif ARGV[3] == '0' then
  redis.call('DEL', KEYS[2])
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
end
return 1
""")
MAX_UNTOLD = 10_000
"""Conversations with something that Redis was not told; those longest silent are forgotten."""
_PERSON = {True: "1", False: "0", None: ""}


@dataclass(frozen=True, slots=True)
class _Untold:
    """What Redis does not know of a conversation, until its life is over."""

    turns: tuple[Turn, ...]
    with_person: bool | None
    ends_s: float


class RedisConversations:
    """A `ConversationStore` over Redis; `own` is this process's, asked when Redis is away."""

    def __init__(self, link: RedisLink, own: ConversationStore) -> None:
        self._link = link
        self._own = own
        self._untold: OrderedDict[bytes, _Untold] = OrderedDict()
        self._ttl_s = KEEP_S
        self._tails = Tails()
        link.when_back(self._come_back)

    def __repr__(self) -> str:
        return f"RedisConversations({self._link!r}, {self._own!r}, untold {len(self._untold)})"

    async def read(self, key: bytes) -> Conversation | None:
        """The conversation with its newest turns; raises StoreDown when nobody knows.

        1. Redis is away: as far as this process knows
        2. Redis has it: with what it was not told yet
        3. Redis has nothing, being new or having lost it: as far as this process knows
        """
        try:
            turns, with_person = await self._link.run(READ, self._keys(key))
        except RedisAway as reason:
            own = await self._own.read(key)
            if own is None:
                raise StoreDown("Redis is away") from reason
            return own
        if not turns:
            return await self._lost(key)
        shared = Conversation(_read(turns), bool(with_person))
        untold = self._untold.get(key)
        if untold is None:
            return shared
        await self._try_to_tell(key)
        return _merged(shared, untold)

    async def add(self, key: bytes, turn: Turn, *, with_person: bool | None, ttl_s: float) -> None:
        """Append a turn; raises StoreDown when only this process knows of it now."""
        self._ttl_s = ttl_s
        await self._own.add(key, turn, with_person=with_person, ttl_s=ttl_s)
        life_ms = max(1, int(ttl_s * 1000))
        words = (written(turn), MAX_TURNS, life_ms, _PERSON[with_person])
        try:
            if key in self._untold:
                await self._tell(key)  # what was said before it
            await self._link.run(ADD, self._keys(key), *words)
        except BaseException as reason:
            self._note(key, turn, with_person=with_person)
            if isinstance(reason, RedisAway):
                raise StoreDown("Redis is away") from reason
            raise

    # ---- what Redis was not told

    async def _lost(self, key: bytes) -> Conversation | None:
        """The own copy, of which Redis is told too; a hand-over elsewhere is not taken back."""
        own = await self._own.read(key)
        if own is not None:
            ends_s = _now_s() + self._ttl_s
            self._untold[key] = _Untold(own.turns, own.with_person or None, ends_s)
            await self._try_to_tell(key)
        return own

    def _note(self, key: bytes, turn: Turn, *, with_person: bool | None) -> None:
        before = self._untold.pop(key, None)
        turns: tuple[Turn, ...] = (turn,)
        if before is not None:
            turns = (*before.turns, turn)[-MAX_TURNS:]
            with_person = before.with_person if with_person is None else with_person
        self._untold[key] = _Untold(turns, with_person, _now_s() + self._ttl_s)
        if len(self._untold) > MAX_UNTOLD:
            self._untold.popitem(last=False)

    async def _tell(self, key: bytes) -> None:
        """Tell Redis of one conversation; raises RedisAway."""
        untold = self._untold[key]
        life_ms = int((untold.ends_s - _now_s()) * 1000)
        if life_ms > 0:
            turns = [written(turn) for turn in untold.turns]
            head = (MAX_TURNS, life_ms, _PERSON[untold.with_person])
            await self._link.run(TELL, self._keys(key), *head, *turns)
        if self._untold.get(key) is untold:  # nothing was said meanwhile
            del self._untold[key]

    async def _try_to_tell(self, key: bytes) -> None:
        with suppress(RedisAway):
            await self._tell(key)

    def _come_back(self) -> None:
        if self._untold:
            self._tails.begin(self._tell_all())

    async def _tell_all(self) -> None:
        with suppress(RedisAway):
            for key in list(self._untold):
                if key in self._untold:  # nobody else has told it meanwhile
                    await self._tell(key)

    def _keys(self, key: bytes) -> list[str]:
        return [self._link.key(KIND, key), self._link.key(KIND_PERSON, key)]


def _merged(shared: Conversation, untold: _Untold) -> Conversation:
    """What Redis has, and behind it what it does not have yet."""
    new = tuple(turn for turn in untold.turns if turn not in shared.turns)
    person = shared.with_person if untold.with_person is None else untold.with_person
    return Conversation((*shared.turns, *new)[-MAX_TURNS:], person)


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _read(turns: list[bytes]) -> tuple[Turn, ...]:
    """Those that we can read; another version's are as if they had not been said."""
    known: list[Turn] = []
    for raw in turns:
        with suppress(ValueError):
            known.append(read(raw))
    return tuple(known)
