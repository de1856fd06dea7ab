"""The way to Redis that all stores share: one client behind one guard, keys, and scripts."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from redis.exceptions import NoScriptError

from gateway.adapters.redis.availability import State
from gateway.adapters.redis.client import Reply, Word, check_version, connect
from gateway.adapters.redis.errors import UnfitRedis
from gateway.adapters.redis.guard import Guard
from gateway.core.options import RedisAccess
from gateway.core.ports import Clock

START_S = 1.0
"""Longest wait for Redis at the start."""
PINGS = 3
DIGEST_BYTES = 20
"""Of the hash in a key's name: 160 bits, so that nobody finds two with the same."""


@dataclass(frozen=True, slots=True)
class Script:
    """Lua that runs atomically; sent once, then known by its hash. `writes`: it may."""

    source: str
    writes: bool = True
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.source.encode(), usedforsecurity=False)
        object.__setattr__(self, "sha", digest.hexdigest())


class RedisLink:
    """One process's way to Redis. `start` it, `aclose` it; raises BadRedisUrl when made.

    What goes through it raises RedisAway, and nothing else, when Redis is of no use.
    """

    def __init__(self, access: RedisAccess, clock: Clock) -> None:
        self._client = connect(access)
        self._clock = clock
        self._prefix = access.key_prefix
        self._guard = Guard(
            self._probe,
            self._client.drop_idle,
            clock,
            timeout_s=access.timeout_s,
            at_once=access.max_connections,
        )

    @property
    def state(self) -> State:
        """What Redis is good for now."""
        return self._guard.state

    @property
    def reason(self) -> str:
        """Why it was last away or full."""
        return self._guard.reason

    @property
    def waits(self) -> int:
        """Callers that were held up by it, since the start."""
        return self._guard.waits

    async def start(self) -> None:
        """Find Redis, waiting for it a moment only."""
        await self._guard.start(START_S)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._guard.aclose()
        await self._client.aclose()

    def when_back(self, act: Callable[[], None]) -> None:
        """Call this each time Redis is there again."""
        self._guard.when_back.append(act)

    def key(self, kind: str, *parts: str | bytes) -> str:
        """The name of a key: what it is about shows as a hash only, never as text.

        Keys of different kinds over the same parts are on the same node of a cluster.
        """
        return f"{self._prefix}:{kind}:{{{_hashed(parts)}}}"

    def key_beside(self, kind: str, *parts: str | bytes) -> str:
        """As `key`, but all of one kind are on the same node, for scripts over several of them."""
        return f"{self._prefix}:{{{kind}}}:{_hashed(parts)}"

    async def read(self, *words: Word) -> Reply:
        """The reply to a command that changes nothing."""
        return await self._guard.run(lambda: self._client.command(*words))

    async def write(
        self, *words: Word, late: Callable[[Reply | None], None] | None = None
    ) -> Reply:
        """The reply to a command that changes something; `late` as `Guard.run` says."""
        return await self._guard.run(lambda: self._client.command(*words), write=True, late=late)

    def write_later(self, *words: Word) -> bool:
        """Send it without waiting; False when it is left out."""
        return self._guard.later(lambda: self._client.command(*words))

    def read_later(self, learn: Callable[[Reply], None], *words: Word) -> bool:
        """Have `learn` called with the reply, without waiting; False when nothing was asked."""

        async def asked() -> None:
            learn(await self._client.command(*words))

        return self._guard.later(asked)

    async def run(
        self,
        script: Script,
        keys: Sequence[str],
        *words: Word,
        late: Callable[[Reply | None], None] | None = None,
    ) -> Reply:
        """The reply of a script, whose keys are on one node; `late` as `Guard.run` says."""
        return await self._guard.run(
            lambda: self._scripted(script, keys, words), write=script.writes, late=late
        )

    def run_later(self, script: Script, keys: Sequence[str], *words: Word) -> bool:
        """Run it without waiting; False when it is left out."""
        return self._guard.later(lambda: self._scripted(script, keys, words))

    async def _scripted(self, script: Script, keys: Sequence[str], words: Sequence[Word]) -> Reply:
        arguments = (len(keys), *keys, *words)
        try:
            return await self._client.command("EVALSHA", script.sha, *arguments)
        except NoScriptError:  # its first use, or Redis has restarted
            return await self._client.command("EVAL", script.source, *arguments)

    async def _probe(self) -> None:
        """Raises when Redis is too old, or slow at its quickest."""
        await check_version(self._client)
        quickest_s = min([await self._ping_s() for _ in range(PINGS)])
        if quickest_s > self._guard.slow_s:
            raise UnfitRedis(f"slow: {1000 * quickest_s:.0f} ms for one answer")

    async def _ping_s(self) -> float:
        began_s = self._clock()
        await self._client.nodes_say("PING")
        return self._clock() - began_s

    def __repr__(self) -> str:
        return f"<RedisLink {self._guard!r}>"


def _hashed(parts: Sequence[str | bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(4, "big"))
        digest.update(raw)
    return digest.hexdigest()[: 2 * DIGEST_BYTES]
