"""Points in any order, with gaps and repeats, made into one regular grid.

Rules: points are sorted; of several points in one step the last given counts (a note tells
whether they agreed); a step without a point, or whose value is None, NaN, infinite or marked
missing, is NaN. A daily series is gridded by local date, an hourly one by the hour (UTC hours,
so a change of daylight saving time neither doubles nor drops one), a weekly one by seven days
from its first point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from gateway.rules.anomaly.model import (
    BadSeriesError,
    Event,
    Interval,
    NoteCode,
    QualityNote,
    Series,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY_S = 86_400
NAN = float("nan")
MAX_STEPS = 200_000
"""Steps a grid may span; more means a wrong date among the points (22 years of hours)."""
LARGEST = 1e15
"""Values beyond are no sales figure; doubles would lose whole units there."""
SMALLEST = 1e-9
"""Values nearer to zero than this are zero."""
EARLIEST_S, LATEST_S = -2_208_988_800, 4_102_444_800  # 1900-01-01 and 2100-01-01


@dataclass(frozen=True, slots=True)
class Grid:
    """A regular series: `values[i]` belongs to `times[i]`; NaN is missing.

    `slot[i]`: place in the season (weekday 0..6 with Monday 0; hour of the week 0..167; 0).
    `period`: how many slots there are. `seen[i]`: a point (even a missing one) was given.
    """

    values: Floats
    times: Ints
    slot: Ints
    period: int
    seen: Bools
    step_s: int
    notes: tuple[QualityNote, ...]
    index: "Indexer"

    @property
    def size(self) -> int:
        """How many steps."""
        return len(self.values)


@dataclass(frozen=True, slots=True)
class Indexer:
    """Turns any time into a step of the grid (which may lie outside of it)."""

    interval: Interval
    zone: ZoneInfo | None
    first: int

    def steps(self, times_s: Ints) -> Ints:
        """The step of each time."""
        return _steps(times_s, self.interval, self.zone) - self.first


def zone_of(name: str) -> ZoneInfo:
    """The zone of that IANA name. Raises BadSeriesError for unknown names."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"time_zone {name!r} is not known: use an IANA name such as 'Asia/Shanghai'"
        raise BadSeriesError(message) from error


