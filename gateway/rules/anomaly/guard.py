"""Checks a rewritten explanation: every figure and date in it must occur in the evidence.

A figure counts as found when some evidence value rounds to it at the precision it is written
with (never coarser than 5 %), in any reading of its separators, with percent signs and words for
thousands, millions, 万 and 亿 applied. Numbers written as words ("doubled") are not checked.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain

from gateway.rules.anomaly import numerals
from gateway.rules.anomaly.model import Anomaly, DetectResult

COARSEST = 0.05
_MONTHS = {
    name: i
    for i, names in enumerate(
        (
            "january januar janvier enero jan ene",
            "february februar février febrero feb fév",
            "march märz mars marzo mar mär",
            "april avril abril apr avr abr",
            "may mai mayo",
            "june juni juin junio jun",
            "july juli juillet julio jul juil",
            "august août agosto aug ago",
            "september septembre septiembre sep sept",
            "october oktober octobre octubre oct okt",
            "november novembre noviembre nov",
            "december dezember décembre diciembre dec dez déc dic",
        ),
        1,
    )
    for name in names.split()
}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = [
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?:(?P<y>\d{4})\s*年\s*)?(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号號]"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})"),
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s+(?:de\s+)?(?P<n>{_NAME})\b\.?"
        r"(?:,?\s+(?:de\s+)?(?P<y>\d{4}))?",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<n>{_NAME})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<y>\d{{4}}))?",
        re.IGNORECASE,
    ),
]
_CLOCK = re.compile(r"(?<!\d)(?P<h>[01]?\d|2[0-3])[:：h](?P<min>[0-5]\d)?(?!\d)")
_FIGURE = re.compile(
    r"(?P<digits>\d+(?:[.,'’\u00a0\u202f ]\d{3}(?!\d))*(?:[.,]\d+)?)\s*"
    r"(?P<scale>%|％|万|萬|亿|億|千|(?:k|thousand|tsd|mille|mil|m|million|mio|millions|millones"
    r"|billion|mrd)\b)?",
    re.IGNORECASE,
)
_SCALES = {
    "%": 0.01,
    "％": 0.01,
    "千": 1e3,
    "万": 1e4,
    "萬": 1e4,
    "亿": 1e8,
    "億": 1e8,
    "billion": 1e9,
    "mrd": 1e9,
}
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,]\d{3})+")
_FULLWIDTH = str.maketrans("０１２３４５６７８９．，", "0123456789.,")


class Reason(StrEnum):
    """Why a text was refused."""

    FIGURE_NOT_IN_EVIDENCE = "FIGURE_NOT_IN_EVIDENCE"
    DATE_NOT_IN_EVIDENCE = "DATE_NOT_IN_EVIDENCE"


@dataclass(frozen=True, slots=True)
class Violation:
    """One figure or date (`found`, as written) that the evidence does not hold."""

    found: str
    reason: Reason
    position: int


def check_text(text: str, result: DetectResult) -> tuple[Violation, ...]:
    """What in `text` is not backed by the result; empty when every figure and date is."""
    text = text.translate(_FULLWIDTH)
    for subject in _subjects(result):
        text = text.replace(subject, " " * len(subject))
    text, wrong_dates = _check_dates(text, result)
    figures = sorted(_figures(result))
    wrong = [
        Violation(m["digits"], Reason.FIGURE_NOT_IN_EVIDENCE, m.start())
        for m in _FIGURE.finditer(text)
        if not _backed(m, figures)
    ]
    return tuple(sorted(wrong_dates + wrong, key=lambda v: v.position))


def _check_dates(text: str, result: DetectResult) -> tuple[str, list[Violation]]:
    """The text with its dates blanked, and the dates that are not in the evidence."""
    known = {moment.date() for moment in _moments(result)}
    days = {(day.month, day.day) for day in known}
    wrong: list[Violation] = []
    for pattern in _DATES:
        for m in list(pattern.finditer(text)):
            month = _MONTHS[m["n"].lower()] if "n" in pattern.groupindex else int(m["m"])
            year = m["y"] and int(m["y"])
            day = (month, int(m["d"]))
            fits = (
                day in days
                if not year
                else any((d.year, d.month, d.day) == (year, *day) for d in known)
            )
            if not fits and not year and "n" not in pattern.groupindex:
                fits = False
            if not fits:
                wrong.append(Violation(m[0], Reason.DATE_NOT_IN_EVIDENCE, m.start()))
            text = _blank(text, m)
    hours = {moment.hour for moment in _moments(result)} | {0}
    for m in list(_CLOCK.finditer(text)):
        if int(m["h"]) not in hours:
            wrong.append(Violation(m[0], Reason.DATE_NOT_IN_EVIDENCE, m.start()))
        text = _blank(text, m)
    return text, wrong


def _blank(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " * len(match[0]) + text[match.end() :]


def _moments(result: DetectResult) -> Iterator[datetime]:
    times = chain(
        (t for a in result.anomalies for t in (a.time_s, a.start_s)),
        (n.time_s for n in result.quality_notes if n.time_s is not None),
    )
    for time_s in times:
        yield numerals.local(time_s, result.interval, result.time_zone)


def _subjects(result: DetectResult) -> Iterable[str]:
    """Names that may hold digits of their own: series, units, covariates, events."""
    names = {result.series_id, result.unit}
    names |= {c.subject for a in result.anomalies for c in a.likely_causes}
    names |= {n.subject for n in result.quality_notes}
    return sorted((n for n in names if n and not n.isdigit()), key=len, reverse=True)


def _figures(result: DetectResult) -> Iterator[float]:
    yield from (0.0, 1.0, float(len(result.anomalies)), float(result.judged), result.threshold)
    yield from (float(n.count) for n in result.quality_notes)
    yield from (moment.year for moment in _moments(result))
    for anomaly in result.anomalies:
        yield from _figures_of(anomaly)


def _figures_of(a: Anomaly) -> Iterator[float]:
    yield from (a.expected, a.lower, a.upper, a.score, abs(a.impact), float(a.points))
    for cause in a.likely_causes:
        yield from (v for v in (cause.before, cause.now) if v is not None)
        if cause.before and cause.now is not None:
            yield from _ratios(cause.now, cause.before)
    if a.value is None:
        return
    yield from (a.value, abs(a.value - a.expected))
    if a.expected > 0:
        yield from _ratios(a.value, a.expected)


def _ratios(now: float, before: float) -> Iterator[float]:
    ratio = now / before
    yield from (abs(ratio), abs(ratio - 1))
    if ratio:
        yield abs(1 / ratio)


def _backed(match: re.Match[str], figures: list[float]) -> bool:
    scale = _scale((match["scale"] or "").lower())
    for value, step in _readings(match["digits"]):
        slack = max(min(step / 2, COARSEST * value), 1e-9 * value) * scale * 1.0001
        if any(abs(value * scale - abs(f)) <= slack for f in figures):
            return True
    return False


def _scale(word: str) -> float:
    if word in _SCALES:
        return _SCALES[word]
    if word in {"k", "thousand", "tsd", "mille", "mil"}:
        return 1e3
    return 1e6 if word else 1.0


def _readings(digits: str) -> Iterator[tuple[float, float]]:
    """Every number a string may mean, with the size of its last written (non-zero) place."""
    plain = re.sub(r"['’\u00a0\u202f ]", "", digits)
    if _GROUPED.fullmatch(plain):  # 1,234 is no 1.234
        plain = re.sub(r"[.,]", "", plain)
    for text in {plain.replace(",", ""), plain.replace(".", "").replace(",", "."), plain}:
        if text.count(".") <= 1 and "," not in text:
            yield float(text), _last_place(text)


def _last_place(text: str) -> float:
    if "." in text:
        return 10.0 ** -len(text.split(".")[1])
    zeros = len(text) - len(text.rstrip("0"))
    return 10.0 ** min(zeros, len(text) - 1)
