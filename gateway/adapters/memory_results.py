"""The embedded store of results by request id: bounded by size, the oldest go first."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from gateway.core.idempotency import Claim, Repeatable

MAX_BYTES = 32 * 1024 * 1024
"""Most bytes kept: some 10,000 ordinary answers."""
OVERHEAD_BYTES = 512
"""Counted for each on top of its result."""


@dataclass(frozen=True, slots=True)
class _Kept:
    print: bytes
    token: bytes
    ends_s: float
    result: bytes | None = None

    @property
    def size_bytes(self) -> int:
        return OVERHEAD_BYTES + len(self.result or b"")


class MemoryResults:
    """A `ResultStore` inside the process. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float], max_bytes: int = MAX_BYTES) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._bytes = 0

    def __repr__(self) -> str:
        return f"MemoryResults({len(self._kept)}, bytes={self._bytes})"

    async def claim(self, call: Repeatable, token: bytes, lease_s: float) -> Claim | bytes:
        """The result, or who works on it; never waits."""
        kept = self._kept.get(call.key)
        if kept is None or kept.ends_s <= self._clock():
            self._keep(call.key, _Kept(call.print, token, self._clock() + lease_s))
            return Claim.MINE
        if kept.print != call.print:
            return Claim.OTHER
        return Claim.BUSY if kept.result is None else kept.result

    def finish(self, call: Repeatable, token: bytes, result: bytes, ttl_s: float) -> None:
        """Keep the result of the token's claim."""
        if self._is_of(call, token):
            self._keep(call.key, _Kept(call.print, token, self._clock() + ttl_s, result))

    def release(self, call: Repeatable, token: bytes) -> None:
        """Give the token's claim up."""
        if self._is_of(call, token):
            self._drop(call.key)

    def _is_of(self, call: Repeatable, token: bytes) -> bool:
        kept = self._kept.get(call.key)
        return kept is not None and kept.token == token

    def _keep(self, key: bytes, kept: _Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        self._bytes += kept.size_bytes
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: bytes) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size_bytes
