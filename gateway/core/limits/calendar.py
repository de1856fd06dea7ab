"""Windows of the calendar: the minute, day or month that a moment belongs to. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo


class Period(StrEnum):
    """Lengths of windows."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """One window: its name, unique among those of its period, and the seconds until its end."""

    name: str
    left_s: float


def span(period: Period, wall_s: float, zone: ZoneInfo) -> Span:
    """The window that holds `wall_s` (seconds since 1970).

    Days and months begin at midnight of the zone; a day may have 23 or 25 hours there.
    """
    name, end_s = _window(period, int(wall_s // 60), zone)
    return Span(name, end_s - wall_s)


@lru_cache(maxsize=64)
def _window(period: Period, minute: int, zone: ZoneInfo) -> tuple[str, float]:
    """Name and end of a window. All zones are whole minutes off UTC, so a minute is in one day."""
    if period is Period.MINUTE:
        return str(minute), (minute + 1) * 60.0
    now = datetime.fromtimestamp(minute * 60, zone)
    first = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period is Period.DAY:
        name, following = f"{first:%Y-%m-%d}", first + timedelta(days=1)
    else:
        first = first.replace(day=1)
        name, following = f"{first:%Y-%m}", (first + timedelta(days=32)).replace(day=1)
    return name, following.timestamp()
