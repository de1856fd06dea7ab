"""The guard around every operation, so that Redis can cost time and money but never an answer.

A caller waits at most `timeout_s`; its operation then ends by itself, so that no connection is
torn in the middle of a reply and one that takes long to open is there for the next. Of operations
that are unusually slow only `SEATS` are waited for: while those find out whether Redis still
answers, all others go on without it. So a Redis that stops costs at most that many slow calls.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from gateway.adapters.redis.availability import Availability, State
from gateway.adapters.redis.errors import Fault, RedisAway, fault, reason_of
from gateway.core.ports import Clock

T = TypeVar("T")

SEATS = 3
"""Operations that may be overdue at once."""
SLOW_SHARE = 0.4
"""An answer after this share of the timeout is slow."""
STALLED = 1.5
"""A wait that lasted so many times too long shows that our own loop was busy, not Redis."""
PROBE_S = 2.0
"""Longest probe: it may have to find a new master and open a TLS connection first."""
MOST_LATER = 1_000
"""Writes on their way that nobody waits for; more are left out."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Operation(Generic[T]):
    """`began_s` is None while it waits for a connection of ours; that says nothing of Redis."""

    work: Callable[[], Awaitable[T]]
    write: bool
    began_s: float | None = None
    overdue: bool = False


class Guard:
    """Runs operations while Redis is of use. `probe` raises when Redis cannot be worked with.

    `renew` is called when connections may lead nowhere useful any more, and all of `when_back`
    each time Redis takes everything again. `waits`
    counts the callers that were held up by an unusually slow operation. Use `start` and `aclose`.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[None]],
        renew: Callable[[], Awaitable[None]],
        clock: Clock,
        *,
        timeout_s: float,
        at_once: int,
    ) -> None:
        self._probe = probe
        self._renew = renew
        self._clock = clock
        self._timeout_s = timeout_s
        self._free = asyncio.Semaphore(at_once)
        self._availability = Availability()
        self._told = State.AWAY
        self._left_s = clock()
        self._overdue = 0
        self._running: set[asyncio.Task[object]] = set()
        self._gone = asyncio.Event()
        self._probed = asyncio.Event()
        self._leaving: asyncio.Future[None] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._odd_told = False
        self.when_back: list[Callable[[], None]] = []
        self.waits = 0

    @property
    def state(self) -> State:
        """What Redis is good for now."""
        return self._availability.state

    @property
    def reason(self) -> str:
        """Why it was last away or full."""
        return self._availability.reason

    @property
    def slow_s(self) -> float:
        """An answer that takes longer is slow."""
        return self._timeout_s * SLOW_SHARE

    async def start(self, wait_s: float) -> None:
        """Look for Redis; wait for the first look, so that first calls have it, for `wait_s`."""
        self._gone.set()
        self._watcher = asyncio.create_task(self._watch())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._probed.wait(), wait_s)
        if self.state is State.AWAY:
            log.warning("Redis is away (%s); this process goes on by itself", self.reason)

    async def aclose(self) -> None:
        """Stop probing; let what runs end in its time, such as what is given back last."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + self._timeout_s
        while self._running and (left_s := until_s - loop.time()) > 0:
            await asyncio.wait(set(self._running), timeout=left_s)
        tasks = [*self._running, *([self._watcher] if self._watcher else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def run(
        self,
        work: Callable[[], Awaitable[T]],
        *,
        write: bool = False,
        late: Callable[[T | None], None] | None = None,
    ) -> T:
        """The result of `work`; raises RedisAway when there is none in time. No retries.

        `late` is called with what came of it after its caller had left, out of time or cancelled;
        with None when nobody knows. So what it took can be given back.
        """
        if self._overdue >= SEATS or not self._availability.takes(self._clock(), write=write):
            raise RedisAway
        operation = _Operation(work, write)
        task = self._spawn(operation)
        try:
            if await self._in_time(operation, task) and not task.cancelled():
                return task.result()
        except asyncio.CancelledError:
            _tell_late(task, late)
            raise
        _tell_late(task, late)
        raise RedisAway

    def later(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Write without anybody waiting for it; False when it is left out."""
        busy = len(self._running) >= MOST_LATER or self._overdue >= SEATS
        if busy or not self._availability.takes(self._clock(), write=True):
            return False
        self._spawn(_Operation(work, write=True))
        return True

    # ---- an operation, and who waits for it

    def _spawn(self, operation: _Operation[T]) -> asyncio.Task[T]:
        task = asyncio.create_task(self._measured(operation))
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # who waited has gone; asyncio must not complain

    async def _measured(self, operation: _Operation[T]) -> T:
        """Do it and tell the availability how it went."""
        async with self._free:
            operation.began_s = self._clock()
            try:
                result = await operation.work()
            except Exception as error:
                self._failed(error)
                raise RedisAway from error
        if operation.overdue:
            self._availability.slow(operation.began_s, self._clock())
        else:
            self._availability.answered(self._clock(), write=operation.write)
        self._tell()
        return result

    async def _in_time(self, operation: _Operation[T], task: asyncio.Task[T]) -> bool:
        """Whether the result came while its caller could wait for it."""
        if await self._done_in(task, self.slow_s):
            return True
        operation.overdue = True
        if self._overdue >= SEATS:
            return False
        self.waits += 1
        self._overdue += 1
        try:
            if await self._done_in(task, self._timeout_s - self.slow_s):
                return True
        finally:
            self._overdue -= 1
        if operation.began_s is not None and self._availability.state is not State.AWAY:
            self._availability.silent(operation.began_s, self._clock())
            self._tell()
        return False

    async def _done_in(self, task: asyncio.Task[T], wait_s: float) -> bool:
        """Wait; when it was our own loop that was late, give Redis its time again, once."""
        began_s = self._clock()
        waited_for: set[asyncio.Future[Any]] = {task}
        if self._leaving is not None:
            waited_for.add(self._leaving)
        await asyncio.wait(waited_for, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        if not task.done() and self._clock() - began_s > STALLED * wait_s:
            await asyncio.wait(waited_for, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        return task.done()

    def _failed(self, error: Exception) -> None:
        now_s = self._clock()
        match fault(error):
            case Fault.AWAY:
                self._availability.failed(now_s, reason_of(error))
            case Fault.TAKES_NO_WRITES:
                self._availability.refused_write(now_s, reason_of(error))
            case Fault.ODD:
                self._odd(error)
        self._tell()

    def _odd(self, error: Exception) -> None:
        if not self._odd_told:
            self._odd_told = True
            log.error("Redis gave an odd answer (%s); told once", reason_of(error))

    # ---- changes of state

    def _tell(self) -> None:
        """Log a change, once, and act on it."""
        state = self._availability.state
        if state is self._told:
            return
        before, self._told = self._told, state
        now_s = self._clock()
        if before is State.UP:
            self._left_s = now_s
        if state is State.AWAY:
            log.warning("Redis is away (%s); this process goes on by itself", self.reason)
            self._gone.set()
            if self._leaving is not None:
                self._leaving.set_result(None)
                self._leaving = None
        elif state is State.FULL:
            log.warning("Redis takes no writes (%s); reads go on", self.reason)
            self._later_renew()
        else:
            words = "takes writes again" if before is State.FULL else "is there"
            log.info("Redis %s, after %.1f s", words, now_s - self._left_s)
            for act in self.when_back:
                act()

    def _later_renew(self) -> None:
        task: asyncio.Task[object] = asyncio.ensure_future(self._renewed())
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def _renewed(self) -> None:
        with suppress(Exception):
            await self._renew()

    async def _watch(self) -> None:
        """Whenever Redis has gone, probe until it is back."""
        while True:
            await self._gone.wait()
            await asyncio.sleep(self._availability.probe_wait_s)
            try:
                async with asyncio.timeout(PROBE_S):
                    await self._probe()
            except Exception as error:  # noqa: BLE001 # whatever it is, Redis is of no use
                self._availability.probe_failed(reason_of(error))
                self._probed.set()
                await self._renewed()
                continue
            self._availability.probe_succeeded(self._clock())
            self._gone.clear()
            self._leaving = asyncio.get_running_loop().create_future()
            self._tell()
            self._probed.set()

    def __repr__(self) -> str:
        return f"<Guard {self._availability!r} {len(self._running)} running>"


def _tell_late(task: asyncio.Task[T], late: Callable[[T | None], None] | None) -> None:
    """Call `late` with the task's result once it has ended, None when it failed."""
    if late is None:
        return
    hear = late

    def ended(done: asyncio.Task[T]) -> None:
        failed = done.cancelled() or done.exception() is not None
        hear(None if failed else done.result())

    task.add_done_callback(ended)
