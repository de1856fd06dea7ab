"""Runs the rules' CPU-heavy work in spawned processes, so that the event loop never waits for it.

Spawned, not forked: gRPC is loaded in the parent. The queue is bounded; a full one and a dead pool
are told as Shed and repaired, so that one bad input cannot take the service down for long.

Calls wait here, not in the pool: it holds no more than its processes are at. So a process that dies
takes along the calls of that moment only, those that wait do not notice, and a call that is
cancelled while it waits is never begun. (A future that was cancelled inside a pool that breaks
leaves the others of that pool without an end, before Python 3.12.)
"""

import asyncio
import contextlib
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

from gateway.core.errors import Shed

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class ProcessRunner:
    """A `RulesRunner` over `workers` processes with at most `max_waiting` calls in or before them.

    `warm` runs once in every new process: it loads tables before the first call needs them.
    """

    def __init__(
        self, workers: int, warm: Callable[[], None] | None = None, max_waiting: int = 256
    ) -> None:
        self._workers = workers
        self._warm = warm
        self._max_waiting = max_waiting
        self._waiting = 0
        self._pool: ProcessPoolExecutor | None = None
        self._places = asyncio.Semaphore(workers)
        self._second_tries = asyncio.Lock()

    def __repr__(self) -> str:
        return f"ProcessRunner(workers={self._workers}, waiting={self._waiting})"

    @property
    def waiting(self) -> int:
        """Work in the processes or before them."""
        return self._waiting

    def start(self) -> None:
        """Start the processes in the background; a first call would do it, too, but wait for it."""
        self._ready()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` in a process. Raises Shed when the queue is full, or what it raises.

        A process that dies under a call (out of memory, say) is replaced, and the call is tried
        once more: it may have been another call's doing. Second tries go one at a time, so that
        the call whose doing it was does not meet the same others again.
        """
        if self._waiting >= self._max_waiting:
            raise Shed("the rules' processes are busy; try again", retry_after_s=1.0)
        self._waiting += 1
        try:
            try:
                return await self._once(function, *args, **kwargs)
            except BrokenProcessPool:
                async with self._second_tries:
                    return await self._once(function, *args, **kwargs)
        except BrokenProcessPool as error:
            raise Shed("the rules' processes died twice under this call") from error
        finally:
            self._waiting -= 1

    async def _once(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run it in its turn. Raises BrokenProcessPool when its process, or one beside it, died."""
        await self._places.acquire()
        try:
            pool, future = self._submitted(function, *args, **kwargs)
        except BaseException:
            self._places.release()
            raise
        work = asyncio.wrap_future(future)
        work.add_done_callback(lambda done: self._ended(pool, done))
        return await asyncio.shield(work)  # once begun it goes on: a process cannot be interrupted

    def _submitted(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> "tuple[ProcessPoolExecutor, Future[T]]":
        pool = self._ready()
        try:
            return pool, pool.submit(function, *args, **kwargs)
        except BrokenProcessPool:  # it died when it had nothing to do, which is no call's doing
            self._discard(pool)
        pool = self._ready()
        return pool, pool.submit(function, *args, **kwargs)

    def _ended(self, pool: ProcessPoolExecutor, work: "asyncio.Future[T]") -> None:
        """Give the place to the next, and that one a new pool if this one is broken."""
        if not work.cancelled() and isinstance(work.exception(), BrokenProcessPool):
            self._discard(pool)
        self._places.release()

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self._warm,),
            )
            for _ in range(self._workers):  # all at once: the pool watches over those that were
                self._pool.submit(_nothing)  # there when it last had a result
        return self._pool

    def _discard(self, pool: ProcessPoolExecutor) -> None:
        """Let a broken pool go; whoever hears of it first does so, and no one drops the next."""
        if self._pool is pool:
            log.warning("a rules process died; starting new ones")
            self._pool = None
            pool.shutdown(wait=False)

    async def aclose(self) -> None:
        """End the processes, whatever they are at; what waits is cancelled.

        Called when no call is left that waits for them: what still runs (training at a stop right
        after the start) would only keep the gateway from ending.
        """
        pool, self._pool = self._pool, None
        if pool is None:
            return
        running = list((pool._processes or {}).values())  # noqa: SLF001 # public from Python 3.14 on
        pool.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()
        with contextlib.suppress(BrokenProcessPool):
            await asyncio.to_thread(pool.shutdown, wait=True)


def _begin(warm: Callable[[], None] | None) -> None:
    """In a new process: end with the gateway, even when it is killed; load what calls need."""
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    if warm is not None:
        warm()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nothing to save: whoever would take the result is gone


def _nothing() -> None:
    """Makes the pool start a process."""
