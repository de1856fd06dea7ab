from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gateway.rules.anomaly import BadSeriesError, Event, Interval, NoteCode, Point, Series
from gateway.rules.anomaly.grid import build, event_steps
from tests.rules.anomaly.made import DAY_S, START_S, day


def test_a_gap_becomes_nan_and_weekdays_count_from_monday() -> None:
    grid = build(Series([Point(day(0), 1.0), Point(day(3), 4.0)]))
    np.testing.assert_array_equal(grid.values, [1, np.nan, np.nan, 4])
    assert grid.slot.tolist() == [0, 1, 2, 3]
    assert grid.times.tolist() == [day(i) for i in range(4)]


def test_of_conflicting_points_the_last_given_counts() -> None:
    grid = build(Series([Point(day(0), 1.0), Point(day(0), 2.0), Point(day(1), 3.0)]))
    assert grid.values.tolist() == [2.0, 3.0]
    assert [(n.code, n.count) for n in grid.notes] == [(NoteCode.CONFLICTING_DUPLICATES, 1)]


def test_local_midnights_are_local_days_across_daylight_saving() -> None:
    # midnights in Berlin, 2024-03-30 to 2024-04-02; the clock changes on the 31st
    stamps = [1711753200, 1711839600, 1711922400, 1712008800]
    points = [Point(t, float(i)) for i, t in enumerate(stamps)]
    grid = build(Series(points, time_zone="Europe/Berlin"))
    assert grid.values.tolist() == [0, 1, 2, 3]
    assert grid.slot.tolist() == [5, 6, 0, 1]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "America/Santiago"])
def test_a_series_that_ends_at_a_change_of_the_clock_keeps_all_its_days(zone: str) -> None:
    here = ZoneInfo(zone)
    for last in range(366):
        days = [datetime(2024, 1, 1, tzinfo=here) + timedelta(days=last - k) for k in (2, 1, 0)]
        grid = build(Series([Point(int(d.timestamp()), 1.0) for d in days], time_zone=zone))
        assert (grid.size, grid.notes) == (3, ())


@pytest.mark.parametrize(
    ("zone", "month", "gap"),
    [
        ("Europe/Berlin", 3, 31),  # the short day itself
        ("Europe/Berlin", 10, 28),  # the day after the long one
        ("America/New_York", 11, 4),
        ("Africa/Cairo", 4, 26),  # has no midnight
    ],
)
def test_a_gap_beside_a_change_of_the_clock_has_its_own_date(
    zone: str, month: int, gap: int
) -> None:
    here = ZoneInfo(zone)
    given = [datetime(2024, month, gap, tzinfo=here) + timedelta(days=k) for k in (-2, -1, 1)]
    grid = build(Series([Point(int(d.timestamp()), 1.0) for d in given], time_zone=zone))
    dates = [datetime.fromtimestamp(int(t), here).date() for t in grid.times]
    assert dates == [date(2024, month, gap) + timedelta(days=k) for k in (-2, -1, 0, 1)]
    assert grid.times[[0, 1, 3]].tolist() == [int(d.timestamp()) for d in given]


def test_a_repeat_and_a_gap_leave_each_value_its_own_date() -> None:
    grid = build(Series([Point(day(i), float(i)) for i in (0, 1, 1, 3)]))
    assert grid.times.tolist() == [day(i) for i in range(4)]


def test_midnights_in_utc_are_dates_whatever_the_zone() -> None:
    grid = build(Series([Point(START_S, 1.0)], time_zone="America/New_York"))
    assert grid.slot.tolist() == [0]


def test_hours_have_their_local_slot_of_the_week() -> None:
    points = [Point(START_S + i * 3600, 1.0) for i in range(3)]
    grid = build(Series(points, interval=Interval.HOUR, time_zone="Asia/Shanghai"))
    assert (grid.slot.tolist(), grid.period) == ([8, 9, 10], 168)


def test_weeks_may_be_a_day_off_and_are_told() -> None:
    points = [Point(day(i), 1.0) for i in (0, 7, 15, 21)]
    grid = build(Series(points, interval=Interval.WEEK))
    assert grid.size == 4
    assert NoteCode.OFF_GRID in {n.code for n in grid.notes}


def test_infinite_values_are_missing_and_told() -> None:
    grid = build(Series([Point(day(0), float("inf")), Point(day(1), 2.0)]))
    assert np.isnan(grid.values[0])
    assert grid.notes[0].code is NoteCode.NOT_FINITE


def test_a_span_that_only_a_wrong_date_explains_is_refused() -> None:
    points = [Point(day(0), 1.0), Point(day(0) + 10**9, 1.0)]
    with pytest.raises(BadSeriesError, match="is one of the dates wrong"):
        build(Series(points, interval=Interval.HOUR))


def test_an_event_covers_every_step_it_touches_and_none_beyond_the_grid() -> None:
    grid = build(Series([Point(day(i), 1.0) for i in range(10)]))
    event = Event(day(8), day(12) + DAY_S - 1, "sale")
    assert sorted(event_steps(grid, [event])) == [8, 9]
    assert event_steps(grid, [Event(day(20), day(21), "later")]) == {}
