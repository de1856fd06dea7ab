"""Windows of the calendar."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given

from gateway.core.limits.calendar import Period, Span, span

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")


def wall_s(text: str, zone: ZoneInfo) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_a_day_begins_at_midnight_of_the_zone() -> None:
    before, after = wall_s("2026-11-21T23:59:59", SHANGHAI), wall_s("2026-11-22T00:00:00", SHANGHAI)
    assert span(Period.DAY, before, SHANGHAI) == Span("2026-11-21", 1.0)
    assert span(Period.DAY, after, SHANGHAI) == Span("2026-11-22", 86_400.0)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_of_the_change_of_clocks_has_23_or_25_hours(day: str, hours: int) -> None:
    start = wall_s(f"{day}T00:00:00", BERLIN)
    assert span(Period.DAY, start, BERLIN) == Span(day, hours * 3600.0)


@pytest.mark.parametrize(("month", "days"), [("2026-02", 28), ("2028-02", 29), ("2026-12", 31)])
def test_a_month_has_its_days(month: str, days: int) -> None:
    start = wall_s(f"{month}-01T00:00:00", SHANGHAI)
    assert span(Period.MONTH, start, SHANGHAI) == Span(month, days * 86_400.0)


@given(
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 # made UTC below
    period=st.sampled_from(Period),
    zone=st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("UTC")]),
)
def test_a_window_ends_exactly_where_the_next_begins(
    moment: datetime, period: Period, zone: ZoneInfo
) -> None:
    at_s = moment.replace(tzinfo=UTC).timestamp()
    here = span(period, at_s, zone)
    assert 0 < here.left_s <= 31 * 86_400 + 3600
    assert span(period, at_s + here.left_s - 0.01, zone).name == here.name
    assert span(period, at_s + here.left_s, zone).name != here.name
