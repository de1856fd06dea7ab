from gateway.rules.anomaly import (
    DetectRequest,
    Direction,
    Evaluate,
    Kind,
    Point,
    Series,
    check_text,
    detect,
    explain,
)

DAY_S = 86_400
START_S = 1_704_067_200  # Monday 2024-01-01


def series(values: list[float], **options: object) -> Series:
    points = [Point(START_S + i * DAY_S, v) for i, v in enumerate(values)]
    return Series(points, **options)  # type: ignore[arg-type]


def weekly(weeks: int) -> list[float]:
    return [float(v + (i * 7 + w * 3) % 5) for w in range(weeks) for i, v in enumerate(WEEK)]


WEEK = [100, 104, 98, 110, 140, 180, 160]


def test_a_fall_to_a_tenth_on_the_last_day_is_a_drop() -> None:
    result = detect(DetectRequest(series([*weekly(20), 10.0], unit="units")))
    (found,) = result.anomalies
    assert (found.direction, found.kind) == (Direction.DOWN, Kind.DROP)
    assert found.value == 10.0
    assert found.lower < 105 < found.upper


def test_an_ordinary_history_has_no_anomaly() -> None:
    result = detect(DetectRequest(series(weekly(30)), evaluate=Evaluate.ALL))
    assert result.anomalies == ()
    assert result.judged > 150


def test_every_language_words_the_evidence_and_passes_the_check() -> None:
    result = detect(DetectRequest(series([*weekly(20), 1250.5], unit="EUR")))
    texts = [
        explain(result, locale).explanations[0] for locale in ("zh", "en", "de", "fr", "es", "ja")
    ]
    assert len(set(texts)) == 6
    assert [check_text(text, result) for text in texts] == [()] * 6


def test_an_invented_figure_is_refused() -> None:
    result = detect(DetectRequest(series([*weekly(20), 1250.5], unit="EUR")))
    (wrong,) = check_text("Sales rose to 1,250.5 EUR after a discount of 35 %.", result)
    assert wrong.found == "35"
