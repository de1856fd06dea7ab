import pytest

from gateway.rules.anomaly import (
    BadSeriesError,
    CauseCode,
    Covariate,
    DetectRequest,
    DetectResult,
    Direction,
    Effect,
    Evaluate,
    Event,
    Interval,
    Kind,
    Measure,
    NoteCode,
    Point,
    Sensitivity,
    Series,
    Severity,
    detect,
)
from tests.rules.anomaly.made import DAY_S, START_S, day, request, sales


def codes(result: object) -> set[NoteCode]:
    return {n.code for n in result.quality_notes}  # type: ignore[attr-defined]


def test_a_fall_to_a_tenth_on_the_last_day_is_a_drop() -> None:
    (found,) = detect(request([*sales(200), 10.0], unit="pcs")).anomalies
    assert (found.direction, found.kind) == (Direction.DOWN, Kind.DROP)
    assert found.lower < 90 < found.upper
    assert found.impact == pytest.approx(10 - found.expected)
    assert found.start_s == found.time_s == day(200)


def test_five_times_the_usual_is_a_spike() -> None:
    (found,) = detect(request([*sales(200), 500.0])).anomalies
    assert (found.direction, found.kind) == (Direction.UP, Kind.SPIKE)


def test_an_ordinary_history_has_hardly_any_anomaly() -> None:
    results = [detect(request(sales(400, seed=s), evaluate=Evaluate.ALL)) for s in range(20)]
    judged = sum(r.judged for r in results)
    assert sum(len(r.anomalies) for r in results) <= 0.002 * judged


@pytest.mark.parametrize("sensitivity", list(Sensitivity))
def test_a_higher_sensitivity_finds_at_least_as_much(sensitivity: Sensitivity) -> None:
    values = sales(300, mean=20)
    found = len(detect(request(values, evaluate=Evaluate.ALL, sensitivity=sensitivity)).anomalies)
    high = detect(request(values, evaluate=Evaluate.ALL, sensitivity=Sensitivity.HIGH))
    assert found <= len(high.anomalies)


def test_half_the_level_for_a_week_is_a_level_shift_that_names_its_first_day() -> None:
    values = [*sales(200), *(v / 2 for v in sales(7, seed=2) if v is not None)]
    (found,) = detect(request(values)).anomalies
    assert (found.kind, found.direction) == (Kind.LEVEL_SHIFT, Direction.DOWN)
    assert abs(found.start_s - day(200)) <= DAY_S
    assert found.impact < -250


def test_a_slow_slide_is_a_trend_change() -> None:
    slide = [v * (1 - 0.025 * i) for i, v in enumerate(sales(28, seed=3)) if v is not None]
    found = detect(request([*sales(200), *slide])).anomalies[-1]
    assert (found.kind, found.direction) == (Kind.TREND_CHANGE, Direction.DOWN)


def test_after_a_shift_has_lasted_it_is_the_new_normal() -> None:
    values = [*sales(200), *sales(60, mean=250, seed=4)]
    result = detect(request(values, evaluate=Evaluate.LAST_N, last_n=20))
    assert result.anomalies == ()
    assert NoteCode.REBASED in codes(result)


def test_a_factor_of_a_hundred_is_a_scale_error_with_the_factor_as_cause() -> None:
    (found,) = detect(request([*sales(100), 9_800.0])).anomalies
    assert (found.kind, found.severity) == (Kind.SCALE_ERROR, Severity.HIGH)
    assert [(c.code, c.now) for c in found.likely_causes] == [(CauseCode.UNIT_FACTOR, 100.0)]


def test_the_same_value_again_and_again_is_stuck() -> None:
    found = detect(request([*sales(150), 97.0, 97.0, 97.0, 97.0, 97.0])).anomalies[0]
    assert (found.kind, found.points, found.direction) == (Kind.STUCK, 5, Direction.NONE)
    assert found.likely_causes[0].code is CauseCode.FROZEN_FEED


def test_a_value_that_does_not_come_is_missing_data() -> None:
    (found,) = detect(request([*sales(100), None])).anomalies
    assert (found.kind, found.value) == (Kind.MISSING_DATA, None)
    assert found.impact == pytest.approx(-found.expected)


def test_zeros_in_a_row_are_one_drop_since_the_first_of_them() -> None:
    found = detect(request([*sales(100, mean=6), 0.0, 0.0, 0.0, 0.0])).anomalies[0]
    assert (found.kind, found.points, found.start_s) == (Kind.DROP, 4, day(100))


def test_one_zero_of_a_slow_seller_is_nothing() -> None:
    assert detect(request([*sales(200, mean=1.5), 0.0])).anomalies == ()


