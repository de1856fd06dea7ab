"""From a request to its answer: grid, judgement, anomalies, causes, texts."""

from collections.abc import Iterator

import numpy as np

from gateway.rules.anomaly import engine, grid, thresholds
from gateway.rules.anomaly.explain import with_texts
from gateway.rules.anomaly.grid import Grid
from gateway.rules.anomaly.model import (
    Anomaly,
    BadSeriesError,
    BandPoint,
    DetectRequest,
    DetectResult,
    Direction,
    Evaluate,
    Kind,
    Severity,
)


def detect(request: DetectRequest) -> DetectResult:
    """Judges the points asked for, each from earlier points only, and explains the unusual ones.

    Raises BadSeriesError for an unknown time zone, absurd dates or `last_n` below 1.
    """
    if request.evaluate is Evaluate.LAST_N and request.last_n < 1:
        raise BadSeriesError(f"last_n is {request.last_n!r}: use 1 or more")
    built = grid.build(request.series)
    events = grid.event_steps(built, request.events)
    skip = np.zeros(built.size, bool)
    skip[list(events)] = True
    track = engine.judge(built, skip)
    threshold = thresholds.SCORE_AT[request.sensitivity]
    first = _first(request, built.size)
    anomalies = tuple(
        a
        for a in _anomalies(built, track, request, first)
        if a.score >= threshold and abs(a.impact) >= request.min_impact
    )
    return with_texts(
        DetectResult(
            series_id=request.series.series_id,
            anomalies=anomalies,
            summary="",
            quality_notes=built.notes,
            judged=int(np.isfinite(track.score[first:]).sum()),
            threshold=threshold,
            interval=request.series.interval,
            measure=request.series.measure,
            unit=request.series.unit,
            locale=request.locale,
            time_zone=request.series.time_zone,
            band=_band(built, track, first) if request.return_band else (),
        )
    )


def _first(request: DetectRequest, size: int) -> int:
    if request.evaluate is Evaluate.ALL:
        return 0
    count = 1 if request.evaluate is Evaluate.LAST_POINT else request.last_n
    return max(0, size - count)


def _anomalies(
    built: Grid, track: engine.Track, request: DetectRequest, first: int
) -> Iterator[Anomaly]:
    threshold = thresholds.SCORE_AT[request.sensitivity]
    for i in np.flatnonzero(track.score[first:] >= threshold) + first:
        up = bool(track.sign[i] > 0)
        value = float(built.values[i])
        yield Anomaly(
            time_s=int(built.times[i]),
            value=value,
            expected=float(track.expected[i]),
            lower=float(track.lower[i]),
            upper=float(track.upper[i]),
            score=float(track.score[i]),
            direction=Direction.UP if up else Direction.DOWN,
            kind=Kind.SPIKE if up else Kind.DROP,
            severity=Severity.MEDIUM,
            impact=value - float(track.expected[i]),
            start_s=int(built.times[i]),
        )


def _band(built: Grid, track: engine.Track, first: int) -> tuple[BandPoint, ...]:
    def point(i: int) -> BandPoint:
        value, score = float(built.values[i]), float(track.score[i])
        return BandPoint(
            time_s=int(built.times[i]),
            value=None if np.isnan(value) else value,
            expected=float(track.expected[i]),
            lower=float(track.lower[i]),
            upper=float(track.upper[i]),
            score=None if np.isnan(score) else score,
        )

    return tuple(point(i) for i in range(first, built.size) if np.isfinite(track.expected[i]))
