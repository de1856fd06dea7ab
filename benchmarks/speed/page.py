"""docs/benchmarks.md: what was measured, beside what was aimed at."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.speed.aims import AIMS
from benchmarks.speed.found import Findings, spread
from benchmarks.speed.latency import SHARES
from benchmarks.speed.redis_use import WORDS as KINDS
from benchmarks.speed.subjects import MODEL

WORDS = {
    "plain": "Chat, one model call",
    "known": "the same with a shop's knowledge",
    "cached": "Chat from the cache (bare: an echo)",
    "fallback": "500 from the first model, then fine",
    "stream": "stream of 50 chunks that come at once",
    "paced": "stream of 50 chunks, 25 ms apart, 64 at a time",
    "keywords": "ExtractKeywords by rules, a short listing",
    "anomaly": "DetectAnomaly by rules, 100 days",
}
HOW_TO_READ = """
## How to read this page

- **CPU per call** is the figure to trust. It hardly depends on what else the machine does, and it
  says what one core serves: 1000 / CPU milliseconds = calls a second of a busy core.
- **Compare within a row**, not with figures from other machines. All servers of a row had the same
  model, the same load generator and the same core, in turns.
- A cell is the **median** of all rounds, then the least and the most. Where these two are far
  apart, the machine was busy with something else.
- The **bare** server checks nothing and has no trail, cache or policies. It is the least that a
  Python gRPC server can cost: it echoes, or asks the model by aiohttp.
- Bare server and peers have no knowledge base, so the gateway has nearly none, either (one entry).
  The row **with a shop's knowledge** is the gateway with its 45 entries in six languages: more to
  rank, and about 7 KB more in every prompt. Plans are made with that row.
- Peers ran as shipped, with no key asked, no logs of calls and no retries. An empty cell: that
  server has no such work.
- Before measuring, every server had to bring the model's text for every kind of work. Every
  measurement also counts how often the model was asked: once for a call, never from the cache,
  twice for a fallback.
