import pytest

from gateway.rules.anomaly import (
    BadSeriesError,
    DetectRequest,
    Direction,
    Evaluate,
    Kind,
    detect,
    detect_many,
)
from tests.rules.anomaly.made import day, request, sales


def shop(last: float, count: int = 30, **options: object) -> list[DetectRequest]:
    """`count` series of one shop, their last day multiplied by `last`."""
    made = [sales(150, mean=20 + 7 * k, seed=100 + k) for k in range(count)]
    cut = [[*v[:-1], float(round((v[-1] or 0.0) * last))] for v in made]
    return [request(v, series_id=f"sku-{k}", unit="pcs", **options) for k, v in enumerate(cut)]


def test_a_fall_across_a_shop_is_one_alert_in_place_of_many() -> None:
    batch = detect_many(shop(last=0.25))
    (alert,) = batch.alerts
    assert (alert.direction, alert.time_s, alert.total) == (Direction.DOWN, day(149), 30)
    assert len(alert.series_ids) >= 28
    assert alert.impact < 0
    assert sum(len(r.anomalies) for r in batch.results) == 0
    assert "30" in alert.text


def test_an_ordinary_day_has_no_common_cause() -> None:
    assert detect_many(shop(last=1.0)).alerts == ()


def test_a_single_series_keeps_its_own_anomaly() -> None:
    requests = [*shop(last=1.0), request([*sales(149), 4.0], series_id="odd")]
    batch = detect_many(requests)
    assert batch.alerts == ()
    assert [len(r.anomalies) for r in batch.results][-1] == 1


def test_a_fault_of_the_data_is_not_hidden_by_a_common_cause() -> None:
    requests = shop(last=3.0)
    requests.append(request([*sales(149), 10_500.0], series_id="faulty"))
    batch = detect_many(requests)
    assert batch.alerts
    assert [a.kind for a in batch.results[-1].anomalies] == [Kind.SCALE_ERROR]


def test_a_day_that_no_series_has_is_one_failed_import() -> None:
    requests = [
        request([*sales(100, seed=k), None], series_id=str(k), evaluate=Evaluate.LAST_POINT)
        for k in range(8)
    ]
    batch = detect_many(requests)
    assert [(a.kind, len(a.series_ids)) for a in batch.alerts] == [(Kind.MISSING_DATA, 8)]
    assert all(not r.anomalies for r in batch.results)


def test_among_many_series_a_lone_weak_anomaly_is_no_discovery() -> None:
    weak = next(
        r
        for fall in range(60, 20, -1)
        for r in [request([*sales(149, mean=80), float(fall)], series_id="weak")]
        if any(a.score < 3.4 for a in detect(r).anomalies)
    )
    alone, among = detect_many([weak]), detect_many([*shop(last=1.0, count=400), weak])
    assert len(alone.results[0].anomalies) == 1
    assert among.results[-1].anomalies == ()
    assert len(detect_many([*shop(last=1.0), weak], fdr=1.0).results[-1].anomalies) == 1


@pytest.mark.parametrize("fdr", [0.0, -1.0, 1.5, float("nan")])
def test_an_impossible_rate_is_refused(fdr: float) -> None:
    with pytest.raises(BadSeriesError, match="fdr is"):
        detect_many([], fdr)


def test_a_bad_series_is_named() -> None:
    with pytest.raises(BadSeriesError, match="series 'x': time_zone 'Nowhere'"):
        detect_many([request([1.0], series_id="x", time_zone="Nowhere")])
