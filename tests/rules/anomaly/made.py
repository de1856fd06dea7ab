"""Series made for the tests: a weekly shape with seeded noise."""

from collections.abc import Sequence

import numpy as np

from gateway.rules.anomaly import DetectRequest, Interval, Point, Series

DAY_S = 86_400
START_S = 1_704_067_200  # Monday 2024-01-01
WEEK = (0.9, 0.9, 0.95, 1.0, 1.1, 1.15, 1.0)


def series(values: Sequence[float | None], **options: object) -> Series:
    interval = options.get("interval", Interval.DAY)
    assert isinstance(interval, Interval)
    points = [
        Point(START_S + i * interval.step_s, v, missing=v is None) for i, v in enumerate(values)
    ]
    return Series(points, **options)  # type: ignore[arg-type]


def request(values: Sequence[float | None], **options: object) -> DetectRequest:
    names = {"interval", "measure", "unit", "time_zone", "series_id"}
    of_series = {k: v for k, v in options.items() if k in names}
    rest = {k: v for k, v in options.items() if k not in names}
    return DetectRequest(series(values, **of_series), **rest)  # type: ignore[arg-type]


def sales(days: int, mean: float = 100.0, seed: int = 1) -> list[float | None]:
    """Over-dispersed counts with a weekly shape."""
    rng = np.random.default_rng(seed)
    means = mean * np.array([WEEK[i % 7] for i in range(days)])
    return [float(v) for v in rng.poisson(means * rng.gamma(25, 1 / 25, days))]


def day(n: int) -> int:
    return START_S + n * DAY_S
