"""What may lie behind an anomaly: the data's own signs, covariates that moved too, the calendar."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gateway.rules.anomaly import calendars
from gateway.rules.anomaly.grid import Floats, Grid
from gateway.rules.anomaly.kinds import Sort
from gateway.rules.anomaly.model import Cause, CauseCode, Covariate, DetectRequest, Interval, Kind

MOST = 4
"""Causes named per anomaly."""
BEFORE_STEPS = 28
"""How much of a covariate's past is its usual value."""
ROBUST_SD = 3.0
"""A covariate must have left its usual range by this many robust standard deviations."""
NEAR_EVENT_DAYS = 2
UNIT_FACTORS = (7.0, 10.0, 100.0, 1_000.0, 10_000.0)
"""Yuan to the dollar, the decimal point, cents or yen, kilo or a thousands separator."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a covariate is, by words in its name, and which of its moves explains what.

    `fall`, `rise`: the cause when it moved so. `same_way`: it pulls the series along (ads) rather
    than against it (price). `least`: the relative move from which it counts.
    """

    words: tuple[str, ...]
    fall: CauseCode | None
    rise: CauseCode | None
    least: float
    same_way: bool = True


ROLES = (
    Role(
        ("stock", "inventory", "库存", "庫存", "bestand", "lager", "existencias", "在庫"),
        CauseCode.OUT_OF_STOCK, None, 0.8,
    ),
    Role(
        ("price", "价格", "價格", "售价", "preis", "prix", "precio", "価格"),
        CauseCode.PRICE_DOWN, CauseCode.PRICE_UP, 0.03, same_way=False
    ),
    Role(
        ("ad_", "ads", "advert", "spend", "campaign", "广告", "werbung", "pub", "anuncio", "広告"),
        CauseCode.ADS_DOWN, CauseCode.ADS_UP, 0.25,
    ),
    Role(
        ("traffic", "visit", "session", "view", "click", "流量", "访客", "visita", "訪問"),
        CauseCode.TRAFFIC_DOWN, CauseCode.TRAFFIC_UP, 0.2,
    ),
)  # fmt: skip
OTHER = Role((), CauseCode.COVARIATE_DOWN, CauseCode.COVARIATE_UP, least=0.2)


def of(request: DetectRequest, grid: Grid, found: tuple[int, Sort, float]) -> tuple[Cause, ...]:
    """The causes that fit the anomaly at `found` (step, sort, expected), best first."""
    step, sort, expected = found
    value = float(grid.values[step])
    up = value > expected
    causes = [*_faults(grid, step, sort, expected), *_moved(request, grid, sort, (step, up))]
    near = _near_event(request, grid, sort, step)
    last = step == grid.size - 1
    plain = [] if causes else list(_guesses(sort, value, expected, last=last))
    return tuple([*causes, *near, *plain][:MOST])


def _faults(grid: Grid, step: int, sort: Sort, expected: float) -> Iterator[Cause]:
    value = float(grid.values[step])
    if sort.kind is Kind.MISSING_DATA:
        yield Cause(CauseCode.NO_DATA, "")
    elif sort.kind is Kind.STUCK:
        yield Cause(CauseCode.FROZEN_FEED, "")
    elif sort.kind is Kind.SCALE_ERROR:
        distance = np.abs(np.log(UNIT_FACTORS) - abs(np.log(value / expected)))
        yield Cause(CauseCode.UNIT_FACTOR, "", None, UNIT_FACTORS[int(distance.argmin())])
    elif sort.kind is Kind.SPIKE and 1.7 <= value / max(expected, 1e-12) <= 2.4:
        yield Cause(CauseCode.DOUBLE_COUNT, "", None, round(value / expected, 2))


def _guesses(sort: Sort, value: float, expected: float, *, last: bool) -> Iterator[Cause]:
    """What it often is when nothing else is known: the latest day may not be complete yet."""
    if sort.kind is Kind.SPIKE and value > 3 * expected:
        yield Cause(CauseCode.ONE_LARGE_ORDER, "")
    elif sort.kind is Kind.DROP and last and 0 < value < 0.8 * expected:
        yield Cause(CauseCode.PARTIAL_DATA, "", None, round(value / expected, 2))


def _moved(request: DetectRequest, grid: Grid, sort: Sort, at: tuple[int, bool]) -> Iterator[Cause]:
    """Causes from covariates, in the order given: their values at the anomaly against before."""
    step, up = at
    if sort.kind in {Kind.MISSING_DATA, Kind.STUCK, Kind.SCALE_ERROR}:
        return
    for covariate in request.covariates:
        values = _on_grid(covariate, grid)
        now, past = (
            values[sort.start : step + 1],
            values[max(0, sort.start - BEFORE_STEPS) : sort.start],
        )
        now, past = now[~np.isnan(now)], past[~np.isnan(past)]
        if len(now) and len(past) >= 5:
            cause = _cause_of(covariate.name, past, float(now.mean()), up=up)
            if cause:
                yield cause


def _on_grid(covariate: Covariate, grid: Grid) -> Floats:
    values = np.full(grid.size, np.nan)
    points = sorted(covariate.points, key=lambda p: p.time_s)
    times = np.array([p.time_s for p in points], np.int64)
    stride = 7 if grid.index.interval is Interval.WEEK else 1
    at = (grid.index.steps(times) + stride // 2) // stride  # as the series' own weeks are rounded
    for step, point in zip(at, points, strict=True):
        if 0 <= step < grid.size and not point.missing and point.value is not None:
            values[step] = point.value
    return values


def _cause_of(name: str, past: Floats, now: float, *, up: bool) -> Cause | None:
    before = float(np.median(past))
    spread = 1.4826 * float(np.median(np.abs(past - before)))
    role = _role_of(name)
    rose = now > before
    code = role.rise if rose else role.fall
    change = abs(now - before) / max(abs(before), 1e-12)
    clear = abs(now - before) > ROBUST_SD * spread and change >= role.least
    if code is None or not clear or (rose == up) is not role.same_way:
        return None
    return Cause(code, name, before, now)


def _role_of(name: str) -> Role:
    lowered = name.lower()
    return next((r for r in ROLES if any(w in lowered for w in r.words)), OTHER)


def _near_event(request: DetectRequest, grid: Grid, sort: Sort, step: int) -> list[Cause]:
    """The nearest known event: the caller's own, else one of the marketplaces' great days."""
    if sort.kind in {Kind.MISSING_DATA, Kind.STUCK, Kind.SCALE_ERROR}:
        return []
    margin = NEAR_EVENT_DAYS * 86_400
    start, end = int(grid.times[sort.start]) - margin, int(grid.times[step]) + margin
    if sort.steps > 1:
        end = int(grid.times[sort.start]) + margin
    for event in (*request.events, *calendars.great_days(start, end)):
        if event.start_s <= end and event.end_s >= start:
            return [Cause(CauseCode.CALENDAR, event.name)]
    return []
