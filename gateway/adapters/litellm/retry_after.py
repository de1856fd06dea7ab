"""When a provider says to come back: every header that is in use, as seconds from now."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MOST_S = 3600.0  # what asks for longer is cut; the engine caps the cool-down anyway

RESETS = ("x-ratelimit-reset-requests", "x-ratelimit-reset-tokens")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE_DURATION = re.compile(rf"(?:{_DURATION.pattern})+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def retry_after_s(headers: Mapping[str, str], now_unix_s: float) -> float | None:
    """Seconds to wait, or None when nothing readable is said.

    `retry-after-ms` is the finest, then `retry-after` (seconds or an HTTP date, RFC 9110), then
    OpenAI's `x-ratelimit-reset-*` ("1s", "6m0s", "20ms"): the longest of those whose
    `x-ratelimit-remaining-*` is used up, or of all when none says so.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return min(milliseconds / 1000, MOST_S)
    after = headers.get("retry-after", "").strip()
    if after:
        seconds = _number(after)
        return _bounded(_until(after, now_unix_s) if seconds is None else seconds)
    return _bounded(_resets(headers))


def _resets(headers: Mapping[str, str]) -> float | None:
    waits = {name: _duration_s(headers.get(name, "")) for name in RESETS}
    known = {name: wait for name, wait in waits.items() if wait is not None}
    used_up = [
        wait
        for name, wait in known.items()
        if headers.get(name.replace("reset", "remaining"), "").strip() == "0"
    ]
    return max(used_up or known.values(), default=None)


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(max(seconds, 0.0), MOST_S)


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text.strip()) else None


def _until(date: str, now_unix_s: float) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):  # a year that no date can hold
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.fromtimestamp(now_unix_s, UTC)).total_seconds()


def _duration_s(text: str) -> float | None:
    text = text.strip()
    if not _WHOLE_DURATION.fullmatch(text):
        return _number(text)
    return sum(float(number) * _UNITS_S[unit] for number, unit in _DURATION.findall(text))
