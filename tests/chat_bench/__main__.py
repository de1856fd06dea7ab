"""`make bench-chat`: every figure of chat, as a table here and in docs/chat.md.

ARGS="--data DIR" takes other files of the same form (tool_scenarios.jsonl, cache_policy.jsonl,
cache_guard_pairs.jsonl, prompt_injection.jsonl, ecom_queries.jsonl, ecom_multilang.jsonl); a file
that is not there is our own where we have it, and a loud skip where we have not.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.chat_bench.injection import injection, injection_stage
from tests.chat_bench.outages import erp_outage, first_second, models_dead
from tests.chat_bench.policy import cache_stage, pairs, policy
from tests.chat_bench.routing import routing, shop
from tests.chat_bench.stage import Rows, Score, rows
from tests.processes import ROOT

PAGE = ROOT / "docs" / "chat.md"
SHARED = Path(os.environ.get("ERP_SHARED_DATA", ROOT.parent / "shared" / "data")) / "chat"
BEGIN, END = "<!-- bench-chat -->\n", "<!-- /bench-chat -->"
OUTCOME = re.compile(r"test_a_scenario_ends_as_it_must\[(\S+)-(unary|stream)\] (\w+)")


async def main() -> int:
    """Exit code 1 when a target is missed."""
    asked = _arguments()
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        scores = await _all(asked.data, Path(folder))
    table = _table(scores)
    print(table)
    for score in scores:
        for missed in score.missed:
            print(f"  {score.title}: {missed}")
    print(f"{time.monotonic() - began_s:.0f} s")
    if asked.write:
        _write(table)
    return int(not all(score.ok for score in scores))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chat_bench")
    parser.add_argument("--data", type=Path, default=SHARED, help="folder of the data sets")
    parser.add_argument("--write", action="store_true", help="write the table into docs/chat.md")
    return parser.parse_args()


async def _all(data: Path, folder: Path) -> list[Score]:
    _say("tools")
    scores = [await asyncio.to_thread(_tools, data)]
    _say("cache")
    scenarios = rows("cache_policy", data)
    async with cache_stage(scenarios, folder / "cache") as cached:
        scores.append(await policy(cached, scenarios))
        scores += await pairs(cached, rows("cache_guard_pairs", data))
    _say("injection")
    async with injection_stage(rows("prompt_injection", data), folder / "injection") as poisoned:
        scores += await injection(poisoned)
    _say("outages")
    scores += await erp_outage(folder / "erp")
    scores += await first_second(folder / "start")
    messages = _shared("ecom_queries", data), _shared("ecom_multilang", data)
    if any(messages):
        scores += await models_dead(folder / "dead", [row for part in messages for row in part])
        _say("routing")
        model = await asyncio.to_thread(shop)
        for name, part in zip(("ecom_queries", "ecom_multilang"), messages, strict=True):
            scores += routing(name, part, model) if part else []
    return scores


def _tools(data: Path) -> Score:
    """The tool scenarios, as their own tests play them: whole and as a stream."""
    file = data / "tool_scenarios.jsonl"
    env = dict(os.environ) | ({"ERP_TOOL_SCENARIOS": str(file.resolve())} if file.is_file() else {})
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-v",
            "-p",
            "no:cacheprovider",
            "tests/tools/test_scenarios.py",
        ],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    ended: dict[str, bool] = {}
    for name, _, outcome in OUTCOME.findall(done.stdout):
        ended[name] = ended.get(name, True) and outcome == "PASSED"
    missed = tuple(name for name, passed in ended.items() if not passed)
    right = f"{len(ended) - len(missed)} of {len(ended)}"
    return Score(
        "tool scenarios, whole and as a stream", right, "all", bool(ended) and not missed, missed
    )


def _shared(name: str, data: Path) -> Rows:
    """A set that is not in the repository."""
    try:
        return rows(name, data)
    except FileNotFoundError as error:
        print(f"SKIPPED: {error}", file=sys.stderr)
        return []


def _table(scores: Sequence[Score]) -> str:
    head = "| what | measured | wanted | |\n|---|---|---|---|\n"
    lines = (
        f"| {s.title} | {s.measured} | {s.target} | {'ok' if s.ok else '**missed**'} |"
        for s in scores
    )
    return head + "\n".join(lines) + "\n"


def _write(table: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    made = f"Made by `make bench-chat` on {datetime.now(UTC).date()}.\n\n"
    PAGE.write_text(before + BEGIN + made + table + END + after, encoding="utf-8")


def _say(what: str) -> None:
    print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
