"""Limits that several gateways count together: two scripts that decide as the `Ledger` does.

All times are Redis' own, in microseconds, so the gateways' clocks need not agree. All keys of
limits are on one node of a cluster, since one reservation is over several of them at once.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from gateway.adapters.redis.client import Reply
from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import RedisLink, Script
from gateway.core.limits.checks import (
    PLACE_RETRY_S,
    Check,
    Grant,
    Places,
    Rate,
    Refusal,
    Refused,
    Window,
)
from gateway.core.limits.owed import is_batch
from gateway.core.limits.ports import AS_RESERVED, LimitsUnavailable

KIND = "limit"
US = 1_000_000
"""Microseconds in a second; levels are told in millionths too."""
MOST_LATE = 1_000
"""Grants that came too late and wait to be given back; the oldest then stay until they expire."""

RESERVE = Script("""
-- KEYS: the checks' keys. ARGV: the grant's id, then for each check: kind, shadow, and
--   rate:   interval (us), burst, amount
--   window: limit, amount, time left (ms)
--   places: limit, life of a place (us), wait told when there is none (us)
-- Reply: 1 or 0 (reserved or not), then for each check: wait (us), level (millionths).
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local id = ARGV[1]

local function check(i)
  local at = 2 + (i - 1) * 5
  return ARGV[at], ARGV[at + 1] == '1', tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]),
    tonumber(ARGV[at + 4])
end

local function number(key)
  return tonumber(redis.call('GET', key) or '0')
end

local function wait(i)
  local kind, _, a, b, c = check(i)
  if kind == 'rate' then
    local early = math.max(number(KEYS[i]), now) + c * a - b * a - now
    return early > 1 and early or 0
  elseif kind == 'window' then
    local used = number(KEYS[i])
    return used + b <= a and used < a and 0 or math.max(c * 1000, 1)
  end
  return redis.call('ZCOUNT', KEYS[i], '(' .. string.format('%.0f', now), '+inf') < a and 0 or c
end

local function take(i)
  local kind, _, a, b, c = check(i)
  if kind == 'rate' then
    local tat = math.max(number(KEYS[i]), now) + c * a
    local life = math.ceil((tat - now) / 1000) + 1
    redis.call('SET', KEYS[i], string.format('%.3f', tat), 'PX', life)
  elseif kind == 'window' then
    local life = math.max(1, math.ceil(c))
    redis.call('SET', KEYS[i], string.format('%.0f', number(KEYS[i]) + b), 'PX', life)
  else
    redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', string.format('%.0f', now))
    redis.call('ZADD', KEYS[i], string.format('%.0f', now + b), id)
    redis.call('PEXPIRE', KEYS[i], math.ceil(b / 1000) + 1)
  end
end

local function level(i)
  local kind, _, a, b = check(i)
  local share
  if kind == 'rate' then
    share = math.max(0, number(KEYS[i]) - now) / (a * b)
  elseif kind == 'window' then
    share = number(KEYS[i]) / a
  else
    share = redis.call('ZCOUNT', KEYS[i], '(' .. string.format('%.0f', now), '+inf') / a
  end
  return math.floor(share * 1000000 + 0.5)
end

local waits, refused = {}, false
for i = 1, #KEYS do
  waits[i] = wait(i)
  local _, shadow = check(i)
  refused = refused or (waits[i] > 0 and not shadow)
end
local reply = {refused and 0 or 1}
for i = 1, #KEYS do
  if not refused and waits[i] == 0 then take(i) end
  reply[2 * i] = math.ceil(waits[i])
  reply[2 * i + 1] = level(i)
end
return reply
""")

SETTLE = Script("""
-- KEYS: keys of what was reserved. ARGV: the grant's id, then for each: kind, what to add to the
-- amount that was reserved (0 or less, or more), and a rate's interval (us).
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
for i = 1, #KEYS do
  local at = 2 + (i - 1) * 3
  local kind, more, interval = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  if kind == 'places' then
    redis.call('ZREM', KEYS[i], ARGV[1])
  else
    local kept = redis.call('GET', KEYS[i])
    if kept and kind == 'rate' then
      local tat = tonumber(kept) + more * interval
      if tat <= now then
        redis.call('DEL', KEYS[i])
      else
        local life = math.ceil((tat - now) / 1000) + 1
        redis.call('SET', KEYS[i], string.format('%.3f', tat), 'PX', life)
      end
    elseif kept then
      local used = math.max(0, tonumber(kept) + more)
      redis.call('SET', KEYS[i], string.format('%.0f', used), 'KEEPTTL')
    end
  end
