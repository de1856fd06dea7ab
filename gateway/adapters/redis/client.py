"""A redis-py client for each way of running Redis, none of which ever retries by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import ConnectionPool, SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff

from gateway.adapters.redis.errors import UnfitRedis
from gateway.core.options import RedisAccess, RedisAddress, Topology, redis_address

Word = str | bytes | int | float
Reply = Any
"""What Redis says: bytes, numbers, lists of these, or nothing; who asked knows which."""

SOCKET_S = 1.0
"""Longest wait of a connection for anything; callers have long gone on, see the guard."""
OLDEST_MAJOR = 7


class Client(Protocol):
    """A connected Redis, of whichever kind."""

    async def command(self, *words: Word) -> Reply:
        """The reply to one command; raises redis-py's errors."""
        ...

    async def nodes_say(self, *words: str) -> list[Reply]:
        """The replies of every node that takes writes."""
        ...

    async def drop_idle(self) -> None:
        """Close connections that nobody uses: they may lead to a server that is none any more."""
        ...

    async def aclose(self) -> None:
        """Close everything."""
        ...


def connect(access: RedisAccess) -> Client:
    """A client; nothing is sent yet. Raises BadRedisUrl."""
    address = redis_address(access.url)
    return _BUILDERS[address.topology](access, address)


async def check_version(client: Client) -> None:
    """Raises UnfitRedis when a node is older than 7."""
    for info in await client.nodes_say("INFO", "server"):
        version = str(info.get("redis_version", "")) if isinstance(info, Mapping) else ""
        major = version.partition(".")[0]
        if not major.isdigit() or int(major) < OLDEST_MAJOR:
            raise UnfitRedis(
                f"Redis {OLDEST_MAJOR} or newer is needed, this is {version or 'of no version'!r};"
                " upgrade it, or take `redis` out of the configuration"
            )


class _Plain:
    """One server, found directly or by Sentinels."""

    def __init__(self, redis: Redis, sentinel: Sentinel | None = None) -> None:
        self._redis = redis
        self._send: Callable[..., Awaitable[Reply]] = redis.execute_command
        self._sentinel = sentinel

    async def command(self, *words: Word) -> Reply:
        return await self._send(*words)

    async def nodes_say(self, *words: str) -> list[Reply]:
        return [await self._send(*words)]

    async def drop_idle(self) -> None:
        await self._redis.connection_pool.disconnect(inuse_connections=False)

    async def aclose(self) -> None:
        await self._redis.aclose(close_connection_pool=True)
        if self._sentinel is not None:
            await self._sentinel.aclose()


class _Cluster:
    """Several servers that share the keys."""

    def __init__(self, cluster: RedisCluster) -> None:
        self._cluster = cluster

    async def command(self, *words: Word) -> Reply:
        return await self._cluster.execute_command(*words)

    async def nodes_say(self, *words: str) -> list[Reply]:
        await self._cluster.initialize()
        primaries = self._cluster.get_primaries()
        return await asyncio.gather(
            *(self._cluster.execute_command(*words, target_nodes=node) for node in primaries)
        )

    async def drop_idle(self) -> None:
        await self._cluster.aclose()  # the next command finds the nodes anew

    async def aclose(self) -> None:
        await self._cluster.aclose()


def _single(access: RedisAccess, address: RedisAddress) -> Client:
    host, port = address.nodes[0]
    kind: dict[str, Any] = {"connection_class": SSLConnection} if address.tls else {}
    pool = ConnectionPool(
        host=host,
        port=port,
        db=address.database,
        max_connections=access.max_connections,
        **_common(access, address),
        **kind,
        **_tls(access, address),
    )
    return _Plain(Redis(connection_pool=pool))


def _sentinel(access: RedisAccess, address: RedisAddress) -> Client:
    """Sentinels are asked without a password, as their default is."""
    tls = {"ssl": True, **_tls(access, address)} if address.tls else {}
    bare = {k: v for k, v in _common(access, address).items() if k not in ("username", "password")}
    made: Callable[..., Sentinel] = Sentinel  # redis-py leaves it untyped
    sentinel = made(list(address.nodes), sentinel_kwargs={**bare, **tls})
    master = sentinel.master_for(
        address.master,
        db=address.database,
        max_connections=access.max_connections,
        **_common(access, address),
        **tls,
    )
    return _Plain(master, sentinel)


def _cluster(access: RedisAccess, address: RedisAddress) -> Client:
    tls = {"ssl": True, **_tls(access, address)} if address.tls else {}
    return _Cluster(
        RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in address.nodes],
            max_connections=access.max_connections,
            **_common(access, address),
            **tls,
        )
    )


_BUILDERS = {
    Topology.SINGLE: _single,
    Topology.SENTINEL: _sentinel,
    Topology.CLUSTER: _cluster,
}


def _common(access: RedisAccess, address: RedisAddress) -> dict[str, Any]:
    return {
        "username": address.username or None,
        "password": access.password.reveal() or None,
        "protocol": 2,  # nothing of 3 is used, and connecting is a round trip shorter
        "driver_info": None,
        "socket_timeout": max(SOCKET_S, access.timeout_s),
        "socket_connect_timeout": max(SOCKET_S, access.timeout_s),
        "retry": Retry(NoBackoff(), 0),
    }


def _tls(access: RedisAccess, address: RedisAddress) -> dict[str, Any]:
    return {"ssl_ca_certs": access.ca_file} if address.tls and access.ca_file else {}