def test_a_known_event_is_neither_judged_nor_learnt() -> None:
    values = [*sales(100), *[900.0] * 5, *sales(10, seed=5)]
    event = Event(day(100), day(104), "Black Friday")
    result = detect(request(values, events=[event], evaluate=Evaluate.LAST_N, last_n=15))
    assert result.anomalies == ()
    assert result.judged == 10


def test_without_the_event_the_same_days_are_told() -> None:
    values = [*sales(100), *[900.0] * 5]
    assert detect(request(values)).anomalies


def test_a_fall_during_a_promotion_that_should_lift_sales_is_told() -> None:
    event = Event(day(100), day(100), "Prime Day", Effect.UP)
    (found,) = detect(request([*sales(100), 8.0], events=[event])).anomalies
    assert found.direction is Direction.DOWN
    assert detect(request([*sales(100), 800.0], events=[event])).anomalies == ()


def test_closed_weekdays_are_recognised_and_not_told() -> None:
    values = [0.0 if i % 7 == 6 else v for i, v in enumerate(sales(210)) if v is not None]
    result = detect(request(values, evaluate=Evaluate.LAST_N, last_n=100))
    assert result.anomalies == ()
    assert [n.subject for n in result.quality_notes if n.code is NoteCode.CLOSED_DAYS] == ["6"]


def test_min_impact_leaves_out_what_matters_less() -> None:
    values = [*sales(200), 10.0]
    assert detect(request(values, min_impact=50)).anomalies
    assert detect(request(values, min_impact=500)).anomalies == ()


def test_last_n_judges_as_many_points() -> None:
    result = detect(request(sales(100), evaluate=Evaluate.LAST_N, last_n=9, return_band=True))
    assert (result.judged, len(result.band)) == (9, 9)


def test_the_band_of_an_ordinary_series_holds_its_values() -> None:
    result = detect(request(sales(300), evaluate=Evaluate.ALL, return_band=True))
    inside = [b.lower <= b.value <= b.upper for b in result.band if b.value is not None]
    assert sum(inside) >= 0.99 * len(inside)


def test_stock_at_zero_explains_a_drop() -> None:
    stock = Covariate(
        "stock", [Point(day(i), 0.0 if i == 120 else 80.0 + i % 9) for i in range(121)]
    )
    (found,) = detect(request([*sales(120), 4.0], covariates=[stock])).anomalies
    cause = found.likely_causes[0]
    assert (cause.code, cause.now) == (CauseCode.OUT_OF_STOCK, 0.0)
    assert "stock" in cause.text


def test_a_dearer_price_explains_a_fall_but_not_a_rise() -> None:
    price = Covariate("price", [Point(day(i), 12.5 if i == 120 else 9.99) for i in range(121)])
    fall = detect(request([*sales(120), 4.0], covariates=[price])).anomalies[0]
    rise = detect(request([*sales(120), 500.0], covariates=[price])).anomalies[0]
    assert fall.likely_causes[0].code is CauseCode.PRICE_UP
    assert CauseCode.PRICE_UP not in {c.code for c in rise.likely_causes}


def test_an_ordinary_covariate_explains_nothing() -> None:
    ads = Covariate("ad_spend", [Point(day(i), 50.0 + i % 5) for i in range(121)])
    (found,) = detect(request([*sales(120), 4.0], covariates=[ads])).anomalies
    assert CauseCode.ADS_DOWN not in {c.code for c in found.likely_causes}


def test_twice_the_usual_hints_at_double_counting() -> None:
    steady = [100.0 + (i * 7) % 5 for i in range(150)]
    (found,) = detect(request([*steady, 204.0])).anomalies
    assert found.likely_causes[0].code is CauseCode.DOUBLE_COUNT


def test_a_great_sale_nearby_is_named_as_a_cause() -> None:
    values = [*sales(315), 600.0]  # 2024-11-11
    (found,) = detect(request(values)).anomalies
    assert any("Double 11" in c.subject for c in found.likely_causes)


def test_under_five_values_it_says_that_it_cannot_judge() -> None:
    result = detect(request([5.0, 6.0, 900.0]))
    assert (result.judged, result.anomalies) == (0, ())
    assert NoteCode.TOO_SHORT in codes(result)


def test_in_a_cold_start_only_gross_deviations_are_told() -> None:
    mild = detect(request([100.0, 110.0, 95.0, 105.0, 99.0, 102.0, 98.0, 103.0, 250.0]))
    gross = detect(request([100.0, 110.0, 95.0, 105.0, 99.0, 102.0, 98.0, 103.0, 25_000.0]))
    assert (mild.judged, mild.anomalies) == (1, ())
    assert len(gross.anomalies) == 1
    assert NoteCode.COLD_START in codes(gross)