"""


WHY = Path(__file__).with_name("why.md")
"""The profiles behind missed aims; taken by hand, see there."""


def page(found: Findings) -> str:
    """The whole page."""
    parts = [
        _head(found),
        _targets(found),
        _cpu(found),
        _latency(found),
        _ladder(found),
        _memory(found),
        _workers(found),
        _redis(found),
        HOW_TO_READ.strip(),
        WHY.read_text(encoding="utf-8").strip(),
        _failures(found),
        _setting(found),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _head(found: Findings) -> str:
    about = found.about
    told = (
        f"Written by `make bench` on {about.get('date', '?')}, commit {about.get('commit', '?')}: "
        f"{about.get('processor', '?')}, {about.get('cores', '?')} cores. "
        "One fake model, h2load as the load generator, interleaved rounds. "
        "Raw values: [benchmarks.json](benchmarks.json); `make bench ARGS=--render` writes this "
        "page from them again. What follows for planning: [scaling.md](scaling.md)."
    )
    return f"# Benchmarks\n\n{told}"


def _targets(found: Findings) -> str:
    rows = "\n".join(aim.line(found) for aim in AIMS)
    return (
        f"## Targets\n\n| what | aim | found | the bare server | |\n|---|---|---|---|---|\n{rows}"
    )


def _cpu(found: Findings) -> str:
    if not found.cpu_ms:
        return ""
    names = found.subjects()
    head = ["work", *(f"{name} {found.versions[name]}".strip() for name in names)]
    rows = [
        [WORDS[work], *(spread(row.get(name, [])) for name in names)]
        for work, row in found.cpu_ms.items()
    ]
    rest = [f"{found.rest_mb[name]:.0f}" if name in found.rest_mb else "" for name in names]
    rows.append(["resident memory after these rounds, MB", *rest])
    return (
        "## CPU milliseconds of the server per call\n\n"
        f"{table(head, rows)}\n\n"
        "![CPU per call](benchmarks/cpu.svg)"
    )


def _latency(found: Findings) -> str:
    if not found.latency_ms:
        return ""
    direct = found.latency_ms.get(MODEL, {})
    told = ", ".join(f"{name} {median(values):.2f}" for name, values in direct.items())
    rows = [
        [name, *(f"{found.added_ms(share, name):.2f}" for share in SHARES), _first(found, name)]
        for name in found.latency_ms
        if name != MODEL
    ]
    first = "first token of a stream, p50"
    return (
        "## Milliseconds added to a model call, one caller\n\n"
        f"Medians of {len(direct.get('p50', []))} interleaved parts. The model itself: {told}.\n\n"
        f"{table(['server', *SHARES, first], rows)}\n\n"
        "![Added latency](benchmarks/latency.svg)"
    )


def _first(found: Findings, name: str) -> str:
    added_ms = found.first_token_added_ms(name)
    return "" if math.isnan(added_ms) else f"{added_ms:.2f}"


def _ladder(found: Findings) -> str:
    if not found.ladder:
        return ""
    rows = [
        [
            f"{rung['streams']:.0f}",
            f"{rung['stalled']:.0f}",
            f"{rung['longest_ms']:.0f} ms",
            f"{rung['model_stalled']:.0f}",
            f"{rung['model_longest_ms']:.0f} ms",
        ]
        for rung in found.ladder
    ]
    head = ["streams at once", "stalled", "longest pause", "model alone: stalled", "longest pause"]
    return (
        "## Streams at once on one core\n\n"
        "Each gets 20 tokens a second; a pause over 200 ms is a stall. The model alone, read in "
        "the same way, shows that neither model nor reader is the limit. The ladder ends "
        f"at the first rung that stalls twice.\n\n{table(head, rows)}"
    )


def _memory(found: Findings) -> str:
    if not found.growth:
        return ""
    sizes = ", ".join(f"{mb:.0f}" for mb in found.growth["memory_mb"])
    return (
        "## Memory\n\n"
        f"{found.growth['calls']:,} calls (40 % cached, 40 % by a model, 10 % fallback, 10 % "
        f"streams); resident MB after each tenth: {sizes}. With "
        f"{found.in_flight.get('calls', 0):.0f} calls waiting for a slow model, a call takes "
        f"{found.in_flight.get('kb', 0):.1f} KB, and "
        f"{found.in_flight.get('bare_kb', 0):.1f} KB in the bare server.\n\n"
        "![Memory](benchmarks/memory.svg)"
    )


def _workers(found: Findings) -> str:
    if not found.workers:
        return ""
    rows = [[name, spread(found.workers[name], 0)] for name in ("1", "2")]
    return (
        "## Workers\n\n"
        "Cached calls a second over 64 connections; load generator on the same cores.\n\n"
        f"{table(['workers', 'calls a second'], rows)}\n\n"
        "For comparison, two busy loops on this machine do "
        f"{median(found.workers['machine']):.2f} times the work of one."
    )


def _redis(found: Findings) -> str:
    if not found.redis:
        return ""
    return "## Redis\n\nPer call, with limits on, counted by Redis.\n\n" + table(
        ["call", "round trips", "commands, those of scripts included", "CPU of Redis, µs"],
        [[KINDS[kind], *(f"{n:g}" for n in row.values())] for kind, row in found.redis.items()],
    )


def _failures(found: Findings) -> str:
    if not found.failures:
        return ""
    rows = "\n".join(f"- {what}: {why}" for what, why in found.failures.items())
    return f"## What could not be measured\n\n{rows}"


def _setting(found: Findings) -> str:
    return f"## The machine and the run\n\n{_listed(found.about)}\n\n{_listed(_run(found))}"


def _run(found: Findings) -> Mapping[str, str]:
    took = {f"{part}, s": f"{took_s:.0f}" for part, took_s in found.took_s.items()}
    return {name: str(value) for name, value in found.settings.items()} | took


def _listed(values: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items()) + "."
