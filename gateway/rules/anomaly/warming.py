"""Does what the engine else does at its first call."""

from gateway.rules.anomaly.detecting import detect
from gateway.rules.anomaly.guard import check_text
from gateway.rules.anomaly.model import DetectRequest, Point, Series

_DAY_S = 86_400
_DAYS = 56


def warm() -> None:
    """Load numpy and the engine, and judge a short series with a leap at its end."""
    values = [100.0 + day % 7 for day in range(_DAYS)] + [400.0]
    points = [Point(day * _DAY_S, value) for day, value in enumerate(values)]
    result = detect(DetectRequest(Series(points=points)))
    check_text(result.summary, result)