def test_hours_without_any_order_in_the_afternoon_are_found() -> None:
    shape = [1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 12, 12, 11, 10, 10, 11, 13, 15, 16, 14, 9, 5]
    values = [float(4 * shape[i % 24] + (i * 37) % 11) for i in range(24 * 40 + 14)]
    result = detect(request([*values, 0.0, 0.0], interval=Interval.HOUR))
    assert result.anomalies[0].direction is Direction.DOWN
    night = detect(request(values[: 24 * 40 + 3], interval=Interval.HOUR))
    assert night.anomalies == ()


def test_a_week_at_a_fifth_is_found() -> None:
    values = [float(1000 + (i * 37) % 120) for i in range(60)]
    (found,) = detect(request([*values, 200.0], interval=Interval.WEEK)).anomalies
    assert found.kind is Kind.DROP


def test_a_ratio_has_a_mean_impact() -> None:
    values = [0.05 + 0.002 * ((i * 7) % 5) for i in range(100)]
    (found,) = detect(request([*values, 0.005], measure=Measure.RATIO)).anomalies
    assert -0.06 < found.impact < 0


def test_net_revenue_below_zero_gets_a_plain_band() -> None:
    values = [float(40 - (i * 29) % 70) for i in range(120)]
    result = detect(request([*values, -900.0], measure=Measure.AMOUNT))
    assert result.anomalies[0].direction is Direction.DOWN
    assert NoteCode.NEGATIVE in codes(result)


def test_unordered_and_repeated_points_are_told_and_change_nothing() -> None:
    plain = request([*sales(100), 10.0])
    points = [*reversed(plain.series.points), plain.series.points[3]]
    mixed = request([])
    mixed = type(mixed)(type(mixed.series)(points))
    result = detect(mixed)
    assert result.anomalies[0].score == detect(plain).anomalies[0].score
    assert {NoteCode.UNORDERED, NoteCode.DUPLICATES} <= codes(result)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone 'Mars/Base' is not known"),
        ({"evaluate": Evaluate.LAST_N, "last_n": 0}, "last_n is 0: use 1 or more"),
        ({"min_impact": -1.0}, "min_impact is -1.0: use 0 or more"),
        ({"min_impact": float("nan")}, "min_impact is nan"),
    ],
)
def test_a_broken_option_is_refused_by_name(bad: dict[str, object], message: str) -> None:
    with pytest.raises(BadSeriesError, match=message):
        detect(request(sales(30), **bad))


def test_an_absurd_date_is_refused() -> None:
    points = [Point(day(0), 1.0), Point(10**12, 2.0)]
    with pytest.raises(BadSeriesError, match="1900 to 2100"):
        detect(type(request([]))(type(request([]).series)(points)))


def sided(result: DetectResult) -> bool:
    return all(
        a.impact >= 0 if a.direction is Direction.UP else a.impact <= 0
        for a in result.anomalies
        if a.direction is not Direction.NONE
    )


def test_a_week_without_sales_after_a_large_one_is_no_sudden_high_value() -> None:
    weeks: list[float | None] = [0.0] * 60
    weeks[7], weeks[52] = 1.0, 50.0
    found = detect(
        request(weeks, interval=Interval.WEEK, evaluate=Evaluate.ALL, sensitivity=Sensitivity.HIGH)
    )
    assert START_S + 52 * Interval.WEEK.step_s in {a.time_s for a in found.anomalies}
    assert sided(found)


def test_a_first_refund_after_a_rise_is_a_drop_of_its_own() -> None:
    values: list[float | None] = [*map(float, range(29)), -29.0]
    (found,) = detect(request(values, measure=Measure.RATIO)).anomalies
    assert (found.kind, found.direction, found.points) == (Kind.DROP, Direction.DOWN, 1)
    assert found.impact < 0


def test_weeks_a_day_early_find_their_own_covariate() -> None:
    early = [START_S + i * Interval.WEEK.step_s - DAY_S * (i > 0) for i in range(61)]
    weeks = [Point(t, 100.0 + i % 3) for i, t in enumerate(early[:-1])]
    stock = Covariate("stock", [*(Point(t, 80.0) for t in early[:-1]), Point(early[-1], 0.0)])
    series = Series([*weeks, Point(early[-1], 5.0)], interval=Interval.WEEK)
    (found,) = detect(DetectRequest(series, covariates=[stock])).anomalies
    assert CauseCode.OUT_OF_STOCK in {cause.code for cause in found.likely_causes}
