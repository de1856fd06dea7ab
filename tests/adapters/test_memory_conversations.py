"""The embedded store: sliding life, bounds, and who has a conversation."""

import asyncio

import pytest

from gateway.adapters.memory_conversations import MemoryConversations
from gateway.core.conversations import MAX_TURNS, Turn
from gateway.core.model import Message, Role
from gateway.core.options import ConversationOptions

pytestmark = pytest.mark.anyio


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def turn(text: str) -> Turn:
    return Turn((Message(Role.USER, text),))


async def test_a_conversation_lives_on_with_every_message() -> None:
    clock = Clock()
    store = MemoryConversations(ConversationOptions(), clock)
    await store.add(b"k", turn("a"), with_person=None, ttl_s=10)
    clock.now_s = 9
    await store.add(b"k", turn("b"), with_person=None, ttl_s=10)
    clock.now_s = 18
    kept = await store.read(b"k")
    assert kept is not None
    assert [one.messages[0].text for one in kept.turns] == ["a", "b"]
    clock.now_s = 19
    assert await store.read(b"k") is None


async def test_a_hand_over_stays_until_it_is_taken_back() -> None:
    store = MemoryConversations(ConversationOptions(), Clock())
    seen = []
    for said in (None, True, None, False, None):
        await store.add(b"k", turn("a"), with_person=said, ttl_s=10)
        kept = await store.read(b"k")
        seen.append(kept is not None and kept.with_person)
    assert seen == [False, True, True, False, False]


async def test_the_longest_silent_go_first() -> None:
    store = MemoryConversations(ConversationOptions(max_kept=2), Clock())
    for key in (b"a", b"b", b"a", b"c"):
        await store.add(key, turn("x"), with_person=None, ttl_s=10)
    assert [await store.read(key) is not None for key in (b"a", b"b", b"c")] == [True, False, True]


async def test_size_is_bounded_too() -> None:
    store = MemoryConversations(ConversationOptions(max_bytes=10_000), Clock())
    for number in range(20):
        await store.add(b"%d" % number, turn("x" * 1_000), with_person=None, ttl_s=10)
    assert "MemoryConversations(2," in repr(store)


async def test_two_messages_at_once_both_stay_and_only_the_newest_turns_are_kept() -> None:
    store = MemoryConversations(ConversationOptions(), Clock())
    many = (store.add(b"k", turn(str(n)), with_person=None, ttl_s=10) for n in range(MAX_TURNS + 3))
    await asyncio.gather(*many)
    kept = await store.read(b"k")
    assert kept is not None
    assert len(kept.turns) == MAX_TURNS
