"""The anomaly engine and public baselines, side by side on the shared daily series.

    python benchmarks/rules_anomaly.py [--docs docs/img]

Needs pandas for the shared scorer: benchmarks/anomaly.requirements.txt. The data folder is
`../shared/data` beside the repository or ERP_SHARED_DATA. Prints markdown tables; with --docs
writes band plots of found and missed anomalies.
"""

import argparse
import importlib.util
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOP = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TOP), str(TOP / "benchmarks")]

from anomaly_baselines import BASELINES  # noqa: E402 - after the path is set

from gateway.rules.anomaly import (  # noqa: E402
    SCORE_AT,
    Anomaly,
    DetectRequest,
    DetectResult,
    Evaluate,
    Event,
    Measure,
    Point,
    Sensitivity,
    Series,
    detect,
)
from gateway.rules.anomaly.plot import svg_file  # noqa: E402

DAY_S = 86_400
WARM_UP = 60
THRESHOLD = SCORE_AT[Sensitivity.MEDIUM]
KINDS = {
    "spike": {"SPIKE"},
    "double_count": {"SPIKE"},
    "bulk_order": {"SPIKE"},
    "dip": {"DROP"},
    "stockout": {"DROP"},
    "level_drop": {"LEVEL_SHIFT"},
    "level_up": {"LEVEL_SHIFT"},
    "slow_leak": {"TREND_CHANGE"},
    "fx_x100": {"SCALE_ERROR"},
    "missing": {"MISSING_DATA"},
}
CLEAR_NATS = 9.0
"""Evidence an injected anomaly must carry to be counted, as the labels' `hard` does."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Daily:
    """One shared series with what is known about it."""

    sid: str
    days: list[int]
    values: Floats
    events: list[int]
    amount: bool
    labels: list[tuple[int, int, int, str, int]]
    is_event: NDArray[np.bool_]

    def request(self, evaluate: Evaluate = Evaluate.ALL) -> DetectRequest:
        points = [
            Point(d * DAY_S, None if np.isnan(v) else float(v), missing=bool(np.isnan(v)))
            for d, v in zip(self.days, self.values, strict=True)
        ]
        measure = Measure.AMOUNT if self.amount else Measure.COUNT
        events = [Event(d * DAY_S, d * DAY_S, "known event") for d in self.events]
        series = Series(points, self.sid, measure=measure)
        return DetectRequest(series, evaluate, events=events, return_band=True)


def data_folder() -> Path:
    return Path(os.environ.get("ERP_SHARED_DATA", TOP.parent / "shared" / "data")) / "anomaly"


def shared_scorer(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("anomaly_score", folder / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(folder: Path) -> list[Daily]:
    import pandas as pd  # type: ignore[import-untyped] # noqa: PLC0415 - only the benchmark's

    def read(name: str, *dates: str) -> Any:  # noqa: ANN401 - a data frame
        return pd.read_csv(folder / f"daily_{name}.csv", parse_dates=list(dates))

    events, meta = read("events", "date"), read("meta").set_index("series_id")
    labels = read("labels", "start", "end", "deadline")
    made = []
    for sid, group in read("series", "date").groupby("series_id", sort=False):
        index = pd.DatetimeIndex(group.date)
        days = [int(d) for d in (index - pd.Timestamp("1970-01-01")).days]
        mine = events.date[events.series_id == sid]
        known = [int(d) for d in (pd.DatetimeIndex(mine) - pd.Timestamp("1970-01-01")).days]
        rows = [
            (*(int(i) for i in index.get_indexer([r.start, r.end, r.deadline])), r.type, r.hard)
            for r in labels[labels.series_id == sid].itertuples()
        ]
        is_event = np.isin(days, known)
        amount = meta.unit[sid] == "revenue"
        values = group.value.to_numpy(float)
        made.append(Daily(str(sid), days, values, sorted(set(known)), amount, rows, is_event))
    return made


def engine_scores(one: Daily) -> Floats:
    by_time = {b.time_s: b.score for b in detect(one.request()).band}
    return np.array([_number(by_time.get(d * DAY_S)) for d in one.days])


def _number(score: float | None) -> float:
    return float("nan") if score is None else score


def table(series: list[Daily], scorer: ModuleType) -> Iterator[str]:
    yield (
        "| method | all: bestF1 | evAP | R@1per90d | simulated: evAP | R@1per90d "
        "| real: evAP | R@1per90d | ms a series |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    methods = {name: _of_values(f) for name, f in BASELINES.items()}
    methods["**this engine**"] = engine_scores
    for name, method in methods.items():
        started = time.process_time()
        scores = {s.sid: method(s) for s in series}
        cost = 1000 * (time.process_time() - started) / len(series)
        yield _row(name, cost, series, scores, scorer)


def _of_values(method: Callable[[Floats], Floats]) -> Callable[[Daily], Floats]:
    return lambda one: method(one.values)


def _row(
    name: str, cost: float, series: list[Daily], scores: dict[str, Floats], scorer: ModuleType
) -> str:
    data = {s.sid: (scores[s.sid], s.is_event, s.labels) for s in series}
    parts = [scorer.metrics(_track(data, track)) for track in ("", "S", "R")]
    cells = [parts[0]["bestF1"]]
    cells += [part[key] for part in parts for key in ("evAP", "R@1per90d")]
    return f"| {name} | " + " | ".join(f"{c:.2f}" for c in cells) + f" | {cost:.1f} |"


def _track(data: dict[str, Any], track: str) -> dict[str, Any]:
    return {sid: value for sid, value in data.items() if sid.startswith(track)}


def at_threshold(series: list[Daily], scorer: ModuleType) -> Iterator[str]:
    scores = {s.sid: engine_scores(s) for s in series}
    data = {s.sid: (scores[s.sid], s.is_event, s.labels) for s in series}
    yield "| shipped MEDIUM threshold | precision | recall | false alerts per series and 30 days |"
    yield "|---|---|---|---|"
    for track, name in (("", "all"), ("S", "simulated"), ("R", "real")):
        m = scorer.metrics(_track(data, track), THRESHOLD - 1e-9)
        yield f"| {name} | {m['P']:.2f} | {m['R']:.2f} | {m['false_per_30d']:.3f} |"


def kinds(series: list[Daily]) -> Iterator[str]:
    """How the found ones are named: on the first day they are told, and on the last in time."""
    found: Counter[str] = Counter()
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for one in series:
        by_day = {a.time_s // DAY_S: a for a in detect(one.request()).anomalies}
        for start, _, deadline, label, hard in one.labels:
            span = range(max(start, 0), deadline + 1)
            told = [by_day[one.days[i]] for i in span if one.days[i] in by_day]
            if told and start >= WARM_UP and not hard and label in KINDS:
                found[label] += 1
                first[label] += told[0].kind.value in KINDS[label]
                last[label] += told[-1].kind.value in KINDS[label]
    yield "| label | found | kind right on the first day told | by its deadline |"
    yield "|---|---|---|---|"
    for label, count in found.most_common():
        yield f"| {label} | {count} | {first[label]} | {last[label]} |"
    total = sum(found.values())
    shares = [sum(c.values()) / total for c in (first, last)]
    yield f"| all | {total} | {shares[0]:.0%} | {shares[1]:.0%} |"


def injected(series: list[Daily]) -> Iterator[str]:
    """Kinds the labels do not hold, put into quiet stretches of the shared series."""
    yield "| injected | track | clear ones | found | named so |"
    yield "|---|---|---|---|---|"
    for name, (spoil, days, kind) in INJECTIONS.items():
        for track in ("S", "R"):
            rng = np.random.default_rng(11)
            cases = [c for s in series if s.sid.startswith(track) for c in _cases(s, rng)]
            told = [t for s, i in cases for t in _told(s, i, spoil(s.values, i, rng), days)]
            hits = [t for t in told if t]
            named = sum(t[0].kind.value == kind for t in hits)
            share = f"{len(hits) / len(told):.0%}" if told else "-"
            yield f"| {name} | {track} | {len(told)} | {share} | {named} |"


def _cases(one: Daily, rng: np.random.Generator) -> Iterator[tuple[Daily, int]]:
    """Three ordinary days far from labels and events."""
    for i in rng.integers(90, len(one.values) - 10, size=3).tolist():
        near = any(
            a - 40 <= i <= b + 20 for a, b, _, label, _ in one.labels if label != "bulk_order"
        )
        around = slice(i - 1, i + 8)
        busy = one.is_event[around].any() or np.isnan(one.values[around]).any()
        if not near and not busy and one.values[i] > 0 and one.values[i - 1] > 0:
            yield one, i


def _told(one: Daily, i: int, spoilt: Floats, days: int) -> Iterator[tuple[Anomaly, ...]]:
    """What the engine tells within `days`, if the case is clear enough to count."""
    if days == 1 and _evidence(one, i, float(spoilt[i])) < CLEAR_NATS:
        return
    end = i + days
    cut = replace(one, values=spoilt[:end], days=one.days[:end])
    request = replace(cut.request(Evaluate.LAST_N), last_n=days)
    yield detect(request).anomalies


def _evidence(one: Daily, i: int, value: float) -> float:
    """Nats for `value` against the eight weeks before, under a gamma of their mean and variance."""
    past = one.values[max(0, i - 56) : i]
    past = past[~np.isnan(past) & ~one.is_event[max(0, i - 56) : i]]
    past = past[past <= np.quantile(past, 0.98)]
    mean, variance = max(float(past.mean()), 1e-9), max(float(past.var()), 1e-9)
    shape, ratio = mean * mean / variance, max(value, 0.5) / mean
    return shape * (ratio - 1 - float(np.log(ratio)))


def _flat(values: Floats, i: int, _: np.random.Generator) -> Floats:
    return np.concatenate((values[:i], np.full(len(values) - i, values[i - 1])))


def _partial(values: Floats, i: int, rng: np.random.Generator) -> Floats:
    return _times(values, i, float(rng.uniform(0.05, 0.5)))


def _times(values: Floats, i: int, factor: float) -> Floats:
    spoilt = values.copy()
    spoilt[i] = np.floor(spoilt[i] * factor)
    return spoilt


INJECTIONS: dict[str, tuple[Callable[[Floats, int, np.random.Generator], Floats], int, str]] = {
    "flat line, within 7 days": (_flat, 7, "STUCK"),
    "partial day (5 to 50 %)": (_partial, 1, "DROP"),
    "factor 100": (lambda v, i, _: _times(v, i, 100), 1, "SCALE_ERROR"),
    "factor 1000": (lambda v, i, _: _times(v, i, 1000), 1, "SCALE_ERROR"),
    "factor 1/100": (lambda v, i, _: _times(v, i, 0.01), 1, "SCALE_ERROR"),
    "negative": (lambda v, i, _: _times(v, i, -1), 1, "DROP"),
}


def cost(series: list[Daily]) -> Iterator[str]:
    """Least CPU time of several runs, as the machine is shared."""
    one = max(series, key=lambda s: len(s.values))
    yield f"| {len(one.values)} days | ms |"
    yield "|---|---|"
    for name, evaluate in (("last point", Evaluate.LAST_POINT), ("whole history", Evaluate.ALL)):
        request = replace(one.request(evaluate), return_band=evaluate is Evaluate.ALL)
        yield f"| {name} | {1000 * min(_timed(request) for _ in range(40)):.2f} |"


def _timed(request: DetectRequest) -> float:
    started = time.process_time()
    detect(request)
    return time.process_time() - started


def plots(series: list[Daily], folder: Path) -> Iterator[str]:
    """One band plot of a found and one of a missed anomaly per kind (simulated series only)."""
    folder.mkdir(parents=True, exist_ok=True)
    done: set[str] = set()
    for one in (s for s in series if s.sid.startswith("S")):
        result = detect(one.request())
        told = {a.time_s // DAY_S for a in result.anomalies}
        for start, end, deadline, label, hard in one.labels:
            hit = any(one.days[i] in told for i in range(max(start, 0), deadline + 1))
            name = f"{label}-{'found' if hit else 'missed'}"
            if start >= WARM_UP and not hard and label in KINDS and name not in done:
                done.add(name)
                shown = _cut(
                    result, one.days[max(0, start - 70)], one.days[min(end + 20, len(one.days) - 1)]
                )
                span = (one.days[start] * DAY_S, one.days[end] * DAY_S, label)
                path = folder / f"anomaly-{name}.svg"
                path.write_text(svg_file(shown, [span]), encoding="utf-8")
                yield f"![{label}, {'found' if hit else 'missed'}]({folder.name}/{path.name})"


def _cut(result: DetectResult, first: int, last: int) -> DetectResult:
    def inside(time_s: int) -> bool:
        return first * DAY_S <= time_s <= last * DAY_S

    return replace(
        result,
        band=tuple(b for b in result.band if inside(b.time_s)),
        anomalies=tuple(a for a in result.anomalies if inside(a.time_s)),
    )


def report(docs: Path | None = None) -> str:
    """The whole report as markdown."""
    folder = data_folder()
    scorer, series = shared_scorer(folder), load(folder)
    sections: list[list[str]] = [
        list(table(series, scorer)),
        list(at_threshold(series, scorer)),
        list(kinds(series)),
        list(injected(series)),
        list(cost(series)),
        list(plots(series, docs)) if docs else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Benchmark of the anomaly engine.")
    parser.add_argument("--docs", type=Path, help="folder for the plots")
    print(report(parser.parse_args().docs))
