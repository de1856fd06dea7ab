"""Numbers and dates written the way a language writes them."""

from datetime import UTC, datetime
from math import floor, isfinite, log10

from gateway.rules.anomaly.grid import DAY_S, zone_of
from gateway.rules.anomaly.model import Interval

NBSP, THIN = "\u00a0", "\u202f"
SEPARATORS = {
    "en": (",", "."),
    "zh": (",", "."),
    "ja": (",", "."),
    "de": (".", ","),
    "fr": (THIN, ","),
    "es": (".", ","),
}
"""Thousands and decimal sign per language, as in Unicode CLDR 45."""
DATE_FORMS = {
    "en": "{y}-{m:02}-{d:02}",
    "zh": "{y}年{m}月{d}日",
    "ja": "{y}年{m}月{d}日",
    "de": "{d:02}.{m:02}.{y}",
    "fr": "{d:02}/{m:02}/{y}",
    "es": "{d:02}/{m:02}/{y}",
}


def number(value: float, language: str, *, whole: bool = False) -> str:
    """A value with at most four significant digits after the point; whole numbers as they are.

    `whole`: no digits after the point from 100 on (expected counts).
    """
    if not isfinite(value):
        return "–"
    text = f"{value:,.{_decimals(value, whole=whole)}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in {"-0", ""}:
        text = "0"
    group, point = SEPARATORS[language]
    return text.replace("-", "\u2212").translate({ord(","): group, ord("."): point})


def _decimals(value: float, *, whole: bool) -> int:
    if value == 0 or (value == int(value) and abs(value) < 1e15):
        return 0
    magnitude = floor(log10(abs(value)))
    if whole:
        return 0 if abs(value) >= 100 else max(0, min(1 - magnitude, 9))
    return max(0, min(3 - magnitude, 9)) if abs(value) < 1 else 2 if abs(value) < 100_000 else 0


def percent(share: float, language: str) -> str:
    """A share such as 0.42 as a percentage."""
    text = number(round(100 * share), language)
    gap = {"de": NBSP, "fr": NBSP, "es": NBSP}.get(language, "")
    return f"{text}{gap}%"


def date(time_s: int, language: str, interval: Interval, time_zone: str) -> str:
    """The local date of a time; with the hour for hourly series."""
    at = local(time_s, interval, time_zone)
    text = DATE_FORMS[language].format(y=at.year, m=at.month, d=at.day)
    return f"{text} {at:%H:%M}" if interval is Interval.HOUR else text


def local(time_s: int, interval: Interval, time_zone: str) -> datetime:
    """The local moment of a time; a daily or weekly point at 00:00 UTC is a plain date."""
    moment = datetime.fromtimestamp(time_s, UTC)
    if interval is not Interval.HOUR and time_s % DAY_S == 0:
        return moment
    return moment.astimezone(zone_of(time_zone))
