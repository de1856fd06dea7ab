"""`python -m tests.clients`: the stage for a client library's tests, steered by lines.

Prints one line of JSON, the addresses; then obeys lines on its input, `start plain` and the like,
and answers each by one line: `done`, or `failed: ` and why. The end of the input ends everything.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from random import Random

import uvloop

from tests.clients.stage import Stage, staged


async def _serve() -> None:
    with tempfile.TemporaryDirectory(prefix="client-stage-") as folder:
        async with staged(Path(folder), Random()) as stage:
            _say(json.dumps(stage.told()))
            while line := await asyncio.to_thread(sys.stdin.readline):
                _say(await _obeyed(stage, line))


async def _obeyed(stage: Stage, line: str) -> str:
    try:
        command, name = line.split()
        await stage.obey(command, name)
    except (KeyError, ValueError, OSError, RuntimeError) as error:
        return f"failed: {error!r}"
    return "done"


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the protocol


if __name__ == "__main__":
    uvloop.run(_serve())
