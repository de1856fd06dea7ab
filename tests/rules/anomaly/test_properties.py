import math
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.rules.anomaly import (
    Anomaly,
    BadSeriesError,
    DetectRequest,
    DetectResult,
    Evaluate,
    Interval,
    Measure,
    Point,
    Sensitivity,
    check_text,
    detect,
)
from tests.rules.anomaly.made import day, request

counts = st.lists(st.integers(0, 400), min_size=20, max_size=90)
amounts = st.lists(st.integers(0, 40_000).map(lambda c: c / 8), min_size=20, max_size=90)
anything = st.lists(
    st.one_of(st.none(), st.floats(), st.integers(-1000, 1000), st.just(0.0)), max_size=60
)


def everything(values: list[float], **options: object) -> DetectRequest:
    options = {"evaluate": Evaluate.ALL, "sensitivity": Sensitivity.HIGH, **options}
    return request(values, return_band=True, **options)


def facts(a: Anomaly) -> tuple[object, ...]:
    return (a.time_s, a.kind, a.direction, a.severity, a.start_s, a.points, a.ongoing)


def assert_same(left: DetectResult, right: DetectResult, factor: float = 1.0) -> None:
    assert [facts(a) for a in left.anomalies] == [facts(a) for a in right.anomalies]
    for a, b in zip(left.anomalies, right.anomalies, strict=True):
        assert b.score == pytest.approx(a.score, abs=2e-3)
        assert b.impact == pytest.approx(a.impact * factor, rel=1e-6, abs=1e-6)
    for p, q in zip(left.band, right.band, strict=True):
        for name in ("expected", "lower", "upper"):
            scaled = getattr(p, name) * factor
            assert getattr(q, name) == pytest.approx(scaled, rel=1e-6, abs=1e-6 * factor)


@settings(max_examples=60, deadline=None)
@given(st.one_of(counts, amounts), st.sampled_from([Measure.COUNT, Measure.AMOUNT]))
def test_ten_times_the_series_has_ten_times_the_band_and_impact(
    values: list[float], measure: Measure
) -> None:
    small = detect(everything(values, measure=measure))
    large = detect(everything([10 * v for v in values], measure=measure))
    assert_same(small, large, factor=10)


@settings(max_examples=40, deadline=None)
@given(counts, st.integers(-300, 300))
def test_dates_shifted_by_weeks_change_nothing(values: list[float], weeks: int) -> None:
    here = detect(everything(values))
    shift = weeks * Interval.WEEK.step_s
    points = [Point(p.time_s + shift, p.value) for p in everything(values).series.points]
    series = replace(everything(values).series, points=points)
    there = detect(replace(everything(values), series=series))
    back = [replace(a, time_s=a.time_s - shift, start_s=a.start_s - shift) for a in there.anomalies]
    assert_same(here, replace(there, anomalies=tuple(back)))


@settings(max_examples=60, deadline=None)
@given(counts, st.lists(st.integers(0, 40_000), min_size=1, max_size=30))
def test_a_later_day_never_changes_an_earlier_judgement(
    values: list[float], later: list[float]
) -> None:
    before = detect(everything(values))
    after = detect(everything([*values, *later]))
    kept = len(before.band)
    told = tuple(a for a in after.anomalies if a.time_s < day(len(values)))
    assert_same(before, replace(after, anomalies=told, band=after.band[:kept]))


@settings(max_examples=40, deadline=None)
@given(counts)
def test_the_last_point_alone_is_judged_as_among_all(values: list[float]) -> None:
    last = detect(request(values, sensitivity=Sensitivity.HIGH))
    among = [a for a in detect(everything(values)).anomalies if a.time_s == day(len(values) - 1)]
    assert [facts(a) for a in last.anomalies] == [facts(a) for a in among]


NEARLY_NOTHING = [0.0, 0.0, -8.143664429863742e-09, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 1, 1]
"""Its band is written with nine decimals, which are no thousands."""


@settings(max_examples=150, deadline=None)
@example(NEARLY_NOTHING, Interval.HOUR, Measure.COUNT, "en")
@given(
    anything,
    st.sampled_from(list(Interval)),
    st.sampled_from(list(Measure)),
    st.sampled_from(["en", "zh", "fr"]),
)
def test_whatever_comes_is_answered_with_finite_numbers_or_refused(
    values: list[float | None], interval: Interval, measure: Measure, locale: str
) -> None:
    try:
        result = detect(everything(values, interval=interval, measure=measure, locale=locale))  # type: ignore[arg-type]
    except BadSeriesError:
        return
    assert result.judged or result.quality_notes
    assert result.summary
    for a in result.anomalies:
        assert all(map(math.isfinite, (a.expected, a.lower, a.upper, a.score, a.impact)))
        assert a.lower <= a.expected <= a.upper
        assert check_text(a.explanation, result) == ()


@pytest.mark.parametrize(
    "values",
    [[], [None], [7.0], [7.0, 9.0], [0.0] * 50, [5.0] * 50, [float("nan")] * 20, [-3.0] * 40],
    ids=["empty", "none", "one", "two", "zeros", "constant", "nan", "negative"],
)
def test_a_degenerate_series_has_no_anomaly_and_a_note_that_says_why(
    values: list[float | None],
) -> None:
    result = detect(request(values, evaluate=Evaluate.ALL))
    assert result.anomalies == ()
    assert result.quality_notes
