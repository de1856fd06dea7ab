"""The embedded cache store: least recently used first out, bounded by count, size and age."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from gateway.core.options import CacheMemoryOptions
from gateway.core.ports import CacheEntry
from gateway.core.weight import weight_bytes

ENTRY_OVERHEAD_BYTES = 1_024
"""Counted for each entry on top of its text: objects, key and bookkeeping (measured: 0.7 KB)."""


LARGEST_VALUE_BYTES = 128 * 1_024
"""A larger value is not kept, only the model's reply that it is read from, as in Redis: reading a
reply again takes milliseconds in the rules' processes, and needs no model. Above what replies of
chat and keywords take; an anomaly's band of 500 points is about that large."""


class _Kept(NamedTuple):
    entry: CacheEntry
    expires_at_s: float
    size_bytes: int


class MemoryCache:
    """A `CacheStore` inside the process. `wall` is the calendar's clock in seconds.

    New `bounds` count from the next entry on.
    """

    def __init__(self, bounds: CacheMemoryOptions, wall: Callable[[], float]) -> None:
        self.bounds = bounds
        self._wall = wall
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._bytes = 0

    def __repr__(self) -> str:
        return f"MemoryCache(entries={len(self._kept)}, bytes={self._bytes})"

    @property
    def entries(self) -> int:
        """Answers kept."""
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        """Bytes of them."""
        return self._bytes

    async def get(self, key: bytes) -> CacheEntry | None:
        """The entry, or None when there is none or it is too old."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.expires_at_s <= self._wall():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.entry

    async def put(self, key: bytes, entry: CacheEntry, ttl_s: float) -> None:
        """Keep it for `ttl_s` seconds; one that is larger than the whole cache is not kept."""
        weight = weight_bytes(entry.value, LARGEST_VALUE_BYTES)
        if weight is None:
            entry = replace(entry, value=None)
        size = ENTRY_OVERHEAD_BYTES + 4 * len(entry.completion.text) + (weight or 0)
        if size > self.bounds.max_bytes:
            return
        self._drop(key)
        self._kept[key] = _Kept(entry, self._wall() + ttl_s, size)
        self._bytes += size
        while len(self._kept) > self.bounds.max_entries or self._bytes > self.bounds.max_bytes:
            self._drop(next(iter(self._kept)))

    async def drop(self, key: bytes) -> None:
        """Forget one entry."""
        self._drop(key)

    async def flush(self, tenant: str = "", route: str = "") -> list[bytes]:
        """Forget the answers of this tenant and route; their keys."""
        keys = [
            key
            for key, kept in self._kept.items()
            if tenant in ("", kept.entry.tenant) and route in ("", kept.entry.route)
        ]
        for key in keys:
            self._drop(key)
        return keys

    @property
    def size(self) -> tuple[int, int]:
        """Entries and the bytes they are counted with."""
        return len(self._kept), self._bytes

    def clear(self) -> int:
        """Forget everything; returns how many entries that were."""
        count = len(self._kept)
        self._kept.clear()
        self._bytes = 0
        return count

    def _drop(self, key: bytes) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size_bytes
