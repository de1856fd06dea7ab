"""Conversations over a real Redis: sliding life, both of two turns at once, who has them."""

import asyncio
from contextlib import suppress

import pytest

from gateway.adapters.memory_conversations import MemoryConversations
from gateway.adapters.redis import RedisConversations, RedisLink, State
from gateway.adapters.redis.errors import RedisAway
from gateway.core.conversations import MAX_TURNS, Turn, conversation_key
from gateway.core.model import Message, Role
from gateway.core.options import ConversationOptions
from gateway.core.ports import StoreDown
from tests.adapters.redis.conftest import Open
from tests.redis_servers import RedisServer, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.needs("redis-server")]

KEY = conversation_key("acme", "C1", "talk-1")


def turn(text: str) -> Turn:
    return Turn(
        (Message(Role.USER, text), Message(Role.ASSISTANT, "你好")), pending_tool="get_order"
    )


def store(link: RedisLink) -> RedisConversations:
    own = MemoryConversations(ConversationOptions(), asyncio.get_running_loop().time)
    return RedisConversations(link, own)


async def texts(kept: RedisConversations) -> list[str]:
    known = await kept.read(KEY)
    return [one.messages[0].text for one in known.turns] if known else []


async def test_another_gateway_goes_on_with_the_conversation(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    here, there = store(link), store(await links(server.url))
    await here.add(KEY, turn("one"), with_person=None, ttl_s=60)
    await there.add(KEY, turn("two"), with_person=True, ttl_s=60)
    known = await here.read(KEY)
    assert known is not None
    assert known.turns == (turn("one"), turn("two"))
    assert known.with_person


async def test_turns_at_once_all_stay_and_only_the_newest_are_kept(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    both = store(link), store(await links(server.url))
    await asyncio.gather(
        *(both[n % 2].add(KEY, turn(str(n)), with_person=None, ttl_s=60) for n in range(30))
    )
    kept = await texts(both[0])
    assert len(kept) == len(set(kept)) == MAX_TURNS


async def test_a_hand_over_stays_until_it_is_taken_back(link: RedisLink) -> None:
    kept, seen = store(link), []
    for said in (None, True, None, False, None):
        await kept.add(KEY, turn("a"), with_person=said, ttl_s=60)
        known = await kept.read(KEY)
        seen.append(known is not None and known.with_person)
    assert seen == [False, True, True, False, False]


async def test_every_turn_gives_it_its_whole_life_again(
    server: RedisServer, link: RedisLink
) -> None:
    kept = store(link)
    await kept.add(KEY, turn("one"), with_person=True, ttl_s=20)
    await kept.add(KEY, turn("two"), with_person=None, ttl_s=600)
    lives = [await server.say("TTL", name) for name in await server.say("KEYS", "*")]
    assert len(lives) == 2
    assert all(500 < life <= 600 for life in lives)
    await kept.add(KEY, turn("three"), with_person=None, ttl_s=0.05)

    async def over() -> bool:
        return await kept.read(KEY) is None

    await eventually(over)


async def test_while_redis_is_away_a_talk_goes_on_where_it_was(
    server: RedisServer, link: RedisLink
) -> None:
    kept = store(link)
    await kept.add(KEY, turn("one"), with_person=True, ttl_s=60)
    await server.kill()
    with pytest.raises(StoreDown):
        await kept.add(KEY, turn("two"), with_person=None, ttl_s=60)
    known = await kept.read(KEY)
    assert known is not None
    assert known.with_person
    assert await texts(kept) == ["one", "two"]
    with pytest.raises(StoreDown):
        await kept.read(conversation_key("acme", "C1", "of another gateway"))


async def gone(server: RedisServer, link: RedisLink) -> None:
    await server.kill()
    while link.state is not State.AWAY:
        with suppress(RedisAway):
            await link.read("GET", "x")


async def said_alone(kept: RedisConversations, text: str, *, with_person: bool | None) -> None:
    with pytest.raises(StoreDown):
        await kept.add(KEY, turn(text), with_person=with_person, ttl_s=60)


async def test_a_talk_begun_while_redis_is_away_goes_on_when_it_is_back(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    kept, there = store(link), store(await links(server.url))
    await gone(server, link)
    await said_alone(kept, "one", with_person=None)
    await said_alone(kept, "two", with_person=True)
    await server.start()
    await eventually(lambda: link.state is State.UP)
    assert await texts(kept) == ["one", "two"]
    await kept.add(KEY, turn("three"), with_person=None, ttl_s=60)

    async def there_too() -> bool:
        with suppress(StoreDown):
            return await texts(there) == ["one", "two", "three"]
        return False

    await eventually(there_too)
    known = await there.read(KEY)
    assert known is not None
    assert known.with_person


@pytest.mark.parametrize("before", [False, True])
async def test_who_has_it_is_told_to_all_gateways_without_another_call(
    server: RedisServer, links: Open, *, before: bool
) -> None:
    link = await links(server.url, timeout_s=0.2)
    kept, there = store(link), store(await links(server.url))
    await kept.add(KEY, turn("one"), with_person=before, ttl_s=60)
    server.pause()
    while link.state is not State.AWAY:
        with suppress(RedisAway):
            await link.read("GET", "x")
    await said_alone(kept, "two", with_person=not before)
    server.resume()

    async def told() -> bool:
        with suppress(StoreDown):
            known = await there.read(KEY)
            return known is not None and known.with_person is not before
        return False

    await eventually(told)
    assert await texts(there) == ["one", "two"]


async def test_a_talk_that_redis_has_lost_goes_on_whole(
    server: RedisServer, link: RedisLink, links: Open
) -> None:
    kept, there = store(link), store(await links(server.url))
    await kept.add(KEY, turn("one"), with_person=None, ttl_s=60)
    await kept.add(KEY, turn("two"), with_person=True, ttl_s=60)
    await server.say("FLUSHALL")
    assert await texts(kept) == ["one", "two"]
    await kept.add(KEY, turn("three"), with_person=None, ttl_s=60)
    known = await there.read(KEY)
    assert known is not None
    assert known.turns == (turn("one"), turn("two"), turn("three"))
    assert known.with_person


async def test_turns_that_two_gateways_heard_alone_all_stay(
    server: RedisServer, links: Open
) -> None:
    opened = [await links(server.url, timeout_s=0.2) for _ in range(2)]
    both = [store(link) for link in opened]
    await both[0].add(KEY, turn("before"), with_person=None, ttl_s=60)
    server.pause()
    for name, link, kept in zip("ab", opened, both, strict=True):
        while link.state is not State.AWAY:
            with suppress(RedisAway):
                await link.read("GET", "x")
        await said_alone(kept, name, with_person=None)
    server.resume()

    async def all_there() -> bool:
        with suppress(StoreDown):
            return sorted(await texts(both[0])) == ["a", "b", "before"]
        return False

    await eventually(all_there)
    assert sorted(await texts(both[1])) == ["a", "b", "before"]


async def test_a_turn_whose_caller_hung_up_is_kept_once(
    server: RedisServer, link: RedisLink
) -> None:
    kept = store(link)
    server.pause()
    task = asyncio.create_task(kept.add(KEY, turn("one"), with_person=None, ttl_s=60))
    for _ in range(20):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    server.resume()

    async def written_down() -> bool:
        return bool(await server.say("DBSIZE"))

    await eventually(written_down)
    await kept.add(KEY, turn("two"), with_person=None, ttl_s=60)
    assert await texts(kept) == ["one", "two"]


async def test_turns_of_another_version_are_left_out(link: RedisLink) -> None:
    kept = store(link)
    await link.write("RPUSH", link.key("talk", KEY), b"\xff not ours", b'{"version": 9}')
    await kept.add(KEY, turn("one"), with_person=None, ttl_s=60)
    assert await texts(kept) == ["one"]
