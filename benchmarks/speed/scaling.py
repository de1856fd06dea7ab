"""docs/scaling.md: a template (scaling.template beside this file) filled with the figures of a run.

Everything that is assumed stands here, by name; everything else comes from docs/benchmarks.json and
docs/simulation.json.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from benchmarks.speed.found import Findings
from benchmarks.speed.page import table
from benchmarks.speed.subjects import ROOT

SIMULATION = ROOT / "docs" / "simulation.json"
TEMPLATE = Path(__file__).with_name("scaling.template")
UTILISATION = 0.6
"""How full a worker's core may be at the peak; deploy/kubernetes sets the autoscaler so."""
DAY = 1_000_000
PEAK = 5
"""The busiest minute against the day's mean: people who shop and ask by day."""
RATE = 10_000
MACHINE_CORES = 16
SPARE_CORES = 2
"""Of a machine: for the rules' processes, the kernel and what else runs there."""
MODEL_S = 2.0
"""What a model takes for an answer, in the mean."""
INPUT_TOKENS, OUTPUT_TOKENS = 900, 150
INPUT_USD, OUTPUT_USD = 0.30, 1.20
"""US dollars for a million tokens: an example, no offer."""
MIX = {"cached": 0.30, "known": 0.45, "paced": 0.20, "fallback": 0.05}
WORDS = {
    "known": "Chat, one model call",
    "cached": "Chat from the cache",
    "fallback": "Chat, the first model fails, the second answers",
    "stream": "stream of 50 chunks that come at once",
    "paced": "stream of 50 chunks, 25 ms apart",
    "keywords": "ExtractKeywords by rules, a short listing",
    "anomaly": "DetectAnomaly by rules, 100 days",
}
PLOT = "![Simulated and measured](benchmarks/simulation.svg)"
UNKNOWN = "(not measured)"


def calls_per_second(cpu_ms: float, utilisation: float = 1.0) -> float:
    """What one core serves when it is so full."""
    return 1000 / cpu_ms * utilisation


def workers(rate: float, cpu_ms: float, utilisation: float = UTILISATION) -> int:
    """Workers, one core each, for so many calls a second; two at least, so that one may fail."""
    return max(2, math.ceil(rate * cpu_ms / 1000 / utilisation))


def mixed(costs: Mapping[str, float], mix: Mapping[str, float] = MIX) -> float:
    """CPU milliseconds of the mean call."""
    return sum(share * costs[work] for work, share in mix.items())


def rendered(found: Findings, simulated: Mapping[str, Any]) -> str:
    """The page; what was not measured says so."""
    return TEMPLATE.read_text("utf-8").format_map(figures(found, simulated))


def figures(found: Findings, simulated: Mapping[str, Any]) -> dict[str, str]:
    """Every name that stands in the template."""
    costs = {work: found.cost_ms(work) for work in WORDS}
    mean_ms = mixed(costs)
    modelled = 1 - MIX["cached"]
    return (
        {
            "about": f"{found.about.get('date', '?')}, commit {found.about.get('commit', '?')}, "
            f"{found.about.get('processor', '?')}",
            "utilisation": percent(UTILISATION),
            "served": _served(costs),
            "mix": ", ".join(f"{percent(share)} {WORDS[work]}" for work, share in MIX.items()),
            "mean_ms": told(mean_ms, 2),
            "core_rate": told(1000 / mean_ms),
            "worker_rate": told(calls_per_second(mean_ms, UTILISATION)),
            "model_s": f"{MODEL_S:g}",
            "modelled": percent(modelled),
            "kb": told(found.in_flight.get("kb", math.nan)),
            "peak": str(PEAK),
            "streams": told(found.streams_without_stalls()),
            "input_tokens": str(INPUT_TOKENS),
            "output_tokens": str(OUTPUT_TOKENS),
            "input_usd": f"{INPUT_USD:.2f}",
            "output_usd": f"{OUTPUT_USD:.2f}",
            "machine_cores": str(MACHINE_CORES),
            "machine_workers": str(MACHINE_CORES - SPARE_CORES),
            "redis_calls": told(1e6 / _redis(found, "cpu_us")),
        }
        | {f"day_{name}": value for name, value in _plan(found, DAY / 86_400 * PEAK).items()}
        | {f"fast_{name}": value for name, value in _plan(found, RATE).items()}
        | {"day_mean": told(DAY / 86_400, 1), "day_usd": told(DAY * modelled * _usd())}
        | {"fast_usd": told(RATE * 3600 * modelled * _usd())}
        | {"simulated": compared(simulated), "full": _full(simulated)}
        | {"plot": PLOT if simulated else ""}
        | {"by_utilisation": _by_utilisation(simulated), "calibration": _calibration(simulated)}
    )


