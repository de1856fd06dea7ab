"""Starting workers again, where the machine has no room for them."""

import asyncio
import sys

import pytest

from gateway.workers.supervisor import Crew, Supervisor, _Worker

pytestmark = pytest.mark.anyio

TOO_LONG = "x" * 3_000_000
"""Linux starts no program with such a variable."""


async def test_a_worker_that_cannot_be_started_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    supervisor = Supervisor(Crew(arguments=["--help"], workers=1, drain_s=0), {"X": TOO_LONG})
    ended = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    keeping = asyncio.create_task(supervisor._keep(_Worker(1, process=ended)))
    try:
        async with asyncio.timeout(30):
            while caplog.text.count("worker 1 cannot be started") < 2:
                await asyncio.sleep(0.02)
                assert not keeping.done()
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})
