"""From a request to its answer: grid, judgement, anomalies, causes, texts."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gateway.rules.anomaly import calendars, causes, engine, grid, kinds, notes, thresholds
from gateway.rules.anomaly.explaining import with_texts
from gateway.rules.anomaly.grid import Grid
from gateway.rules.anomaly.model import (
    Anomaly,
    BadSeriesError,
    BandPoint,
    DetectRequest,
    DetectResult,
    Direction,
    Effect,
    Evaluate,
    Event,
    Kind,
    Measure,
)
from gateway.rules.anomaly.severity import severity_of
from gateway.rules.anomaly.track import Known, Track

EPISODE_GAP = 2
"""Anomalies of one direction at most this many steps apart belong to one episode."""
OPPOSITE = {Effect.UP: Direction.DOWN, Effect.DOWN: Direction.UP}


@dataclass(frozen=True, slots=True)
class Judged:
    """A request with everything the engine knows about it.

    The track begins `lead` steps before the first step asked for, to know what is ongoing.
    """

    request: DetectRequest
    grid: Grid
    events: dict[int, Event]
    track: Track
    threshold: float
    lead: int


def detect(request: DetectRequest) -> DetectResult:
    """Judges the points asked for, each from earlier points only, and explains the unusual ones.

    Raises BadSeriesError for an unknown time zone, absurd dates or `last_n` below 1.
    """
    return with_texts(result_of(judge(request)))


def judge(request: DetectRequest, history: int = EPISODE_GAP) -> Judged:
    """The judgement without texts, with `history` steps of it before the first one asked for.

    Raises BadSeriesError as `detect` does.
    """
    if request.evaluate is Evaluate.LAST_N and request.last_n < 1:
        raise BadSeriesError(f"last_n is {request.last_n!r}: use 1 or more")
    if not request.min_impact >= 0:
        raise BadSeriesError(f"min_impact is {request.min_impact!r}: use 0 or more")
    built = grid.build(request.series)
    events = grid.event_steps(built, [*request.events, *calendars.events_for(request, built)])
    known = Known.of(built.size, {i: OPPOSITE.get(e.effect) for i, e in events.items()})
    threshold = thresholds.SCORE_AT[request.sensitivity]
    first = _first(request, built.size)
    lead = min(first, history)
    track = engine.judge(built, known, first - lead, threshold)
    return Judged(request, built, events, track, threshold, lead)


def result_of(judged: Judged) -> DetectResult:
    """The answer of a judgement, its texts still empty."""
    request, series, track = judged.request, judged.request.series, judged.track
    return DetectResult(
        series_id=series.series_id,
        anomalies=tuple(a for a in _anomalies(judged) if abs(a.impact) >= request.min_impact),
        summary="",
        quality_notes=notes.about(request, judged.grid, judged.events, track),
        judged=int(np.isfinite(track.score[judged.lead :]).sum()),
        threshold=judged.threshold,
        interval=series.interval,
        measure=series.measure,
        unit=series.unit,
        locale=request.locale,
        time_zone=series.time_zone,
        band=tuple(_band(judged)) if request.return_band else (),
    )


def _first(request: DetectRequest, size: int) -> int:
    if request.evaluate is Evaluate.ALL:
        return 0
    count = 1 if request.evaluate is Evaluate.LAST_POINT else request.last_n
    return max(0, size - count)


def _anomalies(judged: Judged) -> Iterator[Anomaly]:
    track = judged.track
    last = {1: -9, -1: -9}
    for k in np.flatnonzero(track.score >= judged.threshold).tolist():
        sign = int(track.sign[k])
        if k >= judged.lead:
            found = _anomaly(judged, k, ongoing=k - last[sign] <= EPISODE_GAP)
            if not _belies(found):
                yield found
        last[sign] = k


def _anomaly(judged: Judged, k: int, *, ongoing: bool) -> Anomaly:
    built, track = judged.grid, judged.track
    i = track.first + k
    sort = kinds.sort_of(track, built, k)
    expected = float(track.expected[k])
    if sort.kind in {Kind.LEVEL_SHIFT, Kind.TREND_CHANGE}:
        expected = float(track.reference[k] * track.walked.profile[i])
    value = float(built.values[i])
    impact = _impact(judged, k, sort)
    up = bool(track.sign[k] > 0)
    level = float(track.walked.level[i])
    return Anomaly(
        time_s=int(built.times[i]),
        value=None if np.isnan(value) else value,
        expected=expected,
        lower=min(float(track.lower[k]), expected),
        upper=max(float(track.upper[k]), expected),
        score=round(float(track.score[k]), 3),
        direction=_direction(sort.kind, up=up),
        kind=sort.kind,
        severity=severity_of(sort.kind, float(track.score[k]), impact / level if level else 0.0),
        impact=impact,
        start_s=int(built.times[sort.start]),
        points=sort.steps,
        ongoing=ongoing,
        likely_causes=causes.of(judged.request, built, (i, sort, expected)),
    )


def _belies(found: Anomaly) -> bool:
    """A single step on the other side of what was expected: its days before were unusual, not it.

    Sums over several steps find them; where no longer stretch can be told, nothing is said.
    """
    sides = {Direction.UP: found.impact < 0, Direction.DOWN: found.impact > 0}
    return found.points == 1 and sides.get(found.direction, False)


def _direction(kind: Kind, *, up: bool) -> Direction:
    if kind is Kind.STUCK:
        return Direction.NONE
    return Direction.UP if up else Direction.DOWN


def _impact(judged: Judged, k: int, sort: kinds.Sort) -> float:
    """Sum of value - expected since the start (a mean for ratios)."""
    built, track, walked = judged.grid, judged.track, judged.track.walked
    i = track.first + k
    if sort.steps == 1:
        value = 0.0 if track.missing[k] else float(built.values[i])
        return value - float(track.expected[k])
    steps = np.arange(sort.start, i + 1)
    steps = steps[walked.learnt[steps]]
    gaps = built.values[steps] - track.reference[k] * walked.profile[steps]
    is_ratio = judged.request.series.measure is Measure.RATIO
    return float(gaps.mean() if is_ratio else gaps.sum())


def _band(judged: Judged) -> Iterator[BandPoint]:
    built, track = judged.grid, judged.track
    known = np.isfinite(track.lower) & np.isfinite(track.upper)
    known[: judged.lead] = False
    for k in np.flatnonzero(known).tolist():
        i = track.first + k
        value, score = float(built.values[i]), float(track.score[k])
        yield BandPoint(
            time_s=int(built.times[i]),
            value=None if np.isnan(value) else value,
            expected=float(track.expected[k]),
            lower=float(track.lower[k]),
            upper=float(track.upper[k]),
            score=None if np.isnan(score) else round(score, 3),
        )