def _plan(found: Findings, rate: float) -> dict[str, str]:
    mean_ms = mixed({work: found.cost_ms(work) for work in WORDS})
    asked = rate * (1 - MIX["cached"])
    waiting = asked * MODEL_S
    cores = rate * mean_ms / 1000
    needed = workers(rate, mean_ms) if not math.isnan(mean_ms) else math.nan
    trips, redis_s = _redis(found, "trips"), _redis(found, "cpu_us") / 1e6
    return {
        "rate": told(rate),
        "cores": told(cores, 2 if cores < 1 else 0),
        "workers": told(needed),
        "machines": told(-(-needed // (MACHINE_CORES - SPARE_CORES))),
        "waiting": told(waiting),
        "each": told(waiting / needed),
        "mb": told(waiting * found.in_flight.get("kb", math.nan) / 1024),
        "trips": told(rate * trips),
        "redis_cores": told(rate * redis_s, 2 if rate * redis_s < 1 else 1),
        "tokens": told(asked * (INPUT_TOKENS + OUTPUT_TOKENS)),
        "per_minute": told(asked * 60),
    }


def _usd() -> float:
    """US dollars of one model call."""
    return (INPUT_TOKENS * INPUT_USD + OUTPUT_TOKENS * OUTPUT_USD) / 1e6


def _redis(found: Findings, what: str) -> float:
    """Per call of the mix: cached ones ask less."""
    if not found.redis:
        return math.nan
    hits = MIX["cached"]
    return hits * found.redis["hit"][what] + (1 - hits) * found.redis["miss"][what]


def _served(costs: Mapping[str, float]) -> str:
    head = ["call", "CPU, ms", "calls a second, core full", f"at {percent(UTILISATION)}"]
    rows = [
        [
            WORDS[work],
            told(cost, 2),
            told(calls_per_second(cost)),
            told(calls_per_second(cost, UTILISATION)),
        ]
        for work, cost in costs.items()
    ]
    return table(head, rows)


def compared(simulated: Mapping[str, Any]) -> str:
    """Foretold beside measured."""
    if not simulated:
        return UNKNOWN
    head = ["two workers", "calls a second", "connections", "p50: real, foretold"]
    head += ["p95: real, foretold", "p99: real, foretold", "cores that others used"]
    rows = [
        [
            f"{WORDS[run['work']]}, {percent(run['load'])} of what fits",
            told(run["real"]["rate"]),
            " : ".join(percent(share) for share in run["shares"]),
            *(
                f"{run['real'][name]:.1f}, {run['simulated'][name]:.1f} ms"
                for name in ("p50_ms", "p95_ms", "p99_ms")
            ),
            told(run["others"], 1),
        ]
        for run in simulated["runs"]
    ]
    return table(head, rows)


def _full(simulated: Mapping[str, Any]) -> str:
    if not simulated:
        return UNKNOWN
    return table(
        ["two workers, full", "real, calls a second", "foretold"],
        [
            [WORDS[one["work"]], told(one["real"]), told(one["simulated"])]
            for one in simulated["capacity"]
        ],
    )


def _calibration(simulated: Mapping[str, Any]) -> str:
    if not simulated:
        return UNKNOWN
    head = ["milliseconds per call", "gateway", "fake model", "load generator", "waiting besides"]
    rows = [
        [WORDS[work], *(f"{value:.2f}" for value in one.values())]
        for work, one in simulated["calibration"].items()
    ]
    return table(head, rows)


def _by_utilisation(simulated: Mapping[str, Any]) -> str:
    if not simulated:
        return UNKNOWN
    head = ["call", *(percent(one["utilisation"]) for one in _first(simulated["utilisation"]))]
    rows = [
        [
            WORDS[work],
            *(f"{one['p50_ms']:.1f}, {one['p95_ms']:.1f}, {one['p99_ms']:.1f}" for one in seen),
        ]
        for work, seen in simulated["utilisation"].items()
    ]
    return table(head, rows)


def _first(rows: Mapping[str, Sequence[Mapping[str, float]]]) -> Sequence[Mapping[str, float]]:
    return next(iter(rows.values()))


def percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def told(value: float, digits: int = 0) -> str:
    """With thousands apart; NaN says that nobody measured it."""
    return UNKNOWN if math.isnan(value) else f"{value:,.{digits}f}"


def load() -> dict[str, Any]:
    """The last run of `make simulate`; empty before the first."""
    return dict(orjson.loads(SIMULATION.read_bytes())) if SIMULATION.exists() else {}
