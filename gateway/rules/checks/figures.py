"""The figures of a text: numbers, dates and codes, in one normal form.

1,299.00 is 1299 and 1.299,00; 2026-12-01 is 12月1日, 1 December and 01/12/2026; 三十天 is 30. A
figure that can be read in two ways is known if one of them is.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property, lru_cache

from gateway.rules.checks.words import (
    COUNTED,
    HAN_COUNTED,
    HAN_NUMERALS,
    MONTHS,
    NUMBER_WORDS,
    han_number,
    letter_runs,
)

MAX_CHARACTERS = 60_000
"""Characters read of one text; more than any knowledge, tool result or answer that a model sees."""
SHORT_CODE = 3
"""Letters and digits mixed up to this length are names of things: B2B, A4, 5G."""
_MONTH_MOST, _DAY_MOST, _CENTURY = 12, 31, 100

Reading = tuple[str, ...]
"""("n", value), ("c", code), or ("d", year or "", month, day)."""

_NBSP = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YMD = re.compile(r"(?<!\d)((?:19|20)\d{2})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_HAN_DATE = re.compile(
    r"(?:(?<!\d)(\d{2,4})\s*年\s*)?(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?"
)
_DMY = re.compile(r"(?<![\d.,/-])(\d{1,2})[-/.](\d{1,2})[-/.]((?:19|20)?\d{2})(?![\d/-])")
_DAY_MONTH = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s*(?:of\s+|de\s+)?\b({_MONTH})\b\.?"
    r"(?:,?\s*(?:de\s+)?((?:19|20)\d{2}))?"
)
_MONTH_DAY = re.compile(
    rf"\b({_MONTH})\b\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s*((?:19|20)\d{{2}}))?"
)
_SLASHED = re.compile(r"(?<![\d/.,-])(\d{1,2})/(\d{1,2})(?![\d/.-])")
_UNIT = (
    "st|nd|rd|th|am|pm|h|hr|hrs|min|mins|s|sec|d|day|days|w|kw|wh|kwh|v|a|mah|ah|hz|khz|mhz|ghz"
    "|kg|g|mg|lb|lbs|oz|km|m|cm|mm|in|inch|ft|l|ml|cl|gb|mb|tb|kb|px|p|mp|x|pcs|pc|usd|eur|gbp"
    "|cny|rmb|jpy|yen|hkd|er|e|c|f"
)
_WITH_UNIT = re.compile(rf"(?<![a-z0-9])(\d[\d.,']{{0,40}})(?:{_UNIT})(?![a-z0-9])")
_CURRENCY = re.compile(
    r"(?<![a-z0-9])(?:usd|eur|gbp|cny|rmb|jpy|hkd|us|aud|cad|no|nr)(\d[\d.,']*)(?![a-z0-9])"
)
_THOUSANDS = re.compile(r"(?<![a-z0-9])(\d{1,40}(?:[.,]\d{1,40})?)k(?![a-z0-9])")
_MIXED = re.compile(r"(?<![a-z0-9])(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]+(?![a-z0-9])")
_NUMBER = re.compile(r"\d+(?:[.,']\d+)*")
_SCALE = re.compile(r"\s*(万|萬|千|百|亿|億|k\b|thousand\b|million\b|mio\b)")
_SCALES = {
    "万": 4,
    "萬": 4,
    "千": 3,
    "百": 2,
    "亿": 8,
    "億": 8,
    "k": 3,
    "thousand": 3,
} | dict.fromkeys(("million", "mio"), 6)
_FAR = 16
"""Characters after a number in which its scale stands."""
_LIST_MARK = re.compile(r"(?m)^[^\S\n]*(?:[-*•]\s*)?\(?\d{1,2}[.)、:]\s*(?!\d)")
_IDIOM = re.compile(r"(?<!\d)24/7(?!\d)|7\s*[x×*]\s*24(?!\d)")

# What must occur before a costlier pattern can match. Most sentences hold no figure at all.
_DIGIT = re.compile(r"\d")
_SIGN = re.compile(rf"[\d{HAN_NUMERALS}]")
_FIRST_RUNS = frozenset(next(iter(letter_runs(word))) for word in NUMBER_WORDS)
_JOINED = re.compile(r"\d[-/.]\d")
_BESIDE_LETTER = re.compile(r"\d(?:(?<=[a-z]\d)|[.,']*[a-z])")


@dataclass(frozen=True)
class Figures:
    """Every reading of every figure of a text; read when the first figure is looked for."""

    text: str

    @cached_property
    def readings(self) -> frozenset[Reading]:
        """The readings; of a date its numbers, too, and the day without its year."""
        readings: set[Reading] = set()
        for _, alternatives in _found(_plain(self.text)):
            for reading in alternatives:
                readings |= set(reading)
                for one in reading:
                    if one[0] == "d":
                        readings |= {("?", *one[2:]), *(("n", part) for part in one[1:] if part)}
        return frozenset(readings)

    def know(self, reading: Reading) -> bool:
        """Whether the figure occurs; a date without a year matches every year."""
        if reading[0] != "d" or reading in self.readings:
            return reading in self.readings
        _, year, month, day = reading
        if year:
            return ("d", "", month, day) in self.readings
        return ("?", month, day) in self.readings


NO_FIGURES = Figures("")


@lru_cache(maxsize=512)
def figures_in(text: str) -> Figures:
    """The figures that an answer may repeat from this text. Costs nothing until one is needed."""
    return Figures(text)


def unknown_figures(text: str, known: Iterable[Figures]) -> tuple[str, ...]:
    """The figures of an answer that none of the texts holds, as they are written, each once.

    Numbers of a list at the beginning of a line are no figures.
    """
    plain = _plain(text)
    if not may_hold_figures(plain):
        return ()
    sources = tuple(known)
    plain = _LIST_MARK.sub("", plain)
    if "24" in plain:
        plain = _IDIOM.sub(" ", plain)
    unknown = (
        written
        for written, alternatives in _found(plain)
        if not any(_all_known(reading, sources) for reading in alternatives)
    )
    return tuple(dict.fromkeys(unknown))


def may_hold_figures(plain: str) -> bool:
    """Whether a text in normal form holds a digit, a Chinese numeral or a number word."""
    sign = _DIGIT if plain.isascii() else _SIGN
    return bool(sign.search(plain)) or not _FIRST_RUNS.isdisjoint(letter_runs(plain))


def holds_no_figures(text: str) -> bool:
    """Whether neither the text nor any part of it holds a figure; cheap."""
    return len(text) <= MAX_CHARACTERS and not may_hold_figures(_plain(text))


def _all_known(parts: Iterable[Reading], sources: tuple[Figures, ...]) -> bool:
    return all(any(source.know(part) for source in sources) for part in parts)


def _plain(text: str) -> str:
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _NBSP.sub("", text)).casefold()


Alternatives = list[tuple[Reading, ...]]
"""Ways to read one figure; a way may be several figures, as in 12/1."""


def _found(text: str) -> Iterator[tuple[str, Alternatives]]:
    """Every figure as written with its readings; what is read as a date is no number as well."""
    if not _FIRST_RUNS.isdisjoint(letter_runs(text)):
        for match in COUNTED.finditer(text):
            yield match.group(), [(("n", NUMBER_WORDS[match.group(1)]),)]
    if not text.isascii() and _SIGN.search(text):
        text = HAN_COUNTED.sub(lambda m: f" {han_number(m.group(1) or m.group(2))}", text)
    if not _DIGIT.search(text):
        return
    dates: list[tuple[str, Alternatives]] = []
    for pattern, read in _dates_of(text):

        def note(match: re.Match[str], read: Callable[..., Alternatives] = read) -> str:
            alternatives = read(*(group or "" for group in match.groups()))
            if not alternatives:
                return match.group()
            dates.append((match.group(), alternatives))
            return " "

        text = pattern.sub(note, text)
    yield from dates
    yield from _codes(text) if _BESIDE_LETTER.search(text) else _numbers(text)


def _codes(text: str) -> Iterator[tuple[str, Alternatives]]:
    """Codes, and then the numbers, of a text where letters and digits touch."""
    codes: list[str] = []

    def note(match: re.Match[str]) -> str:
        if len(match.group()) > SHORT_CODE:
            codes.append(match.group())
        return " "

    text = _CURRENCY.sub(r" \1 ", _WITH_UNIT.sub(r" \1 ", _THOUSANDS.sub(r"\1 k", text)))
    text = _MIXED.sub(note, text)
    for code in codes:
        yield code, [(("c", code),)]
    yield from _numbers(text)


def _numbers(text: str) -> Iterator[tuple[str, Alternatives]]:
    for match in _NUMBER.finditer(text):
        after = text[match.end() : match.end() + _FAR]
        yield match.group(), [(("n", value),) for value in _values(match.group(), after)]


def _values(written: str, after: str) -> list[str]:
    """The values that a number may have."""
    plain = written.replace("'", "")
    marks = [c for c in plain if c in ".,"]
    if not marks:
        readings = [plain]
    elif len(set(marks)) > 1:
        whole, _, rest = plain.rpartition(marks[-1])
        readings = [re.sub(r"[.,]", "", whole) + "." + rest]
    elif len(marks) > 1:
        readings = [re.sub(r"[.,]", "", plain)]
    else:
        readings = [plain.replace(",", ".")]
        if re.fullmatch(r"\d{1,3}[.,]\d{3}", plain):
            readings.append(re.sub(r"[.,]", "", plain))
    values = [value for reading in readings if (value := _normal(reading))]
    scale = _SCALE.match(after)
    if scale:
        values = [_scaled(value, _SCALES[scale.group(1)]) for value in values] + values
    return values


def _normal(written: str) -> str:
    try:
        return format(Decimal(written).normalize(), "f")
    except InvalidOperation:
        return ""


def _scaled(value: str, zeros: int) -> str:
    return format((Decimal(value) * 10**zeros).normalize(), "f")


def _date(year: str, month: str, day: str) -> list[tuple[Reading, ...]]:
    m, d = int(month), int(day)
    if not (1 <= m <= _MONTH_MOST and 1 <= d <= _DAY_MOST):
        return []
    full = str(2000 + int(year)) if year and int(year) < _CENTURY else year
    return [(("d", full, str(m), str(d)),)]


def _day_first(first: str, second: str, year: str) -> Alternatives:
    return _date(year, second, first) + _date(year, first, second)


def _slashed(first: str, second: str) -> Alternatives:
    apart: tuple[Reading, ...] = (("n", _normal(first)), ("n", _normal(second)))
    return [*_day_first(first, second, ""), apart]


_Dates = tuple[tuple[re.Pattern[str], Callable[..., Alternatives]], ...]
_BY_MONTH: _Dates = (
    (_DAY_MONTH, lambda day, month, year: _date(year, str(MONTHS[month]), day)),
    (_MONTH_DAY, lambda month, day, year: _date(year, str(MONTHS[month]), day)),
)


def _dates_of(text: str) -> _Dates:
    """The forms of dates that can occur in a text, in the order of trying."""
    joined, han = _JOINED.search(text), "月" in text
    # a date with 月 may touch the name of a month, which is no run of letters then
    named = han or not MONTHS.keys().isdisjoint(letter_runs(text))
    return (
        *(((_YMD, _date),) if joined else ()),
        *(((_HAN_DATE, _date),) if han else ()),
        *(((_DMY, _day_first),) if joined else ()),
        *(_BY_MONTH if named else ()),
        *(((_SLASHED, _slashed),) if joined else ()),
    )