def offsets_s(times_s: Ints, zone: ZoneInfo | None) -> Ints:
    """Seconds the zone's clock is ahead of UTC at each time (looked up once per local day)."""
    if zone is None or not len(times_s):
        return np.zeros(len(times_s), np.int64)
    first, last = _offset(int(times_s[0]), zone), _offset(int(times_s[-1]), zone)
    if first == last and times_s[-1] - times_s[0] < 30 * DAY_S:
        return np.full(len(times_s), first)
    hours, where = np.unique(times_s // 3_600, return_inverse=True)
    days, day_of = np.unique(hours // 24, return_inverse=True)
    at_day = np.array([_offset(int(d) * DAY_S, zone) for d in days])
    result = at_day[day_of]
    at_end = np.append(at_day[1:], 0)
    for k in np.flatnonzero(np.append(np.diff(days), 0) != 1):  # the last day, and before gaps
        at_end[k] = _offset((int(days[k]) + 1) * DAY_S, zone)
    for day in days[at_end != at_day]:
        for k in np.flatnonzero(hours // 24 == day):
            result[k] = _offset(int(hours[k]) * 3_600, zone)
    return result[where].astype(np.int64)


def _offset(time_s: int, zone: ZoneInfo) -> int:
    moment = datetime.fromtimestamp(time_s, UTC).astimezone(zone)
    delta = moment.utcoffset()
    return int(delta.total_seconds()) if delta else 0


def _steps(times_s: Ints, interval: Interval, zone: ZoneInfo | None) -> Ints:
    if interval is Interval.HOUR:
        return times_s // 3_600
    return (times_s + offsets_s(times_s, zone)) // DAY_S


def build(series: Series) -> Grid:
    """The grid of a series. Raises BadSeriesError for absurd dates, spans and values."""
    points = series.points
    zone = zone_of(series.time_zone)
    times = np.array([p.time_s for p in points], np.int64)
    given = [NAN if p.missing or p.value is None else p.value for p in points]
    values = np.array(given, np.float64)
    if not len(times):
        return _empty(series.interval, zone)
    _check_times(times)
    notes: list[QualityNote] = []
    if np.any(np.diff(times) < 0):
        notes.append(QualityNote(NoteCode.UNORDERED))
        order = np.argsort(times, kind="stable")
        times, values = times[order], values[order]
    _check_values(values)
    infinite = int(np.isinf(values).sum())
    if infinite:
        notes.append(QualityNote(NoteCode.NOT_FINITE, infinite))
        values = np.where(np.isinf(values), np.nan, values)
    values = np.where(np.abs(values) < SMALLEST, 0.0, values)
    dates_only = series.interval is not Interval.HOUR and not np.any(times % DAY_S)
    return _gridded(series.interval, None if dates_only else zone, zone, (times, values), notes)


def _check_times(times: Ints) -> None:
    for time_s in (int(times.min()), int(times.max())):
        if not EARLIEST_S <= time_s <= LATEST_S:
            raise BadSeriesError(
                f"time {time_s!r} s lies outside 1900 to 2100: times are epoch seconds"
            )


def _check_values(values: Floats) -> None:
    largest = float(np.max(np.abs(values), where=np.isfinite(values), initial=0.0))
    if largest > LARGEST:
        raise BadSeriesError(f"the value {largest!r} is beyond {LARGEST!r}: check its unit")


def _gridded(
    interval: Interval,
    zone: ZoneInfo | None,
    clock: ZoneInfo,
    data: tuple[Ints, Floats],
    notes: list[QualityNote],
) -> Grid:
    times, values = data
    at = _steps(times, interval, zone)
    if interval is Interval.WEEK:
        weeks = (at - at[0] + 3) // 7
        if np.any(at - at[0] - 7 * weeks):
            notes.append(QualityNote(NoteCode.OFF_GRID))
        first, at, stride = int(at[0]), weeks, 7
    else:
        first, stride = int(at[0]), 1
        at = at - first
    size = int(at[-1]) + 1
    if size > MAX_STEPS:
        raise BadSeriesError(
            f"the points span {size} steps of one {interval.name}, more than {MAX_STEPS}: "
            "is one of the dates wrong?"
        )
    notes += _repeats(at, values)
    grid, seen, stamps = np.full(size, np.nan), np.zeros(size, bool), _stamps(at, times, size, zone)
    grid[at], seen[at] = values, True
    slot, period = _slots(interval, first + stride * np.arange(size), stamps, clock)
    index = Indexer(interval, zone, first)
    return Grid(grid, stamps, slot, period, seen, interval.step_s, tuple(notes), index)


def _repeats(at: Ints, values: Floats) -> list[QualityNote]:
    same = np.flatnonzero(np.diff(at) == 0)
    if not len(same):
        return []
    a, b = values[same], values[same + 1]
    conflicts = int(np.sum(~((a == b) | (np.isnan(a) & np.isnan(b)))))
    notes = []
    if conflicts:
        notes.append(QualityNote(NoteCode.CONFLICTING_DUPLICATES, conflicts))
    if len(same) > conflicts:
        notes.append(QualityNote(NoteCode.DUPLICATES, len(same) - conflicts))
    return notes


def _stamps(at: Ints, times: Ints, size: int, zone: ZoneInfo | None) -> Ints:
    """The given times; a step without a point gets the local time between its neighbours'."""
    if size == len(at) and int(at[-1]) == size - 1 and np.all(np.diff(at) == 1):
        return times
    clock = np.interp(np.arange(size), at, times + offsets_s(times, zone)).astype(np.int64)
    stamps = at_clock(clock, zone)
    stamps[at] = times
    return stamps


def at_clock(clock: Ints, zone: ZoneInfo | None) -> Ints:
    """The moments at which the zone's clock shows these seconds; in a skipped hour, just after."""
    early = clock - offsets_s(clock, zone)
    late = clock - offsets_s(early, zone)
    right = late + offsets_s(late, zone) == clock
    return np.asarray(np.where(right, late, np.maximum(early, late)))


def _slots(interval: Interval, steps: Ints, stamps: Ints, zone: ZoneInfo) -> tuple[Ints, int]:
    if interval is Interval.DAY:
        return (steps + 3) % 7, 7  # 1970-01-01 was a Thursday
    if interval is Interval.WEEK:
        return np.zeros(len(steps), np.int64), 1
    local_hours = (steps * 3_600 + offsets_s(stamps, zone)) // 3_600
    return (local_hours + 72) % 168, 168


def _empty(interval: Interval, zone: ZoneInfo) -> Grid:
    none = np.zeros(0)
    ints = np.zeros(0, np.int64)
    return Grid(
        none, ints, ints, 1, np.zeros(0, bool), interval.step_s, (), Indexer(interval, zone, 0)
    )


def event_steps(grid: Grid, events: Sequence[Event]) -> dict[int, Event]:
    """Which event covers which step of the grid (the first one given wins)."""
    if not events or not grid.size:
        return {}
    bounds = np.array([[e.start_s, max(e.end_s, e.start_s)] for e in events], np.int64)
    stride = 7 if grid.index.interval is Interval.WEEK else 1
    flat = np.sort(bounds.ravel())
    lookup = dict(zip(flat.tolist(), grid.index.steps(flat).tolist(), strict=True))
    found: dict[int, Event] = {}
    for event, (start, end) in zip(events, bounds.tolist(), strict=True):
        low = max(0, lookup[start] // stride)
        for step in range(low, min(grid.size - 1, lookup[end] // stride) + 1):
            found.setdefault(step, event)
    return found
