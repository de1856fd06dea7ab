"""Two tenants on one Redis, in any order, at one gateway or two: neither gets the other's."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.adapters.memory_cache import MemoryCache
from gateway.adapters.memory_conversations import MemoryConversations
from gateway.adapters.memory_results import MemoryResults
from gateway.adapters.redis import (
    RedisConversations,
    RedisLeases,
    RedisLimits,
    RedisLink,
    RedisResults,
    State,
    TieredCache,
)
from gateway.core.conversations import Turn, conversation_key
from gateway.core.engine import Engine
from gateway.core.errors import RequestIdReused
from gateway.core.idempotency import Once, Repeatable, repeat_key
from gateway.core.limits.checks import Grant
from gateway.core.limits.rules import Moment, Owner, Scope, at_the_door
from gateway.core.model import Answer, Deadline, Message, Role
from gateway.core.options import (
    CacheMemoryOptions,
    CallerLimitOptions,
    ConversationOptions,
    RedisAccess,
    Secret,
)
from gateway.core.shared_flights import SharedFlights
from tests.fakes import EchoTask, caller, deployment, plan, rooms
from tests.isolation.house import WHO, Marking
from tests.isolation.test_stores import REQUEST_IDS, TENANTS, TEXTS
from tests.redis_servers import RedisServer, eventually, redis_server

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

GATEWAYS = st.sampled_from([0, 1])
FOR_REDIS = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
PASSWORD = "canary-of-the-password"


@dataclass(frozen=True)
class Gateway:
    """One process's stores over the Redis that is shared."""

    link: RedisLink
    cache: TieredCache
    engine: Engine
    talks: RedisConversations
    once: Once
    limits: RedisLimits


def gateway(link: RedisLink) -> Gateway:
    clock = time.monotonic
    cache = TieredCache(MemoryCache(CacheMemoryOptions(), time.time), link, time.time, 30.0)
    flights = SharedFlights(RedisLeases(link), clock, lambda: uuid4().bytes)
    own = MemoryConversations(ConversationOptions(), clock)
    return Gateway(
        link,
        cache,
        Engine(rooms(Marking(), plan([deployment("a")]), cache=cache, flights=flights)),
        RedisConversations(link, own),
        Once(RedisResults(link, MemoryResults(clock)), clock, lambda: uuid4().bytes),
        RedisLimits(link),
    )


@pytest.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    async with redis_server(tmp_path_factory.mktemp("redis"), password=PASSWORD) as running:
        yield running


@pytest.fixture
async def links(server: RedisServer) -> AsyncIterator[list[RedisLink]]:
    access = RedisAccess(url=server.url, timeout_s=1.0, password=Secret(PASSWORD))
    made = [RedisLink(access, time.monotonic) for _ in range(2)]
    for link in made:
        await link.start()
    await eventually(lambda: all(link.state is State.UP for link in made))
    yield made
    for link in made:
        await link.aclose()


async def fresh(server: RedisServer, links: list[RedisLink]) -> list[Gateway]:
    """Gateways whose own memory is empty, on an empty Redis."""
    await server.say("FLUSHALL")
    return [gateway(link) for link in links]


@FOR_REDIS
@given(st.lists(st.tuples(GATEWAYS, TENANTS, TEXTS), max_size=15), st.booleans())
async def test_no_tenant_gets_a_cached_answer_of_another(
    server: RedisServer,
    links: list[RedisLink],
    calls: list[tuple[int, str, str]],
    at_once: bool,
) -> None:
    pair = await fresh(server, links)

    async def ask(which: int, tenant: str, text: str) -> Answer[Any]:
        WHO.set(tenant)
        return await pair[which].engine.answer(EchoTask(), text, caller(tenant=tenant))

    if at_once:
        answers = await asyncio.gather(*(ask(*call) for call in calls))
    else:
        answers = [await asyncio.create_task(ask(*call)) for call in calls]
    for (_, tenant, _), answer in zip(calls, answers, strict=True):
        assert answer.value.text.startswith(f"for {tenant}: ")


