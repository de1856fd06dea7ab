"""What the gateway must reach, and whether a run did."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.speed.found import Findings
from benchmarks.speed.peers import LITELLM, PORTKEY
from benchmarks.speed.subjects import BARE, OURS


@dataclass(frozen=True, slots=True)
class Aim:
    """`limit` is the most allowed, or the least when `at_least`.

    `bare`: what the bare server reaches, where that tells whether Python can reach the aim at all.
    """

    what: str
    find: Callable[[Findings], float]
    limit: float
    unit: str = "x"
    at_least: bool = False
    bare: Callable[[Findings], float] | None = None

    def judged(self, found: Findings) -> str:
        """`met`, `missed`, or `not measured`."""
        value = self.find(found)
        if math.isnan(value):
            return "not measured"
        return (
            "met" if (value >= self.limit if self.at_least else value <= self.limit) else "missed"
        )

    def line(self, found: Findings) -> str:
        judged = self.judged(found).replace("missed", "**missed**")
        wanted = f"{'at least' if self.at_least else 'at most'} {self.limit:g} {self.unit}"
        bare = self._told(self.bare(found)) if self.bare else ""
        return f"| {self.what} | {wanted} | {self._told(self.find(found))} | {bare} | {judged} |"

    def _told(self, value: float) -> str:
        if math.isnan(value):
            return ""
        return f"{value:.0f} streams" if self.unit == "streams" else f"{value:.2f} {self.unit}"


def ratio(work: str, other: str, who: str = OURS) -> Callable[[Findings], float]:
    """Our CPU, or the bare server's, as a multiple of another's."""
    return lambda found: found.cost_ms(work, who) / found.cost_ms(work, other)


def cheaper(work: str, other: str, who: str = OURS) -> Callable[[Findings], float]:
    """Another's CPU as a multiple of ours, or of the bare server's."""
    return lambda found: found.cost_ms(work, other) / found.cost_ms(work, who)


def added(name: str, limit_ms: float) -> Aim:
    """How much later than the model's own a percentile may be."""
    what = f"latency added, {name}"
    bare = partial(Findings.added_ms, name=name, subject=BARE)
    return Aim(what, partial(Findings.added_ms, name=name), limit_ms, "ms", bare=bare)


def against(who: str, work: str, other: str, limit: float) -> Aim:
    """How many times cheaper than a peer, `who`, the gateway has to be."""
    what = f"{other}'s CPU against ours, {who}"
    bare = cheaper(work, other, BARE)
    return Aim(what, cheaper(work, other), limit, at_least=True, bare=bare)


AIMS = (
    Aim("Chat, CPU against the bare forwarder", ratio("plain", BARE), 1.3),
    against("Chat", "plain", LITELLM, 15),
    against("Chat", "plain", PORTKEY, 3),
    Aim("cached Chat, CPU against the bare echo", ratio("cached", BARE), 1.3),
    against("cached", "cached", LITELLM, 40),
    Aim("stream, chunks apart, CPU against the bare forwarder", ratio("paced", BARE), 1.2),
    Aim(
        "stream, chunks at once, CPU against Portkey",
        ratio("stream", PORTKEY),
        1.0,
        bare=ratio("stream", PORTKEY, BARE),
    ),
    added("p50", 1.5),
    added("p99", 4),
    Aim(
        "fallback, CPU against a plain call",
        lambda found: found.cost_ms("fallback") / found.cost_ms("plain"),
        1.8,
    ),
    Aim(
        "first token added, p50",
        Findings.first_token_added_ms,
        3,
        "ms",
        bare=partial(Findings.first_token_added_ms, subject=BARE),
    ),
    Aim(
        "streams of 20 tokens a second without a stall",
        Findings.streams_without_stalls,
        64,
        "streams",
        at_least=True,
    ),
    Aim("two workers against one, calls a second", Findings.second_worker, 1.8, at_least=True),
    Aim("memory grown over the mixed calls", Findings.grown_mb, 20, "MB"),
    Aim(
        "memory of a call in flight",
        lambda found: found.in_flight.get("kb", float("nan")),
        25,
        "KB",
        bare=lambda found: found.in_flight.get("bare_kb", float("nan")),
    ),
)
