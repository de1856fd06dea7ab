"""Many series at once: one alert for a common cause, and few false ones among the rest.

Common cause: at each judged time the mean normal score of all series is compared with its own
last eight weeks (series of one shop always move together a little, so no independence is
assumed). Where it leaves them by `GROUP_Z` robust standard deviations, the series that moved that
way are folded into one `GroupAlert` and their own anomalies of that time are left out.
False discoveries: the remaining anomalies of one time must pass Benjamini & Hochberg's (1995)
step-up rule over all series judged at that time, so that of what is reported for a thousand
series at most the share `fdr` is false, not one in a thousand series a day.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gateway.rules.anomaly import tails
from gateway.rules.anomaly.detecting import Judged, judge, result_of
from gateway.rules.anomaly.explaining import group_text, with_texts
from gateway.rules.anomaly.grid import Floats
from gateway.rules.anomaly.model import (
    Anomaly,
    BadSeriesError,
    DetectRequest,
    DetectResult,
    Direction,
    GroupAlert,
    Kind,
)

FDR = 0.1
"""Share of false ones accepted among the anomalies reported."""
HISTORY = 56
"""Steps of history that the group's mean is compared with."""
GROUP_Z = 4.5
"""Robust standard deviations the group's mean must leave its history by."""
FEWEST = 5
"""Series below which there is no group."""
MEMBER_Z = 1.0
"""Normal score from which a series is a member of a group that moved."""
LEAST_SHARE = 0.4
"""Share of the series that must have moved for it to be called common."""
WIDEST_Z = 4.0
FAULTS = (Kind.STUCK, Kind.SCALE_ERROR)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The results in the order of the requests, without what the `alerts` tell for all."""

    results: tuple[DetectResult, ...]
    alerts: tuple[GroupAlert, ...]


def detect_many(requests: Sequence[DetectRequest], fdr: float = FDR) -> BatchResult:
    """Judges each series as `detect` does, then all together.

    `fdr`: share of false ones among what is reported, in (0, 1]; 1 turns the control off. Raises
    BadSeriesError as `detect` does, naming the series.
    """
    if not 0 < fdr <= 1:
        raise BadSeriesError(f"fdr is {fdr!r}: use a share in (0, 1]")
    judged = [_judge(r) for r in requests]
    results = [result_of(j) for j in judged]
    alerts = tuple(_groups(judged, results))
    kept = _controlled(judged, [_without(r, alerts) for r in results], fdr)
    return BatchResult(tuple(with_texts(r) for r in kept), alerts)


def _judge(request: DetectRequest) -> Judged:
    try:
        return judge(request, HISTORY)
    except BadSeriesError as error:
        raise BadSeriesError(f"series {request.series.series_id!r}: {error}") from error


def _groups(judged: list[Judged], results: list[DetectResult]) -> Iterator[GroupAlert]:
    if len(judged) < FEWEST:
        return
    scores = _scores_by_time(judged)
    asked = {int(t) for j in judged for t in j.grid.times[j.track.first + j.lead :].tolist()}
    means = {t: float(np.mean(list(z.values()))) for t, z in scores.items() if len(z) >= FEWEST}
    times = sorted(means)
    series = np.array([means[t] for t in times])
    for n, time_s in enumerate(times):
        if time_s in asked and n >= HISTORY // 2:
            means_then = (series[max(0, n - HISTORY) : n], float(series[n]))
            yield from _group_at(time_s, means_then, scores, (judged, results))
    yield from _gone(judged, results)


def _gone(judged: list[Judged], results: list[DetectResult]) -> Iterator[GroupAlert]:
    """Times at which many series have no value: one failed import."""
    by_time: dict[int, list[int]] = defaultdict(list)
    for k, result in enumerate(results):
        for anomaly in result.anomalies:
            if anomaly.kind is Kind.MISSING_DATA:
                by_time[anomaly.time_s].append(k)
    for time_s, members in by_time.items():
        total = sum(bool(np.isin(time_s, j.grid.times)) for j in judged)
        if len(members) >= max(FEWEST, LEAST_SHARE * total):
            alert = _alert(time_s, -1, (members, total), ((judged, results), WIDEST_Z))
            alert = replace(alert, kind=Kind.MISSING_DATA)
            yield replace(alert, text=group_text(alert, results[members[0]]))


def _group_at(
    time_s: int,
    means: tuple[Floats, float],
    scores: dict[int, dict[int, float]],
    batch: tuple[list[Judged], list[DetectResult]],
) -> Iterator[GroupAlert]:
    past, now = means
    here = scores[time_s]
    centre = float(np.median(past))
    spread = 1.4826 * float(np.median(np.abs(past - centre)))
    spread = max(spread, 1 / np.sqrt(len(here)), 1e-9)
    way = 1 if now > centre else -1
    members = [k for k, z in here.items() if z * way >= MEMBER_Z]
    distance = abs(now - centre) / spread
    if distance < GROUP_Z or len(members) < max(FEWEST, LEAST_SHARE * len(here)):
        return
    yield _alert(time_s, way, (members, len(here)), (batch, distance))


def _alert(
    time_s: int,
    way: int,
    size: tuple[list[int], int],
    found: tuple[tuple[list[Judged], list[DetectResult]], float],
) -> GroupAlert:
    (judged, results), distance = found
    members, total = size
    impact = sum(_gap(judged[k], time_s) for k in members)
    units = {results[k].unit for k in members}
    alert = GroupAlert(
        time_s=time_s,
        direction=Direction.UP if way > 0 else Direction.DOWN,
        series_ids=tuple(results[k].series_id for k in members),
        total=total,
        score=round(-float(tails.log10_normal_tail(np.array(distance))), 3),
        impact=impact,
        unit=units.pop() if len(units) == 1 else "",
    )
    return replace(alert, text=group_text(alert, results[members[0]]))


def _gap(judged: Judged, time_s: int) -> float:
    k = int(np.searchsorted(judged.grid.times, time_s)) - judged.track.first
    gap = judged.grid.values[judged.track.first + k] - judged.track.expected[k]
    return float(gap if np.isfinite(gap) else -np.nan_to_num(judged.track.expected[k]))


def _scores_by_time(judged: list[Judged]) -> dict[int, dict[int, float]]:
    """Normal score of each series at each time it was judged at."""
    by_time: dict[int, dict[int, float]] = defaultdict(dict)
    for n, one in enumerate(judged):
        track, grid = one.track, one.grid
        walked, part = track.walked, slice(track.first, None)
        mean = track.expected
        with np.errstate(all="ignore"):
            variance = walked.lattice[part] * mean + walked.spread[part] * mean * mean
            z = tails.normal_score(grid.values[part], mean, variance)
        usable = walked.learnt[part] & np.isfinite(z) & (mean > 0)
        z = np.clip(z, -WIDEST_Z, WIDEST_Z)
        for k in np.flatnonzero(usable).tolist():
            by_time[int(grid.times[track.first + k])][n] = float(z[k])
    return by_time


def _without(result: DetectResult, alerts: tuple[GroupAlert, ...]) -> DetectResult:
    told = {(a.time_s, a.direction) for a in alerts if result.series_id in a.series_ids}
    left = (a for a in result.anomalies if a.kind in FAULTS or (a.time_s, a.direction) not in told)
    return replace(result, anomalies=tuple(left))


def _controlled(
    judged: list[Judged], results: list[DetectResult], fdr: float
) -> list[DetectResult]:
    """The anomalies of each time that pass the step-up rule."""
    tested: dict[int, int] = defaultdict(int)
    found: dict[int, list[Anomaly]] = defaultdict(list)
    for one, result in zip(judged, results, strict=True):
        asked = slice(one.lead, None)
        times = one.grid.times[one.track.first :][asked]
        for t in times[np.isfinite(one.track.score[asked])].tolist():
            tested[t] += 1
        for anomaly in result.anomalies:
            found[anomaly.time_s].append(anomaly)
    limit = {t: _step_up([a.score for a in some], tested[t], fdr) for t, some in found.items()}
    return [
        replace(r, anomalies=tuple(a for a in r.anomalies if a.score >= limit[a.time_s]))
        for r in results
    ]


def _step_up(scores: list[float], tested: int, fdr: float) -> float:
    """The least score that is reported, among `tested` series of one time."""
    for rank in range(len(scores), 0, -1):
        score = sorted(scores, reverse=True)[rank - 1]
        if 10**-score <= fdr * rank / max(tested, 1):
            return score
    return float("inf")
