"""A series from the text of a CSV file; files are opened by the command line.

The file: one row per point, `date,value`, a heading row optional. Separators comma, semicolon or
tab; dates as 2025-11-11, 2025/11/11, 11.11.2025, 20251111, each with an optional time 13:00; an
empty value is a missing one. Further columns need a heading: `event` names a known event on that
row, any other column is a covariate (price, ads, stock).
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite

from gateway.rules.anomaly import report
from gateway.rules.anomaly.detecting import detect
from gateway.rules.anomaly.grid import zone_of
from gateway.rules.anomaly.model import (
    Covariate,
    DetectRequest,
    Evaluate,
    Event,
    Interval,
    Measure,
    Point,
    Sensitivity,
    Series,
)

MOST_ERRORS = 20
MOST_ROWS = 200_000
_STAMP = re.compile(
    r"(?:(?P<y>\d{4})[-/.]?(?P<m>\d{1,2})[-/.]?(?P<d>\d{1,2})|(?P<D>\d{1,2})\.(?P<M>\d{1,2})\.(?P<Y>\d{4}))"
    r"(?:[T ](?P<h>\d{1,2}):(?P<min>\d{2})(?::\d{2}(?:\.\d+)?)?)?(?P<utc>Z)?"
)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+")


class CsvError(ValueError):
    """The file cannot be read as a series; the message names each bad line, at most twenty."""


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How to read and judge a file; see `DetectRequest` and `Series` for the meanings.

    `interval`: None finds it from the distance of the points.
    """

    series_id: str = ""
    interval: Interval | None = None
    time_zone: str = "UTC"
    measure: Measure = Measure.COUNT
    unit: str = ""
    sensitivity: Sensitivity = Sensitivity.MEDIUM
    min_impact: float = 0.0
    calendars: Sequence[str] = ()
    locale: str = "en"


@dataclass(slots=True)
class _Rows:
    """What has been read so far."""

    heading: list[str] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    extra: dict[str, list[Point]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def read_csv(text: str, options: CsvOptions | None = None) -> DetectRequest:
    """The request to judge every point of the file. Raises CsvError with line numbers."""
    options = options or CsvOptions()
    rows = _read(text, options)
    series = Series(
        points=rows.points,
        series_id=options.series_id,
        interval=options.interval or _interval(rows.points),
        time_zone=options.time_zone,
        measure=options.measure,
        unit=options.unit,
    )
    return DetectRequest(
        series=series,
        evaluate=Evaluate.ALL,
        events=rows.events,
        sensitivity=options.sensitivity,
        min_impact=options.min_impact,
        covariates=[Covariate(name, points) for name, points in rows.extra.items()],
        calendars=options.calendars,
        return_band=True,
        locale=options.locale,
    )


def detect_csv(text: str, options: CsvOptions | None = None, form: str = "csv") -> str:
    """The anomalies of a CSV file as `csv` or `json` text. Raises CsvError, ValueError."""
    if form not in {"csv", "json"}:
        raise ValueError(f"form is {form!r}: use 'csv' or 'json'")
    result = detect(read_csv(text, options))
    return report.to_json(result) if form == "json" else report.to_csv(result)


def _read(text: str, options: CsvOptions) -> _Rows:
    text = text.removeprefix("\ufeff")
    separator = _separator(text)
    rows = _Rows()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if any(c.strip() for c in cells):
                _take(rows, [c.strip() for c in cells], reader.line_num, options)
            if len(rows.errors) >= MOST_ERRORS or len(rows.points) > MOST_ROWS:
                break
    except csv.Error as error:
        rows.errors.append(f"line {reader.line_num}: {error}")
    if len(rows.points) > MOST_ROWS:
        rows.errors.append(f"more than {MOST_ROWS} rows: split the file")
    if not rows.errors and not rows.points:
        rows.errors.append("the file holds no row: expected lines such as 2025-11-11,42")
    if rows.errors:
        raise CsvError("\n".join(rows.errors))
    return rows


def _separator(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(("\t", ";", ","), key=first.count)


def _take(rows: _Rows, cells: list[str], line: int, options: CsvOptions) -> None:
    """One row: the heading, a point, or an error."""
    if not rows.points and not rows.heading and not _STAMP.match(cells[0]):
        if any(ch.isdigit() for ch in cells[0]):
            rows.errors.append(f"line {line}: {cells[0]!r} is no date: use a form like 2025-11-11")
        rows.heading = [c.lower() for c in cells]
        return
    if len(cells) < 2 or (rows.heading and len(cells) < len(rows.heading)):
        need = max(2, len(rows.heading))
        rows.errors.append(
            f"line {line}: {len(cells)} of {need} columns; is the row only half-written?"
        )
        return
    try:
        time_s = _time(cells[0], options.time_zone)
        rows.points.append(_point(time_s, cells[1]))
        _take_extra(rows, time_s, cells)
    except ValueError as error:
        rows.errors.append(f"line {line}: {error}")


def _take_extra(rows: _Rows, time_s: int, cells: list[str]) -> None:
    for name, cell in zip(rows.heading[2:], cells[2:], strict=False):
        if name == "event":
            if cell:
                rows.events.append(Event(time_s, time_s, cell))
        else:
            rows.extra.setdefault(name, []).append(_point(time_s, cell))


def _point(time_s: int, cell: str) -> Point:
    return Point(time_s, _number(cell)) if cell else Point(time_s, None, missing=True)


def _time(cell: str, time_zone: str) -> int:
    match = _STAMP.fullmatch(cell)
    if not match:
        raise ValueError(f"{cell!r} is no date: use a form like 2025-11-11 or 2025-11-11 13:00")
    parts = [match["y"] or match["Y"], match["m"] or match["M"], match["d"] or match["D"]]
    hour, minute = int(match["h"] or 0), int(match["min"] or 0)
    dated = match["h"] is None
    zone = UTC if dated or match["utc"] else zone_of(time_zone)
    try:
        year, month, day = map(int, parts)
        return int(datetime(year, month, day, hour, minute, tzinfo=zone).timestamp())
    except ValueError as error:
        raise ValueError(f"{cell!r} is no day of the calendar: {error}") from error


def _number(cell: str) -> float:
    plain = cell.replace("\u00a0", "").replace("\u202f", "").replace(" ", "").replace("\u2212", "-")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError as error:
        raise ValueError(f"{cell!r} is no number: use a form like 1234.5") from error
    if not isfinite(value):
        raise ValueError(f"{cell!r} is not finite: leave the cell empty if the value is missing")
    return value


def _interval(points: list[Point]) -> Interval:
    """The interval nearest to the median distance of the points."""
    times = sorted(p.time_s for p in points)
    gaps = sorted(b - a for a, b in pairwise(times) if b > a)
    usual = gaps[len(gaps) // 2] if gaps else Interval.DAY.step_s
    return min(Interval, key=lambda i: abs(i.step_s - usual))
