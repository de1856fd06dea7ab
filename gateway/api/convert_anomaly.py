"""DetectAnomaly between protobuf and the domain."""

from collections.abc import Iterable, Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.api.convert_common import Passage, answer_info
from gateway.core.model import Answer
from gateway.tasks.nouns import (
    Anomaly,
    AnomalyKind,
    Cause,
    Covariate,
    DetectRequest,
    DetectResult,
    Direction,
    Effect,
    Evaluate,
    Event,
    Interval,
    Measure,
    Point,
    QualityNote,
    Sensitivity,
    Series,
    Severity,
)
from gateway.v1 import anomaly_pb2 as pb

DEFAULT_LOCALE = "en"
"""Language of the texts when none is asked for: a series has no text to detect it from."""

LEAST = 1e-15
"""What is nearer to 0 is read as 0: no unit is that small, and squares of it would underflow."""

LARGE_BAND = 1_000
"""Points of a band from which the answer is converted beside the event loop."""

INTERVAL: Mapping[int, Interval] = {
    pb.INTERVAL_UNSPECIFIED: Interval.DAY,
    pb.INTERVAL_DAY: Interval.DAY,
    pb.INTERVAL_HOUR: Interval.HOUR,
    pb.INTERVAL_WEEK: Interval.WEEK,
}
MEASURE: Mapping[int, Measure] = {
    pb.MEASURE_UNSPECIFIED: Measure.COUNT,
    pb.MEASURE_COUNT: Measure.COUNT,
    pb.MEASURE_AMOUNT: Measure.AMOUNT,
    pb.MEASURE_RATIO: Measure.RATIO,
}
EVALUATE: Mapping[int, Evaluate] = {
    pb.EVALUATE_UNSPECIFIED: Evaluate.LAST_POINT,
    pb.EVALUATE_LAST_POINT: Evaluate.LAST_POINT,
    pb.EVALUATE_LAST_N: Evaluate.LAST_N,
    pb.EVALUATE_ALL: Evaluate.ALL,
}
SENSITIVITY: Mapping[int, Sensitivity] = {
    pb.SENSITIVITY_UNSPECIFIED: Sensitivity.MEDIUM,
    pb.SENSITIVITY_LOW: Sensitivity.LOW,
    pb.SENSITIVITY_MEDIUM: Sensitivity.MEDIUM,
    pb.SENSITIVITY_HIGH: Sensitivity.HIGH,
}
EFFECT: Mapping[int, Effect] = {
    pb.EVENT_EFFECT_UNSPECIFIED: Effect.UNKNOWN,
    pb.EVENT_EFFECT_UP: Effect.UP,
    pb.EVENT_EFFECT_DOWN: Effect.DOWN,
}
DIRECTION: Mapping[Direction, "pb.Direction.ValueType"] = {
    Direction.UP: pb.DIRECTION_UP,
    Direction.DOWN: pb.DIRECTION_DOWN,
    Direction.NONE: pb.DIRECTION_UNSPECIFIED,
}
KIND: Mapping[AnomalyKind, "pb.AnomalyKind.ValueType"] = {
    AnomalyKind.SPIKE: pb.ANOMALY_KIND_SPIKE,
    AnomalyKind.DROP: pb.ANOMALY_KIND_DROP,
    AnomalyKind.LEVEL_SHIFT: pb.ANOMALY_KIND_LEVEL_SHIFT,
    AnomalyKind.TREND_CHANGE: pb.ANOMALY_KIND_TREND_CHANGE,
    AnomalyKind.MISSING_DATA: pb.ANOMALY_KIND_MISSING_DATA,
    AnomalyKind.STUCK: pb.ANOMALY_KIND_STUCK,
    AnomalyKind.SCALE_ERROR: pb.ANOMALY_KIND_SCALE_ERROR,
}
SEVERITY: Mapping[Severity, "pb.Severity.ValueType"] = {
    Severity.LOW: pb.SEVERITY_LOW,
    Severity.MEDIUM: pb.SEVERITY_MEDIUM,
    Severity.HIGH: pb.SEVERITY_HIGH,
    Severity.CRITICAL: pb.SEVERITY_CRITICAL,
}


def detect_request(message: pb.DetectAnomalyRequest) -> DetectRequest:
    """The domain's request, of a message that has been checked."""
    return DetectRequest(
        series=_series(message.series),
        evaluate=EVALUATE[message.evaluate],
        last_n=message.evaluate_count or 1,
        events=tuple(_event(event) for event in message.events),
        sensitivity=SENSITIVITY[message.sensitivity],
        min_impact=message.min_impact,
        covariates=tuple(Covariate(c.name, _points(c.points)) for c in message.covariates),
        calendars=tuple(message.calendars),
        return_band=message.return_band,
        locale=message.options.locale or DEFAULT_LOCALE,
    )


def detect_response(answer: Answer[DetectResult], passage: Passage) -> pb.DetectAnomalyResponse:
    """The answer as callers see it."""
    result = answer.value
    response = pb.DetectAnomalyResponse(
        anomalies=[_anomaly(anomaly) for anomaly in result.anomalies],
        summary=result.summary,
        quality_notes=[_note(note) for note in result.quality_notes],
        info=answer_info(answer, passage),
    )
    add = response.band.add  # in place: half the time of a list of messages that is copied
    for point in result.band:
        told = add(expected=point.expected, lower=point.lower, upper=point.upper)
        told.time.seconds = point.time_s
    return response


def is_large(answer: Answer[DetectResult]) -> bool:
    """Whether converting the answer takes more than about 1 ms."""
    return len(answer.value.band) > LARGE_BAND


def _series(series: pb.Series) -> Series:
    return Series(
        points=_points(series.points),
        series_id=series.series_id,
        interval=INTERVAL[series.interval],
        time_zone=series.time_zone or "UTC",
        measure=MEASURE[series.measure],
        unit=series.unit,
    )


def _points(points: Iterable[pb.Point]) -> tuple[Point, ...]:
    return tuple(
        Point(p.time.seconds, None, missing=True)
        if p.missing
        else Point(p.time.seconds, value if abs(value := p.value) >= LEAST else 0.0)
        for p in points
    )


def _event(event: pb.Event) -> Event:
    return Event(event.start.seconds, event.end.seconds, event.name, EFFECT[event.expected_effect])


def _anomaly(anomaly: Anomaly) -> pb.Anomaly:
    return pb.Anomaly(
        time=Timestamp(seconds=anomaly.time_s),
        start_time=Timestamp(seconds=anomaly.start_s),
        value=anomaly.value or 0.0,
        expected=anomaly.expected,
        lower=anomaly.lower,
        upper=anomaly.upper,
        score=anomaly.score,
        direction=DIRECTION[anomaly.direction],
        kind=KIND[anomaly.kind],
        severity=SEVERITY[anomaly.severity],
        impact=anomaly.impact,
        explanation=anomaly.explanation,
        likely_causes=[_cause(cause) for cause in anomaly.likely_causes],
        ongoing=anomaly.ongoing,
    )


def _cause(cause: Cause) -> pb.LikelyCause:
    return pb.LikelyCause(cause=cause.code.value.lower(), evidence=cause.text)


def _note(note: QualityNote) -> pb.QualityNote:
    return pb.QualityNote(code=note.code.value.lower(), text=note.text)
