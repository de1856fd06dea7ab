"""The embedded cache: bounded by count, size and age."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.memory_cache import ENTRY_OVERHEAD_BYTES, LARGEST_VALUE_BYTES, MemoryCache
from gateway.core.options import CacheMemoryOptions
from gateway.core.ports import CacheEntry
from tests.fakes import completion

pytestmark = pytest.mark.anyio


class Wall:
    """A calendar's clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def entry(text: str = "hello") -> CacheEntry:
    return CacheEntry(completion(text), "a", 0.0)


def cache(entries: int = 100, size: int = 10**6, wall: Wall | None = None) -> MemoryCache:
    return MemoryCache(CacheMemoryOptions(max_entries=entries, max_bytes=size), wall or Wall())


async def test_what_is_put_is_found_until_it_is_too_old() -> None:
    wall = Wall()
    kept = cache(wall=wall)
    await kept.put(b"k", entry(), 60.0)
    assert await kept.get(b"k") == entry()
    wall.now_s = 60.0
    assert await kept.get(b"k") is None
    assert repr(kept) == "MemoryCache(entries=0, bytes=0)"


def valued(*values: object) -> CacheEntry:
    return CacheEntry(completion("hello"), "a", 0.0, values)


async def test_what_a_value_takes_is_counted() -> None:
    kept = cache(size=100_000)
    for n in range(10):
        await kept.put(b"%d" % n, valued("x" * 30_000), 60)
    assert 90_000 < kept.size_bytes <= 100_000
    assert kept.entries == 3


async def test_of_an_answer_with_a_huge_value_the_reply_alone_is_kept() -> None:
    kept = cache()
    huge = valued(*[(n, str(n)) for n in range(LARGEST_VALUE_BYTES // 50)])
    await kept.put(b"k", huge, 60)
    found = await kept.get(b"k")
    assert found is not None
    assert (found.value, found.completion) == (None, huge.completion)
    assert kept.size_bytes < 2 * ENTRY_OVERHEAD_BYTES


async def test_the_least_recently_used_goes_first() -> None:
    kept = cache(entries=2)
    await kept.put(b"a", entry(), 60)
    await kept.put(b"b", entry(), 60)
    await kept.get(b"a")
    await kept.put(b"c", entry(), 60)
    assert [await kept.get(key) is not None for key in (b"a", b"b", b"c")] == [True, False, True]


async def test_an_entry_larger_than_the_whole_is_not_kept() -> None:
    kept = cache(size=ENTRY_OVERHEAD_BYTES + 10)
    await kept.put(b"k", entry("x" * 100), 60)
    assert await kept.get(b"k") is None


async def test_clearing_forgets_everything_and_says_how_much() -> None:
    kept = cache()
    await kept.put(b"a", entry(), 60)
    await kept.put(b"a", entry(), 60)
    await kept.put(b"b", entry(), 60)
    assert kept.clear() == 2
    assert repr(kept) == "MemoryCache(entries=0, bytes=0)"


@given(st.lists(st.tuples(st.binary(max_size=1), st.integers(0, 400)), max_size=60))
async def test_it_never_holds_more_than_its_bounds(puts: list[tuple[bytes, int]]) -> None:
    most = 5 * ENTRY_OVERHEAD_BYTES
    kept = cache(entries=4, size=most)
    for key, length in puts:
        await kept.put(key, entry("x" * length), 60)
        assert len(kept._kept) <= 4
        assert kept._bytes <= most
        assert kept._bytes == sum(one.size_bytes for one in kept._kept.values())
