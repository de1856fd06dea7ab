"""Conversations, limits and what machines share: neither tenant sees or feels the other."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.memory_cache import MemoryCache
from gateway.adapters.memory_conversations import MemoryConversations
from gateway.adapters.redis import RedisConversations, RedisLink, State, TieredCache
from gateway.core.conversations import Turn, conversation_key
from gateway.core.limits.checks import Refusal
from gateway.core.limits.ledger import Ledger
from gateway.core.limits.rules import Moment, Owner, Scope, at_the_door
from gateway.core.model import Message, Role
from gateway.core.options import (
    CacheMemoryOptions,
    CallerLimitOptions,
    ConversationOptions,
    RedisAccess,
)
from gateway.core.ports import ConversationStore
from tests.isolation.house import REQUEST_IDS, TENANTS, TEXTS, House
from tests.redis_servers import eventually, redis_server

WORDS = ("", "a", "b", "ab", "C1", "a/b")
OWNERS = st.tuples(st.sampled_from(TENANTS), st.sampled_from(WORDS), st.sampled_from(WORDS))
Owned = tuple[str, str, str]


@given(st.tuples(st.text(), st.text(), st.text()), st.tuples(st.text(), st.text(), st.text()))
def test_two_conversations_share_a_key_only_if_all_their_names_are_equal(
    one: Owned, other: Owned
) -> None:
    assert (conversation_key(*one) == conversation_key(*other)) == (one == other)


@settings(max_examples=100)
@given(st.lists(OWNERS, max_size=15), OWNERS)
def test_a_conversation_is_known_to_its_tenant_and_customer_alone(
    added: list[Owned], reader: Owned
) -> None:
    own = MemoryConversations(ConversationOptions(), lambda: 0.0)
    asyncio.run(conversations_stay_apart(own, added, [reader]))


async def conversations_stay_apart(
    store: ConversationStore, added: list[Owned], readers: list[Owned]
) -> None:
    """Each reader gets exactly what was added under all of its own names; a stranger gets None."""
    for number, owner in enumerate(added):
        turn = Turn((Message(Role.USER, f"{owner} {number}"),))
        await store.add(conversation_key(*owner), turn, with_person=None, ttl_s=60)
    for reader in readers:
        kept = await store.read(conversation_key(*reader))
        own = [f"{owner} {n}" for n, owner in enumerate(added) if owner == reader][-20:]
        assert [t.messages[0].text for t in kept.turns] == own if kept else not own


LIMITS = CallerLimitOptions(calls_per_minute=30, burst=2, concurrent_calls=3, tokens_per_minute=9)
NAMES = st.sampled_from([*TENANTS, "a/b", "a%2Fb", "tenant/a", "a/calls_per_minute"])


@settings(max_examples=200)
@given(st.lists(st.tuples(NAMES, st.floats(0, 2)), max_size=40))
def test_a_tenant_is_let_in_and_refused_as_if_it_were_alone(
    calls: list[tuple[str, float]],
) -> None:
    shared, alone, now_s = Ledger(), {name: Ledger() for name, _ in calls}, 0.0
    for name, gap_s in calls:
        now_s += gap_s
        moment = Moment(1_800_000_000.0 + now_s, ZoneInfo("UTC"), 30.0)
        rules = at_the_door(Owner(Scope.TENANT, name, LIMITS), moment, asks_models=True)
        checks = [rule.check for rule in rules]
        together, apart = (ledger.reserve(checks, now_s) for ledger in (shared, alone[name]))
        assert isinstance(together, Refusal) == isinstance(apart, Refusal)
        assert together.levels == apart.levels


@asynccontextmanager
async def two_machines(folder: Path) -> AsyncIterator[list[RedisLink]]:
    """Two ways to one real Redis."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(redis_server(folder))
        links = []
        for _ in range(2):
            link = RedisLink(RedisAccess(url=server.url, timeout_s=5.0), time.monotonic)
            stack.push_async_callback(link.aclose)
            await link.start()
            links.append(link)
        await eventually(lambda: all(link.state is State.UP for link in links))
        yield links


@pytest.mark.anyio
@pytest.mark.needs("redis-server")
async def test_what_machines_share_through_redis_is_cut_by_tenant_too(tmp_path: Path) -> None:
    chance = Random(7)
    owners = [(t, w, v) for t in TENANTS for w in WORDS[:3] for v in WORDS[:3]]
    async with two_machines(tmp_path) as links:
        processes = [House(cache=cache_over(link)) for link in links]
        shared = 0
        for _ in range(300):
            tenant, text = chance.choice(TENANTS), chance.choice(TEXTS)
            process = chance.choice(processes)
            ask = process.stream if chance.random() < 0.5 else process.ask
            answer = await asyncio.create_task(ask(tenant, chance.choice(REQUEST_IDS), text))
            assert answer.value.text.startswith(f"for {tenant}: ")
            shared += answer.usage.input_tokens == 0
        assert shared > 200  # the caches were at work
        first, _ = links
        own = MemoryConversations(ConversationOptions(), time.monotonic)
        store = RedisConversations(first, own)
        await conversations_stay_apart(store, chance.choices(owners, k=60), owners)


def cache_over(link: RedisLink) -> TieredCache:
    near = MemoryCache(CacheMemoryOptions(), time.time)
    return TieredCache(near, link, time.time, local_s=0.0)
