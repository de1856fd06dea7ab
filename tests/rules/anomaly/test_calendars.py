from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.rules.anomaly import (
    DetectRequest,
    Interval,
    NoteCode,
    Point,
    Series,
    calendars,
    detect,
    grid,
)
from tests.rules.anomaly.made import request, sales


def days(calendar: str, year: int) -> dict[str, str]:
    stamp = "%m-%d"
    return {
        e.name: datetime.fromtimestamp(e.start_s, UTC).strftime(stamp)
        for e in calendars.events_of(calendar, year)
    }


@pytest.mark.parametrize(
    ("calendar", "year", "name", "first"),
    [
        ("TMALL", 2025, "Double 11 (Singles' Day)", "11-11"),
        ("JD", 2025, "618", "06-16"),
        ("SHOPEE", 2025, "9.9", "09-09"),
        ("AMAZON_US", 2024, "Black Friday to Cyber Monday", "11-29"),
        ("AMAZON_US", 2025, "Black Friday to Cyber Monday", "11-28"),
        ("AMAZON", 2024, "Prime Day", "07-16"),
    ],
)
def test_the_great_days_are_where_they_were(
    calendar: str, year: int, name: str, first: str
) -> None:
    assert days(calendar, year)[name] == first


@pytest.mark.parametrize(("year", "new_year"), [(2024, "02-10"), (2025, "01-29"), (2026, "02-17")])
def test_chinese_new_year_follows_the_moon(year: int, new_year: str) -> None:
    events = calendars.events_of("HOLIDAYS_CN", year)
    starts = {datetime.fromtimestamp(e.start_s, UTC).strftime("%m-%d") for e in events}
    assert new_year in starts


def test_a_calendar_s_days_are_not_told() -> None:
    values = [*sales(333), 900.0]  # ends on 2024-11-29
    assert detect(request(values)).anomalies
    assert detect(request(values, calendars=["AMAZON_US"])).anomalies == ()


@pytest.mark.parametrize("name", ["MOON", "HOLIDAYS", "AMAZON_XX"])
def test_an_unknown_calendar_is_noted_and_left_out(name: str) -> None:
    result = detect(request(sales(60), calendars=[name]))
    assert [n.subject for n in result.quality_notes if n.code is NoteCode.UNKNOWN_CALENDAR] == [
        name
    ]


def test_every_marketplace_named_has_days() -> None:
    assert all(calendars.events_of(n, 2025) for n in calendars.names() if n != "HOLIDAYS")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Auckland"])
@pytest.mark.parametrize(
    ("calendar", "day"), [("TMALL", (2024, 11, 11)), ("HOLIDAYS_US", (2025, 1, 1))]
)
def test_a_calendar_s_day_is_that_day_where_the_shop_is(
    zone: str, calendar: str, day: tuple[int, int, int]
) -> None:
    here = ZoneInfo(zone)
    midnights = [datetime(*day, tzinfo=here) + timedelta(days=k) for k in range(-4, 1)]
    points = [Point(int(moment.timestamp()), 1.0) for moment in midnights]
    asked = DetectRequest(Series(points, time_zone=zone), calendars=(calendar,))
    built = grid.build(asked.series)
    covered = grid.event_steps(built, [*calendars.events_for(asked, built)])
    assert list(covered) == [4]


def test_an_hourly_calendar_s_day_begins_at_the_shop_s_midnight() -> None:
    here = ZoneInfo("Asia/Shanghai")
    first = int(datetime(2024, 11, 10, tzinfo=here).timestamp())
    points = [Point(first + k * 3_600, 1.0) for k in range(72)]
    series = Series(points, interval=Interval.HOUR, time_zone="Asia/Shanghai")
    asked = DetectRequest(series, calendars=("TMALL",))
    built = grid.build(series)
    covered = grid.event_steps(built, [*calendars.events_for(asked, built)])
    days = {datetime.fromtimestamp(int(built.times[k]), here).date() for k in covered}
    assert (days, len(covered)) == ({date(2024, 11, 11)}, 24)
