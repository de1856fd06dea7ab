"""Starts the workers, starts those again that die, and ends them all together.

Signals: SIGTERM and SIGINT drain every worker; SIGHUP is passed on. Nothing of gRPC is loaded here.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
from asyncio import FIRST_COMPLETED
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from gateway.workers.leaving import leave
from gateway.workers.restarts import Restarts
from gateway.workers.worker import CREW, WORKER

READY = "serving on "
"""Begins the line a worker prints once it answers calls."""
TOKEN_KEY = "ERP_GATEWAY_TOKEN_KEY"  # noqa: S105 # the variable's name
GRACE_S = 10.0
"""Beyond the drain: what a worker may take to end before it is killed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """What the workers are: `arguments` of `erp-gateway serve`, with the shared addresses."""

    arguments: Sequence[str]
    workers: int
    drain_s: float


@dataclass(slots=True)
class _Worker:
    number: int
    restarts: Restarts = field(default_factory=Restarts)
    process: Process | None = None


class Supervisor:
    """One crew, from its start to its end."""

    def __init__(self, crew: Crew, environment: Mapping[str, str]) -> None:
        self._crew = crew
        self._environment = dict(environment)
        # confirm tokens of one worker must be good at all of them; compose files pass a variable
        # that is not set on as ""
        if not self._environment.get(TOKEN_KEY):
            self._environment[TOKEN_KEY] = secrets.token_hex(32)
        self._workers = [_Worker(number) for number in range(1, crew.workers + 1)]
        self._stopping = asyncio.Event()

    async def run(self) -> int:
        """Serve until a signal. Exit code: 0 after a drain, 1 when a worker cannot start."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._pass_on, signal.SIGHUP)
        stopped = asyncio.create_task(self._stopping.wait())
        starts = asyncio.create_task(self._start_all())
        await asyncio.wait({stopped, starts}, return_when=FIRST_COMPLETED)
        if stopped.done():  # nobody waits for workers that are not wanted any more
            starts.cancel()
            await asyncio.wait({starts})
            await self._stop()
            return 0
        told = starts.result()
        failed = [
            worker.process for worker, lines in zip(self._workers, told, strict=True) if not lines
        ]
        if failed:
            await self._stop()
            return max(1, *(abs(process.returncode or 1) for process in failed if process))
        self._tell(told[0])
        keepers = [asyncio.create_task(self._keep(worker)) for worker in self._workers]
        await self._stopping.wait()
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        await self._stop()
        return 0

    async def _start_all(self) -> list[list[str]]:
        return await asyncio.gather(*(self._start(worker) for worker in self._workers))

    async def _start(self, worker: _Worker) -> list[str]:
        """Start one; what it printed until it was ready, nothing when it ended instead."""
        worker.process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "gateway", "serve", *self._crew.arguments),
            stdin=PIPE,  # closes when we are gone: the worker drains then
            stdout=PIPE,
            env=self._environment | {WORKER: str(worker.number), CREW: str(self._crew.workers)},
            start_new_session=True,  # Ctrl-C reaches them through us, once
        )
        lines = []
        while process.stdout and (line := (await process.stdout.readline()).decode()):
            lines.append(line.rstrip("\n"))
            if line.startswith(READY):
                return lines
        await process.wait()
        return []

    def _tell(self, lines: Sequence[str]) -> None:
        for line in lines:
            more = f", {self._crew.workers} workers" if line.startswith(READY) else ""
            sys.stdout.write(f"{line}{more}\n")
        sys.stdout.flush()

    async def _keep(self, worker: _Worker) -> None:
        """Start it again whenever it dies."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        while worker.process is not None:
            code = await worker.process.wait()
            delay_s = worker.restarts.died(loop.time() - began_s)
            log.error(
                "worker %d ended with %s; starting it again in %.1f s", worker.number, code, delay_s
            )
            await asyncio.sleep(delay_s)
            began_s = loop.time()
            try:
                if await self._start(worker):
                    log.warning("worker %d answers again", worker.number)
            except OSError as error:  # no memory or no process to be had now; it is tried again
                log.error("worker %d cannot be started: %s", worker.number, error)  # noqa: TRY400 # no traceback

    async def _stop(self) -> None:
        """Drain all at once; who does not end in time is killed."""
        self._pass_on(signal.SIGTERM)
        ends = [process.wait() for process in self._processes()]
        try:
            async with asyncio.timeout(self._crew.drain_s + GRACE_S):
                await asyncio.gather(*ends)
        except TimeoutError:
            log.error("workers did not end in time; killing them")  # noqa: TRY400 # no traceback
            self._pass_on(signal.SIGKILL)
            await asyncio.gather(*(process.wait() for process in self._processes()))

    def _processes(self) -> list[Process]:
        return [w.process for w in self._workers if w.process and w.process.returncode is None]

    def _pass_on(self, number: signal.Signals) -> None:
        for process in self._processes():
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)


def supervise(crew: Crew) -> NoReturn:
    """Run a crew in this process until it is told to end; then end the process."""

    async def run() -> NoReturn:
        leave(await Supervisor(crew, os.environ).run())

    asyncio.run(run())
