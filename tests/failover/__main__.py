"""`make failover`: every scenario in real time, as a table here and in docs/failover.md."""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.failover.scenarios import OWN, SIXTEEN
from tests.failover.scorecard import Line, outage, play, scene
from tests.failover.verdicts import Verdict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "failover.md"

HEAD = """# Failover scorecard

Made by `make failover` on {day}: the running gateway, called over gRPC, with models that \
misbehave over real sockets in real time. One fallback, 30 s a call, every knob as shipped. \
Rules and words of the verdicts are those of an independent bench (Failover Bench, 2026-09-12): \
pass, partial, safe (a clean bounded error), fail.

**The sixteen scenarios: {sixteen}. The project's own: {own}.**

`tries a + b`: calls that reached the primary and the fallback. The words after it are the trail \
that the caller got in the reply.
"""


async def main() -> int:
    """Run everything; exit code 1 when a verdict is not a pass."""
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        async with scene([*SIXTEEN, *OWN], Path(folder)) as stage:
            down = asyncio.create_task(outage(stage))
            sixteen = await play(stage, SIXTEEN)
            own = await play(stage, OWN)
            sixteen += await down
    sixteen.sort(key=lambda line: int(line.title.partition(".")[0]))
    page = HEAD.format(day=datetime.now(UTC).date(), sixteen=tally(sixteen), own=tally(own))
    page += table("The sixteen", sixteen) + table("The project's own", own)
    PAGE.write_text(page, encoding="utf-8")
    print(page)
    print(f"{time.monotonic() - began_s:.0f} s; written to {PAGE.name}")
    return int(any(line.verdict is not Verdict.PASS for line in [*sixteen, *own]))


def tally(lines: list[Line]) -> str:
    """How many of which verdict."""
    counts = [f"{sum(x.verdict is v for x in lines)} {v.value}" for v in Verdict]
    return f"{len(lines)} runs: " + ", ".join(counts)


def table(title: str, lines: list[Line]) -> str:
    """A Markdown table."""
    head = "| scenario | call | verdict | s | what happened |\n|---|---|---|---|---|\n"
    return f"\n## {title}\n\n{head}" + "".join(map(row, lines))


def row(line: Line) -> str:
    """A line of the table."""
    cells = (line.title, line.call, line.verdict.value, f"{line.took_s:.2f}", line.told)
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
