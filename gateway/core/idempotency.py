"""A call that is sent again under the same request id: answered once, paid once.

The first to claim the id does the work; equal calls meanwhile wait for its result, later ones get
it for KEEP_S. If the first fails, the next one does the work itself: only results are kept.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from gateway.core.errors import DeadlineExceeded, RequestIdReused
from gateway.core.model import Deadline
from gateway.core.ports import Clock

KEEP_S = 600.0
"""Results are kept for ten minutes, as the contract says."""
MAX_RESULT_BYTES = 256 * 1024
"""Larger results are not kept; such a call is answered anew when it is sent again."""
LEASE_SPARE_S = 1.0
"""A claim ends so long after its call's deadline, whatever became of the call's process."""
POLL_FIRST_S = 0.02
POLL_GROWTH = 1.5
POLL_CAP_S = 0.25


class Claim(Enum):
    """What a store says of a request id."""

    MINE = auto()
    BUSY = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A call with an id of the caller's. `key`: of `repeat_key`; `print`: a hash of the request."""

    key: bytes
    print: bytes
    deadline: Deadline


class ResultStore(Protocol):
    """Remembers who works on a request id, and what came of it. Never raises, but for bugs."""

    async def claim(self, call: Repeatable, token: bytes, lease_s: float) -> Claim | bytes:
        """The result if there is one, else who has it.

        MINE: this `token`, from now on and for at most `lease_s`. BUSY: another call with the same
        request. OTHER: a call with another request, at work or done. Who is cancelled meanwhile
        holds nothing.
        """
        ...

    def finish(self, call: Repeatable, token: bytes, result: bytes, ttl_s: float) -> None:
        """Keep the result of the token's claim for `ttl_s`; nobody waits for it."""
        ...

    def release(self, call: Repeatable, token: bytes) -> None:
        """Give the token's claim up; nobody waits for it."""
        ...


def repeat_key(tenant: str, method: str, request_id: str) -> bytes:
    """32 bytes under which a store keeps it; parts are length-prefixed."""
    digest = hashlib.sha256()
    for part in (tenant, method, request_id):
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()


class Once:
    """Does each piece of work once. `make_token` makes bytes that nobody else makes."""

    def __init__(self, store: ResultStore, clock: Clock, make_token: Callable[[], bytes]) -> None:
        self._store = store
        self._clock = clock
        self._make_token = make_token

    def __repr__(self) -> str:
        return f"Once({self._store!r})"

    async def run(self, call: Repeatable, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """The result of `work`, or what it was the first time; raises as `claim` and `work`."""
        claim = await self.claim(call)
        if isinstance(claim, bytes):
            return claim
        result: bytes | None = None
        try:
            result = await work()
        finally:
            claim.end(result)
        return result

    async def claim(self, call: Repeatable) -> "bytes | Held":
        """The result of the first time, or leave to do the work.

        Raises RequestIdReused when the id was used for another request, DeadlineExceeded when the
        first call is still at work at this one's deadline.
        """
        token, wait_s = self._make_token(), POLL_FIRST_S
        while True:
            left_s = call.deadline.remaining_s(self._clock())
            claim = await self._store.claim(call, token, left_s + LEASE_SPARE_S)
            if isinstance(claim, bytes):
                return claim
            if claim is Claim.OTHER:
                raise RequestIdReused
            if claim is Claim.MINE:
                return Held(self._store, call, token)
            if left_s <= wait_s:
                raise DeadlineExceeded("an equal call with this request id is still at work")
            await asyncio.sleep(wait_s)
            wait_s = min(POLL_CAP_S, wait_s * POLL_GROWTH)


@dataclass(frozen=True, slots=True)
class Held:
    """Leave to do the work, to be ended exactly once."""

    store: ResultStore
    call: Repeatable
    token: bytes

    def end(self, result: bytes | None) -> None:
        """Keep the result; None, or one too large: the next call does the work itself."""
        if result is None or len(result) > MAX_RESULT_BYTES:
            self.store.release(self.call, self.token)
        else:
            self.store.finish(self.call, self.token, result, KEEP_S)
