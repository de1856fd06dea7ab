"""Small Sentinels and clusters of real servers: found, used, and found again after a failover."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.adapters.redis import RedisLink, State
from gateway.adapters.redis.errors import RedisAway
from gateway.adapters.redis.link import Script
from tests.adapters.redis.conftest import Open
from tests.redis_servers import RedisServer, eventually, free_port

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

SENTINEL = """
port {port}
bind 127.0.0.1
sentinel monitor erp 127.0.0.1 {master} 2
sentinel down-after-milliseconds erp 500
sentinel failover-timeout erp 3000
"""
INCREMENT = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")


async def works(link: RedisLink) -> bool:
    """Whether something can be written and read back, by a script too."""
    name = link.key("answer", "x")
    try:
        await link.write("SET", name, "5", "PX", 60_000)
        return (
            bool(await link.run(INCREMENT, [name], 2) == 7) and await link.read("GET", name) == b"7"
        )
    except RedisAway:
        return False


@pytest.fixture
async def sentinels(tmp_path: Path) -> AsyncIterator[tuple[list[RedisServer], list[RedisServer]]]:
    """Three Sentinels that watch a master and its replica."""
    async with AsyncExitStack() as stack:

        def kept(server: RedisServer) -> RedisServer:
            stack.push_async_callback(server.stop)
            return server

        master = kept(RedisServer(tmp_path / "master"))
        await master.start()
        replica = kept(
            RedisServer(tmp_path / "replica", ("--replicaof", f"127.0.0.1 {master.port}"))
        )
        await replica.start()

        async def follows() -> bool:
            return bool((await replica.say("INFO")).get("master_link_status") == "up")

        await eventually(follows)
        watching = [kept(RedisServer(tmp_path / f"sentinel-{n}")) for n in range(3)]
        for server in watching:
            server.folder.mkdir()
            config = server.folder / "sentinel.conf"
            config.write_text(SENTINEL.format(port=server.port, master=master.port))
            await server.spawn(str(config), "--sentinel")

        async def agree() -> bool:
            told = [(await server.say("INFO", "sentinel"))["master0"] for server in watching]
            return all((seen["sentinels"], seen["slaves"]) == (3, 1) for seen in told)

        await eventually(agree)
        yield [master, replica], watching


async def test_sentinels_lead_to_the_master_and_to_the_next_one_when_it_dies(
    sentinels: tuple[list[RedisServer], list[RedisServer]], links: Open
) -> None:
    (master, _), watching = sentinels
    nodes = ",".join(f"127.0.0.1:{server.port}" for server in watching)
    link = await links(f"redis+sentinel://{nodes}/erp")
    assert await works(link)
    await master.kill()
    assert not await works(link)
    await eventually(lambda: works(link))
    assert link.state is State.UP


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[list[RedisServer]]:
    """Three masters, each with a replica."""
    extra = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
    async with AsyncExitStack() as stack:
        servers = [RedisServer(tmp_path / str(n), extra, port=free_port(55_000)) for n in range(6)]
        for server in servers:
            stack.push_async_callback(server.stop)
        await asyncio.gather(*(server.start() for server in servers))
        nodes = [f"127.0.0.1:{server.port}" for server in servers]
        made = await asyncio.create_subprocess_exec(
            *("redis-cli", "--cluster", "create", *nodes, "--cluster-replicas", "1"),
            "--cluster-yes",
            stdout=asyncio.subprocess.DEVNULL,
        )
        assert await made.wait() == 0

        async def whole() -> bool:
            told = [str(await server.say("CLUSTER", "INFO")) for server in servers]
            replicas = [str(await server.say("ROLE")) for server in servers]
            ready = sum("slave" in r and "connected" in r for r in replicas) == 3
            return ready and all("cluster_state:ok" in t for t in told)

        await eventually(whole)
        yield servers


async def test_a_cluster_is_used_on_all_its_nodes_and_after_one_has_died(
    cluster: list[RedisServer], links: Open
) -> None:
    nodes = ",".join(f"127.0.0.1:{server.port}" for server in cluster[:3])
    link = await links(f"redis+cluster://{nodes}")
    assert await works(link)
    names = [link.key("answer", str(n)) for n in range(60)]
    for name in names:
        await link.write("SET", name, "x", "PX", 60_000)
    masters = [server for server in cluster if "master" in str(await server.say("ROLE"))]
    assert all([await server.say("DBSIZE") for server in masters])
    await masters[0].kill()

    async def all_found() -> bool:
        try:
            return all([await link.read("GET", name) == b"x" for name in names])
        except RedisAway:
            return False

    await eventually(all_found)
    assert await works(link)