end
return #KEYS
""")


class RedisLimits:
    """A `LimitStore` over a Redis that several processes share."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link
        self._name = uuid4().hex
        self._grants = 0
        self._late: deque[Grant] = deque(maxlen=MOST_LATE)
        link.when_back(self._give_back)

    def __repr__(self) -> str:
        return f"RedisLimits({self._link!r}, grants={self._grants})"

    async def reserve(self, checks: Sequence[Check]) -> Grant | Refusal:
        """Reserve what all checks ask for, or nothing; raises LimitsUnavailable."""
        self._grants += 1
        grant_id = f"{self._name}-{self._grants}"
        words = [word for check in checks for word in _asked(check)]

        def late(reply: Reply | None) -> None:
            if not is_batch(checks):  # sent again, one that came through is refused, and stays
                self._came_late(_verdict(grant_id, checks, reply) if reply else None)

        try:
            reply = await self._link.run(RESERVE, self._keys(checks), grant_id, *words, late=late)
        except RedisAway as reason:
            raise LimitsUnavailable("Redis is away") from reason
        return _verdict(grant_id, checks, reply)

    async def settle(self, grant: Grant, actual: Mapping[str, int] = AS_RESERVED) -> None:
        """Replace what was reserved by what was really used; raises LimitsUnavailable."""
        keys, words = self._settling(grant, actual)
        if not keys:
            return
        try:
            await self._link.run(SETTLE, keys, grant.id, *words)
        except RedisAway as reason:
            raise LimitsUnavailable("Redis is away") from reason

    def _settling(
        self, grant: Grant, actual: Mapping[str, int]
    ) -> tuple[list[str], list[str | int | float]]:
        changed = [
            check
            for i, check in enumerate(grant.checks)
            if i not in grant.exceeded and (isinstance(check, Places) or check.key in actual)
        ]
        return self._keys(changed), [word for check in changed for word in _used(check, actual)]

    def _came_late(self, verdict: Grant | Refusal | None) -> None:
        """Give back what was granted after its caller had left."""
        if isinstance(verdict, Grant):
            self._late.append(verdict)
            self._give_back()

    def _give_back(self) -> None:
        """As far as Redis takes it now; the rest when it is back."""
        while self._late:
            grant = self._late[0]
            keys, words = self._settling(grant, {check.key: 0 for check in grant.checks})
            if keys and not self._link.run_later(SETTLE, keys, grant.id, *words):
                return
            self._late.popleft()

    def _keys(self, checks: Sequence[Check]) -> list[str]:
        return [self._link.key_beside(KIND, check.key) for check in checks]


def _asked(check: Check) -> tuple[str | int | float, ...]:
    shadow = int(check.shadow)
    if isinstance(check, Rate):
        return "rate", shadow, check.interval_s * US, check.burst, check.amount
    if isinstance(check, Window):
        return "window", shadow, check.limit, check.amount, check.left_s * 1000
    return "places", shadow, check.limit, int(check.ttl_s * US), int(PLACE_RETRY_S * US)


def _used(check: Check, actual: Mapping[str, int]) -> tuple[str | int | float, ...]:
    if isinstance(check, Rate):
        return "rate", actual[check.key] - check.amount, check.interval_s * US
    if isinstance(check, Window):
        return "window", actual[check.key] - check.amount, 0
    return "places", 0, 0


def _verdict(grant_id: str, checks: Sequence[Check], told: Sequence[Any]) -> Grant | Refusal:
    reply = [int(figure) for figure in told]
    waits_s = [wait_us / US for wait_us in reply[1::2]]
    levels = tuple(level / US for level in reply[2::2])
    exceeded = frozenset(i for i, check in enumerate(checks) if waits_s[i] and check.shadow)
    if reply[0]:
        return Grant(id=grant_id, checks=tuple(checks), exceeded=exceeded, levels=levels)
    refused = tuple(
        Refused(i, waits_s[i]) for i, check in enumerate(checks) if waits_s[i] and not check.shadow
    )
    return Refusal(refused=refused, exceeded=exceeded, levels=levels)
