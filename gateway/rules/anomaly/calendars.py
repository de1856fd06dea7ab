"""Days on which sales are unusual for a known reason: marketplaces' sales and public holidays.

A request names calendars: a marketplace ("AMAZON", "SHOPEE"), with a country for its public
holidays too ("AMAZON_DE"), or a country's holidays alone ("HOLIDAYS_CN"). Chinese lunar dates and
all public holidays come from the `holidays` package, which is loaded on first use only.

Sources of the marketplace table: the platforms' own announcements. Sales whose dates are fixed by
rule (11.11, 12.12, 618, Black Friday) hold for every year; Prime Day and Prime Big Deal Days are
announced each year and listed as far as known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from gateway.rules.anomaly.grid import DAY_S, Grid, at_clock
from gateway.rules.anomaly.model import DetectRequest, Effect, Event


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale by rule: `days` days from (month, day) each year, on `places`."""

    name: str
    month: int
    day: int
    days: int
    places: frozenset[str]


CHINESE = frozenset({"TMALL", "TAOBAO", "JD", "PINDUODUO", "ALIEXPRESS"})
SOUTH_EAST = frozenset({"SHOPEE", "LAZADA", "TIKTOK"})
WESTERN = frozenset(
    {"AMAZON", "EBAY", "ETSY", "TEMU", "TIKTOK", "ALIEXPRESS", "SHOPIFY", "WALMART"}
)
MARKETPLACES = CHINESE | SOUTH_EAST | WESTERN
SALES = (
    Sale("3.3", 3, 3, 1, SOUTH_EAST),
    Sale("Queen's Day 3.8", 3, 8, 1, frozenset({"TMALL", "TAOBAO", "JD"})),
    Sale("4.4", 4, 4, 1, SOUTH_EAST),
    Sale("5.5", 5, 5, 1, SOUTH_EAST),
    Sale("618", 6, 16, 5, CHINESE - {"ALIEXPRESS"}),
    Sale("6.6", 6, 6, 1, SOUTH_EAST),
    Sale("7.7", 7, 7, 1, SOUTH_EAST),
    Sale("8.8", 8, 8, 1, SOUTH_EAST),
    Sale("9.9", 9, 9, 1, SOUTH_EAST),
    Sale("10.10", 10, 10, 1, SOUTH_EAST),
    Sale("Double 11 (Singles' Day)", 11, 11, 1, CHINESE | SOUTH_EAST),
    Sale("Double 12", 12, 12, 1, CHINESE | SOUTH_EAST),
    Sale("Valentine's Day", 2, 12, 3, frozenset({"ETSY"})),
)
ANNOUNCED: Mapping[str, tuple[tuple[date, int], ...]] = MappingProxyType(
    {
        "Prime Day": (
            (date(2016, 7, 12), 1),
            (date(2017, 7, 11), 1),
            (date(2018, 7, 16), 2),
            (date(2019, 7, 15), 2),
            (date(2020, 10, 13), 2),
            (date(2021, 6, 21), 2),
            (date(2022, 7, 12), 2),
            (date(2023, 7, 11), 2),
            (date(2024, 7, 16), 2),
            (date(2025, 7, 8), 4),
        ),
        "Prime Big Deal Days": (
            (date(2022, 10, 11), 2),
            (date(2023, 10, 10), 2),
            (date(2024, 10, 8), 2),
            (date(2025, 10, 7), 2),
        ),
    }
)
"""First day and length, Amazon only."""
GREAT = ("Double 11 (Singles' Day)", "Double 12", "618", "Black Friday", "Prime")
"""Sales large enough to be felt on other marketplaces: named as a cause without being asked."""


def names() -> tuple[str, ...]:
    """The marketplaces known; a country may follow each ("AMAZON_DE"), or "HOLIDAYS"."""
    return tuple(sorted(MARKETPLACES | {"HOLIDAYS"}))


def unknown(calendar: str) -> bool:
    """Whether nothing is known under that name."""
    place, country = _parts(calendar)
    if place not in MARKETPLACES and place != "HOLIDAYS":
        return True
    return (bool(country) and not _is_country(country)) or (place == "HOLIDAYS" and not country)


def events_for(request: DetectRequest, grid: Grid) -> Iterator[Event]:
    """The events of the request's calendars within the grid, on the days of its own zone."""
    known = [name for name in request.calendars if not unknown(name)]
    if not known or not grid.size:
        return
    first, last = int(grid.times[0]) - DAY_S, int(grid.times[-1]) + DAY_S
    years = range(_day(first).year, _day(last).year + 1)
    found = [event for name in known for year in years for event in events_of(name, year)]
    dates = np.unique(np.array([(e.start_s, e.end_s) for e in found], np.int64))
    here = dict(zip(dates.tolist(), at_clock(dates, grid.index.zone).tolist(), strict=True))
    for event in found:
        yield replace(event, start_s=here[event.start_s], end_s=here[event.end_s])


@lru_cache(maxsize=512)
def events_of(calendar: str, year: int) -> Sequence[Event]:
    """All events of one calendar in one year."""
    place, country = _parts(calendar)
    return (*_sales(place, year), *(_holidays(country, year) if country else ()))


def great_days(start_s: int, end_s: int) -> Iterator[Event]:
    """The marketplaces' greatest sales that touch the span."""
    for year in {_day(start_s).year, _day(end_s).year}:
        for event in _great(year):
            if event.start_s <= end_s and event.end_s >= start_s:
                yield event


@lru_cache(maxsize=256)
def _great(year: int) -> tuple[Event, ...]:
    found = {e.name: e for place in ("AMAZON", "TMALL") for e in _sales(place, year)}
    return tuple(e for name, e in found.items() if name.startswith(GREAT))


def _sales(place: str, year: int) -> Iterator[Event]:
    for sale in SALES:
        if place in sale.places:
            yield _event(sale.name, date(year, sale.month, sale.day), sale.days)
    if place in WESTERN:
        yield _event("Black Friday to Cyber Monday", _thanksgiving(year) + timedelta(1), 4)
    if place == "AMAZON":
        for name, times in ANNOUNCED.items():
            yield from (_event(name, day, days) for day, days in times if day.year == year)


def _thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta((3 - first.weekday()) % 7 + 21)


def _holidays(country: str, year: int) -> Iterator[Event]:
    import holidays  # noqa: PLC0415 - 0.2 s that most requests never need

    for day, name in sorted(holidays.country_holidays(country, years=year).items()):
        yield _event(name, day, 1, Effect.UNKNOWN)


@lru_cache(maxsize=256)
def _is_country(country: str) -> bool:
    import holidays  # noqa: PLC0415 - as above

    return country in holidays.list_supported_countries()


def _event(name: str, day: date, days: int, effect: Effect = Effect.UP) -> Event:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return Event(start, start + days * DAY_S - 1, name, effect)


def _day(time_s: int) -> date:
    return datetime.fromtimestamp(time_s, UTC).date()


def _parts(calendar: str) -> tuple[str, str]:
    place, _, country = calendar.upper().partition("_")
    if place == "TIKTOK":
        country = country.removeprefix("SHOP").lstrip("_")
    return place, country