@FOR_REDIS
@given(
    st.lists(st.tuples(GATEWAYS, TENANTS, st.sampled_from(["C1", "C2", ""]), TEXTS), max_size=12)
)
async def test_a_conversation_is_its_tenants_and_customers_alone(
    server: RedisServer, links: list[RedisLink], said: list[tuple[int, str, str, str]]
) -> None:
    pair = await fresh(server, links)
    for which, tenant, customer, text in said:
        turn = Turn((Message(Role.USER, f"{tenant}/{customer}: {text}"),))
        key = conversation_key(tenant, customer, "talk-1")
        await pair[which].talks.add(key, turn, with_person=None, ttl_s=60.0)
    for which in (0, 1):
        for tenant, customer in {(t, c) for _, t, c, _ in said} | {("stranger", "C1")}:
            known = await pair[which].talks.read(conversation_key(tenant, customer, "talk-1"))
            texts = [m.text for turn in known.turns for m in turn.messages] if known else []
            assert all(text.startswith(f"{tenant}/{customer}: ") for text in texts)
            assert bool(texts) == ((tenant, customer) in {(t, c) for _, t, c, _ in said})


@FOR_REDIS
@given(st.lists(st.tuples(GATEWAYS, TENANTS, REQUEST_IDS, TEXTS), max_size=12))
async def test_a_request_id_is_its_tenants_alone(
    server: RedisServer, links: list[RedisLink], calls: list[tuple[int, str, str, str]]
) -> None:
    pair = await fresh(server, links)
    first: dict[tuple[str, str], str] = {}
    for which, tenant, request_id, text in calls:
        key = repeat_key(tenant, "Chat", request_id)
        call = Repeatable(key, text.ljust(32).encode(), Deadline(time.monotonic() + 60.0))

        async def work(tenant: str = tenant, text: str = text) -> bytes:
            return f"for {tenant}: {text}".encode()

        known = first.setdefault((tenant, request_id), text)
        try:
            assert await pair[which].once.run(call, work) == f"for {tenant}: {text}".encode()
            assert known == text
        except RequestIdReused:
            assert known != text


@FOR_REDIS
@given(st.lists(st.tuples(GATEWAYS, TENANTS), max_size=25))
async def test_no_tenant_uses_up_anothers_limit(
    server: RedisServer, links: list[RedisLink], calls: list[tuple[int, str]]
) -> None:
    pair = await fresh(server, links)
    options = CallerLimitOptions(concurrent_calls=2)
    moment = Moment(time.time(), ZoneInfo("UTC"), 600.0)
    granted: dict[str, int] = {}
    for which, tenant in calls:
        rules = at_the_door(Owner(Scope.TENANT, tenant, options), moment, asks_models=False)
        verdict = await pair[which].limits.reserve([rule.check for rule in rules])
        assert isinstance(verdict, Grant) == (granted.get(tenant, 0) < 2)
        granted[tenant] = granted.get(tenant, 0) + isinstance(verdict, Grant)


async def test_no_key_tells_a_tenant_a_text_or_a_secret(
    server: RedisServer, links: list[RedisLink]
) -> None:
    words = ["canary-tenant", "canary-text", "canary-id", "canary-customer", PASSWORD]
    tenant, text, request_id, customer, _ = words
    house = (await fresh(server, links))[0]
    await house.engine.answer(EchoTask(), text, caller(tenant=tenant))
    key = conversation_key(tenant, customer, "talk-1")
    await house.talks.add(key, Turn((Message(Role.USER, text),)), with_person=True, ttl_s=60.0)
    call = Repeatable(repeat_key(tenant, "Chat", request_id), b"p" * 32, Deadline(1e12))

    async def work() -> bytes:
        return text.encode()

    await house.once.run(call, work)
    owner = Owner(Scope.TENANT, tenant, CallerLimitOptions(calls_per_minute=5, concurrent_calls=5))
    moment = Moment(time.time(), ZoneInfo("UTC"), 600.0)
    await house.limits.reserve([r.check for r in at_the_door(owner, moment, asks_models=True)])
    names = b" ".join(await server.say("KEYS", "*")).decode()
    kinds = {name.split(":")[1].strip("{}") for name in names.split()}
    assert {"answer", "talk", "talk-person", "result", "limit"} <= kinds
    assert not [word for word in words if word in names]
    assert PASSWORD not in repr(house.link) + repr(house.cache) + repr(house.once)
