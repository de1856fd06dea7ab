"""Server processes of the benchmark: started on cores of their own, measured, ended."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

KEPT_LINES = 100
PAGE = os.sysconf("SC_PAGE_SIZE")
CORES = frozenset(os.sched_getaffinity(0))
SERVER_CORES = frozenset({min(CORES)})
"""A measured server has one core for itself, as far as the machine allows."""
LOAD_CORES = CORES - SERVER_CORES or CORES
"""The model and the load generator have the rest."""


@contextmanager
def on(cores: frozenset[int]) -> Iterator[None]:
    """What is started here runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@asynccontextmanager
async def started(
    command: Sequence[str], env: Mapping[str, str], log: Path, cores: frozenset[int] = SERVER_CORES
) -> AsyncIterator["Server"]:
    """A process group of its own, ended with all its children."""
    with log.open("wb") as told, on(cores):
        process = await asyncio.create_subprocess_exec(
            *command,
            env=dict(os.environ) | dict(env),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=told,
            start_new_session=True,
        )
    server = Server(process)
    reading = asyncio.create_task(server.read())
    try:
        yield server
    finally:
        reading.cancel()
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 30)
            except TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


@dataclass
class Server:
    """A running process. Its output is always read: one that fills its pipe would stand still."""

    process: asyncio.subprocess.Process
    _lines: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(KEPT_LINES))

    @property
    def pid(self) -> int:
        return self.process.pid

    async def read(self) -> None:
        """Until the process ends."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if not self._lines.full():
                self._lines.put_nowait(line.decode(errors="replace"))

    async def line(self, begins: str = "") -> str:
        """What follows on the first line that begins so, up to a space.

        Raises RuntimeError when the process ends first, TimeoutError after a minute.
        """
        async with asyncio.timeout(60):
            while self.process.returncode is None:
                try:
                    read = await asyncio.wait_for(self._lines.get(), 0.5)
                except TimeoutError:
                    continue
                if read.startswith(begins):
                    return read.removeprefix(begins).split()[0]
        raise RuntimeError("the server ended before it was ready")


def family(pid: int) -> list[int]:
    """The process and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_s(pid: int) -> float:
    """CPU seconds of the process and its living descendants, user and system, to the nanosecond."""
    return sum(time.clock_gettime(_clock(one)) for one in family(pid))


def memory_kb(pid: int) -> int:
    """Resident memory of the process alone."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE // 1024


def family_memory_mb(pid: int) -> float:
    """Resident memory of the process and its descendants."""
    return sum(map(memory_kb, family(pid))) / 1024


def _clock(pid: int) -> int:
    """The kernel's number for the CPU clock of another process: clock_getcpuclockid(3)."""
    return (~pid << 3) | 2
