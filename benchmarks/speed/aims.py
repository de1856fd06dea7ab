"""What the gateway must reach, and whether a run did."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.speed.found import Findings
from benchmarks.speed.peers import LITELLM, PORTKEY
from benchmarks.speed.subjects import BARE, OURS


@dataclass(frozen=True, slots=True)
class Aim:
    """`limit` is the most allowed, or the least when `at_least`."""

    what: str
    find: Callable[[Findings], float]
    limit: float
    unit: str = "x"
    at_least: bool = False

    def judged(self, found: Findings) -> str:
        """`met`, `missed`, or `not measured`."""
        value = self.find(found)
        if math.isnan(value):
            return "not measured"
        return (
            "met" if (value >= self.limit if self.at_least else value <= self.limit) else "missed"
        )

    def line(self, found: Findings) -> str:
        value, judged = self.find(found), self.judged(found)
        told = "" if judged == "not measured" else f"{value:.2f} {self.unit}".strip()
        if self.unit == "streams":
            told = told.replace(".00", "")
        wanted = f"{'at least' if self.at_least else 'at most'} {self.limit:g} {self.unit}"
        return f"| {self.what} | {wanted} | {told} | {judged.replace('missed', '**missed**')} |"


def ratio(work: str, other: str) -> Callable[[Findings], float]:
    """Our CPU as a multiple of another's."""
    return lambda found: found.cost_ms(work, OURS) / found.cost_ms(work, other)


def cheaper(work: str, other: str) -> Callable[[Findings], float]:
    """Another's CPU as a multiple of ours."""
    return lambda found: found.cost_ms(work, other) / found.cost_ms(work, OURS)


AIMS = (
    Aim("Chat, CPU against the bare forwarder", ratio("plain", BARE), 1.3),
    Aim("LiteLLM proxy's CPU against ours, Chat", cheaper("plain", LITELLM), 15, at_least=True),
    Aim("Portkey's CPU against ours, Chat", cheaper("plain", PORTKEY), 3, at_least=True),
    Aim("cached Chat, CPU against the bare echo", ratio("cached", BARE), 1.3),
    Aim("LiteLLM proxy's CPU against ours, cached", cheaper("cached", LITELLM), 40, at_least=True),
    Aim("stream, chunks apart, CPU against the bare forwarder", ratio("paced", BARE), 1.2),
    Aim("stream, chunks at once, CPU against Portkey", ratio("stream", PORTKEY), 1.0),
    Aim("latency added, p50", lambda found: found.added_ms("p50"), 1.5, "ms"),
    Aim("latency added, p99", lambda found: found.added_ms("p99"), 4, "ms"),
    Aim(
        "fallback, CPU against a plain call",
        lambda found: found.cost_ms("fallback") / found.cost_ms("plain"),
        1.8,
    ),
    Aim("first token added, p50", Findings.first_token_added_ms, 3, "ms"),
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
    ),
)
