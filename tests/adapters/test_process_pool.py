"""The rules' processes: real ones, that die and are killed."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.adapters.process_pool import ProcessRunner
from gateway.core.errors import InvalidRequest, OutputInvalid, Shed, Violation

pytestmark = pytest.mark.anyio

HOLD = """
import asyncio, os
from gateway.adapters.process_pool import ProcessRunner

async def main():
    runner = ProcessRunner(1)
    print(await runner.run(os.getpid), flush=True)
    await asyncio.sleep(3600)

if __name__ == "__main__":
    asyncio.run(main())
"""


def refuse() -> None:
    raise OutputInvalid("no use")


def break_a_rule() -> None:
    raise InvalidRequest([Violation("listing", "holds no word; fill the title")])


async def test_work_is_done_in_another_process_and_its_errors_come_back() -> None:
    runner = ProcessRunner(1)
    try:
        assert await runner.run(os.getpid) != os.getpid()
        with pytest.raises(OutputInvalid, match="no use"):
            await runner.run(refuse)
        with pytest.raises(InvalidRequest) as raised:
            await runner.run(break_a_rule)
        assert raised.value.violations == (Violation("listing", "holds no word; fill the title"),)
    finally:
        await runner.aclose()


async def test_a_process_that_dies_is_replaced() -> None:
    runner = ProcessRunner(1)
    try:
        first = await runner.run(os.getpid)
        os.kill(first, signal.SIGKILL)
        assert await runner.run(os.getpid) != first
    finally:
        await runner.aclose()


async def test_work_that_kills_its_process_twice_is_shed_and_the_next_call_is_served() -> None:
    runner = ProcessRunner(1)
    try:
        with pytest.raises(Shed):
            await runner.run(os._exit, 1)
        assert await runner.run(len, "abc") == 3
    finally:
        await runner.aclose()


async def test_a_full_queue_sheds_at_once() -> None:
    runner = ProcessRunner(1, max_waiting=0)
    with pytest.raises(Shed, match="busy"):
        await runner.run(os.getpid)
    assert repr(runner) == "ProcessRunner(workers=1, waiting=0)"
    await runner.aclose()


async def test_a_cancelled_call_gives_its_place_back() -> None:
    runner = ProcessRunner(1, max_waiting=1)
    try:
        await runner.run(os.getpid)
        call = asyncio.create_task(runner.run(os.getpid))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert await runner.run(len, "abc") == 3
    finally:
        await runner.aclose()


async def test_the_processes_end_with_a_gateway_that_is_killed(tmp_path: Path) -> None:
    worker = killed_with_a_worker(tmp_path)
    async with asyncio.timeout(30):
        while is_running(worker):
            await asyncio.sleep(0.05)


def killed_with_a_worker(tmp_path: Path) -> int:
    """Kill a process that has a rules process; returns that one's id."""
    program = tmp_path / "hold.py"
    program.write_text(HOLD)
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(  # noqa: S603 # ours
        [sys.executable, str(program)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
    ) as holder:
        assert holder.stdout is not None
        worker = int(holder.stdout.readline())
        assert is_running(worker)
        holder.kill()
    return worker


def is_running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
