"""Windows of the calendar: the minute, day or month that a moment belongs to. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
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
    if period is Period.MINUTE:
        minute = int(wall_s // 60)
        return Span(str(minute), (minute + 1) * 60 - wall_s)
    now = datetime.fromtimestamp(wall_s, zone)
    first = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period is Period.DAY:
        name, following = f"{first:%Y-%m-%d}", first + timedelta(days=1)
    else:
        first = first.replace(day=1)
        name, following = f"{first:%Y-%m}", (first + timedelta(days=32)).replace(day=1)
    return Span(name, following.timestamp() - wall_s)
