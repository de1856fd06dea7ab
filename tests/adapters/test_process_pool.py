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


def linger(pid_file: Path) -> None:
    """Tell who is at work, and stay at it for ever."""
    with pid_file.open("a", encoding="ascii") as told:
        told.write(f"{os.getpid()}\n")
    signal.pause()


def told_in(pid_file: Path) -> list[int]:
    """The processes at work."""
    return [int(pid) for pid in pid_file.read_text("ascii").split()] if pid_file.exists() else []


async def at_work(pid_file: Path, count: int) -> list[int]:
    """As `told_in`, once they are that many."""
    async with asyncio.timeout(30):
        while len(told := told_in(pid_file)) < count:
            await asyncio.sleep(0.01)
    return told


def die_once(died: Path) -> str:
    """Kill the first process that is at it."""
    if died.exists():
        return "well"
    died.touch()
    os._exit(1)


def is_known(pid: int) -> bool:
    """Whether a process exists, be it as a zombie: who started it has not heard of its end."""
    return Path(f"/proc/{pid}").exists()


async def test_one_dead_process_makes_one_new_pool_however_many_calls_wait(tmp_path: Path) -> None:
    runner = ProcessRunner(2)
    try:
        lingering = [asyncio.create_task(runner.run(linger, tmp_path / "pids")) for _ in range(2)]
        victim, other = await at_work(tmp_path / "pids", 2)
        waiting = [asyncio.create_task(runner.run(os.getpid)) for _ in range(40)]
        await asyncio.sleep(0)
        os.kill(victim, signal.SIGKILL)
        *_, again = await at_work(tmp_path / "pids", 3)
        assert again not in (victim, other)
        pids = set(await asyncio.gather(*waiting))
        assert pids.isdisjoint({victim, other})
        assert len(pids | {again}) <= 2
        for call in lingering:
            call.cancel()
    finally:
        await runner.aclose()


async def test_calls_that_wait_do_not_notice_a_call_that_kills_its_process_twice() -> None:
    runner = ProcessRunner(1)
    try:
        deadly = asyncio.create_task(runner.run(os._exit, 1))
        waiting = [asyncio.create_task(runner.run(len, "abc")) for _ in range(20)]
        assert await asyncio.gather(*waiting) == [3] * 20
        with pytest.raises(Shed):
            await deadly
    finally:
        await runner.aclose()


async def test_a_call_cancelled_while_it_waits_is_never_begun_and_holds_nobody_up(
    tmp_path: Path,
) -> None:
    runner = ProcessRunner(1)
    try:
        lingering = asyncio.create_task(runner.run(linger, tmp_path / "pids"))
        (victim,) = await at_work(tmp_path / "pids", 1)
        calls = [asyncio.create_task(runner.run((tmp_path / str(n)).touch)) for n in range(8)]
        await asyncio.sleep(0)
        lingering.cancel()
        calls[4].cancel()
        await asyncio.sleep(0)
        os.kill(victim, signal.SIGKILL)
        async with asyncio.timeout(30):
            await asyncio.gather(*calls, return_exceptions=True)
        assert [n for n in range(8) if not (tmp_path / str(n)).exists()] == [4]
    finally:
        await runner.aclose()


async def test_a_process_that_dies_at_rest_is_no_calls_doing(tmp_path: Path) -> None:
    runner = ProcessRunner(1)
    try:
        resting = await runner.run(os.getpid)
        os.kill(resting, signal.SIGKILL)
        async with asyncio.timeout(30):
            while is_known(resting):
                await asyncio.sleep(0.01)
        assert await runner.run(die_once, tmp_path / "died") == "well"
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
