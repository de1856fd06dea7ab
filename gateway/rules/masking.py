"""Replaces personal data and order-like numbers in a text by placeholders such as [EMAIL_1].

The same value gets the same placeholder in all texts masked together, so that a question and its
answer still fit, and questions that differ by an order number alone become equal. Check digits
decide where there are any (Luhn for cards, ISO 13616 for IBAN, GB 11643 for Chinese ids). Names of
people are not found. Measured in docs/question-log.md.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

MAX_CHARS = 20_000
"""Characters read of a text; what follows is cut."""


class Kind(StrEnum):
    """What was found."""

    EMAIL = "EMAIL"
    IBAN = "IBAN"
    CN_ID = "CN_ID"
    CARD = "CARD"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    NUMBER = "NUMBER"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text."""

    kind: Kind
    start: int
    end: int


def mask(*texts: str) -> tuple[str, ...]:
    """The texts with placeholders; equal values have equal ones in all of them."""
    names: dict[tuple[Kind, str], str] = {}
    counts: dict[Kind, int] = {}

    def name(kind: Kind, value: str) -> str:
        key = (kind, re.sub(r"[\s().-]", "", value).casefold())
        if key not in names:
            counts[kind] = counts.get(kind, 0) + 1
            names[key] = f"[{kind.value}_{counts[kind]}]"
        return names[key]

    return tuple(_masked(text[:MAX_CHARS], name) for text in texts)


def _masked(text: str, name: Callable[[Kind, str], str]) -> str:
    parts: list[str] = []
    done = 0
    for span in find_spans(text):
        parts += [text[done : span.start], name(span.kind, text[span.start : span.end])]
        done = span.end
    return "".join([*parts, text[done:]])


def find_spans(text: str) -> list[Span]:
    """Every place that is masked, from left to right, none overlapping.

    Where two kinds could be meant, the order of `_FINDERS` decides.
    """
    found: list[Span] = []
    left = text
    digits = len(_DIGIT.findall(text))
    for kind, pattern, holds in _FINDERS:
        if digits < _LEAST_DIGITS[kind]:
            continue
        for span in _spans(kind, pattern, holds, left):
            found.append(span)
            # what is found is no part of anything else: no later pattern may cross it
            left = left[: span.start] + "\0" * (span.end - span.start) + left[span.end :]
    return sorted(found, key=lambda span: span.start)


def _spans(
    kind: Kind, pattern: re.Pattern[str], holds: Callable[[str], int], text: str
) -> Iterator[Span]:
    for match in pattern.finditer(text):
        if length := holds(match.group()):
            yield Span(kind, match.start(), match.start() + length)


_DIGIT = re.compile(r"\d")
_LEAST_DIGITS = {
    Kind.EMAIL: 0,
    Kind.ADDRESS: 1,
    Kind.IBAN: 7,
    Kind.CN_ID: 17,
    Kind.CARD: 13,
    Kind.PHONE: 7,
    Kind.NUMBER: 8,
}
"""Digits without which a text holds nothing of a kind: most texts are done after one look."""

# ---- what holds: the length of the value that stands at the start of a candidate; 0 for none


def _always(candidate: str) -> int:
    return len(candidate)


def _digits(candidate: str) -> str:
    return "".join(filter(str.isdecimal, candidate))


def _is_card(candidate: str) -> int:
    """Luhn's check digit (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(_digits(candidate))):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 # a decimal digit
    return 0 if total % 10 else len(candidate)


_CN_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))


def _is_cn_id(candidate: str) -> int:
    """Check digit of GB 11643-1999: ISO 7064 MOD 11-2."""
    total = sum(int(d) * w for d, w in zip(candidate[:17], _CN_WEIGHTS, strict=True))
    return len(candidate) if "10X98765432"[total % 11] == candidate[17].upper() else 0


_IBANS = {
    15: "NO",
    16: "BE",
    18: "DK FI NL",
    19: "MK SI",
    20: "AT BA EE KZ LT LU",
    21: "CH HR LI LV",
    22: "BG DE GB IE ME RS",
    23: "AE IL",
    24: "AD CZ ES MD PK RO SA SE SK TN",
    25: "PT",
    26: "IS TR",
    27: "FR GR IT MC SM",
    28: "AL AZ CY DO GT HU LB PL",
    29: "BR PS QA UA",
    30: "KW MU",
    31: "MT",
}
_IBAN_LENGTHS = {country: size for size, named in _IBANS.items() for country in named.split()}


def _is_iban(candidate: str) -> int:
    """The country's length, then ISO 7064 MOD 97-10; a word that follows is cut off."""
    wanted = _IBAN_LENGTHS.get(candidate[:2].upper(), 0)
    plain, length = "", 0
    for length, letter in enumerate(candidate, start=1):  # noqa: B007 # used after the loop
        plain += "" if letter == " " else letter
        if len(plain) == wanted:
            break
    if not wanted or len(plain) != wanted:
        return 0
    turned = plain[4:] + plain[:4]
    return length if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1 else 0


def _is_chinese_address(candidate: str) -> int:
    """A street and number inside a named city, county or district."""
    return len(candidate) if re.search("[省市区县镇乡]", candidate) else 0


def _is_number(candidate: str) -> int:
    """Eight digits or more, and no date."""
    if len(_digits(candidate)) < 8 or _DATE.fullmatch(candidate):  # noqa: PLR2004 # documented
        return 0
    return len(candidate)


_DATE = re.compile(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d")

# ---- candidates. Repeats are bounded and separators single, so that time is linear in the text

_FREE = r"(?<![\dA-Za-z.+-])"
_END = r"(?![\d-])"
_PLACE = "".join(chr(c) for c in range(0x4E00, 0xA000) if chr(c) not in "址是在到寄送住给的")
"""Characters of Chinese place names: all but those that end the words before an address."""
_STREET = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Way|Court|Ct|Place|Pl"
    r"|Square|Sq|Terrace|Close|Crescent|Parkway|Pkwy|Highway|Hwy)\b\.?"
)
_PHONES = (
    # international: +81 90-1417-7763, +33 6 60 42 30 41, 0044 ...
    r"(?<![\d+])(?:\+|00)[1-9]\d{0,2}[ -]?(?:\(\d{1,4}\)[ -]?)?\d(?:[ .-]?\d){6,11}(?!\d)",
    # mainland China: 138 1234 5678, 138-1234-5678, 86 138...
    r"(?<![\d-])(?:86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\d-])",
    # North America: (971) 246-5634, 888-899-4742
    r"(?<![\d-])(?:1[ -])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?![\d-])",
    # national, with the leading zero: 07683 873806, 06 12 34 56 78, 03-1234-5678, 010-87654321
    r"(?<![\d.-])0[1-9](?:[ .]\d{2}){4}(?!\d)",
    r"(?<![\d.-])0\d{1,4}[ /-]\d{3,4}[ -]?\d{3,5}(?![\d-])",
    # digits beside a word for a telephone
    r"(?i:(?<=tel )|(?<=tel: )|(?<=phone )|(?<=phone: )|(?<=call me at )|(?<=电话)|(?<=电话：)"
    r"|(?<=手机)|(?<=手机号)|(?<=号码))\+?\d(?:[ -]?\d){6,14}(?![\d-])",
)
_CHINESE_ADDRESS = (  # 广东省深圳市南山区科技园南路12号A座1801
    rf"[{_PLACE}][{_PLACE}\d]{{3,30}}?(?:路|街|道|巷|弄|村|里)[\u4e00-\u9fff]{{0,4}}\d{{1,5}}(?:号|弄)"
    r"(?:[A-Za-z\d-]{0,5}(?:号楼|院|栋|幢|座|单元|楼|层|室)){0,4}[A-Za-z\d-]{0,6}"
)
_ADDRESSES = (
    # 1600 Pennsylvania Ave NW, Washington, DC 20500; 221B Baker Street, London NW1 6XE
    rf"(?<![\dA-Za-z.])\d{{1,5}}[A-Za-z]? (?:[A-Z][A-Za-z'.-]{{0,20}} ){{1,4}}?{_STREET}"
    r"(?: [NS]?[EW]?\b)?"
    r"(?:,? (?:Apt|Unit|Suite|#) ?[\w-]{1,8})?"
    r"(?:, [A-Z][a-z'-]{1,20}(?: [A-Z][a-z'-]{1,20}){0,2})?"
    r"(?:,? (?:[A-Z]{2} \d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|\d{5}))?",
    # Musterstraße 12, 10115 Berlin
    r"[A-ZÄÖÜ][A-Za-zäöüß-]{1,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm) ?\d{1,4}"
    r"[a-z]?(?:, ?(?:D-)?\d{5} [A-ZÄÖÜ][a-zäöüß-]{1,30})?",
    # 12 rue de la Paix, 75002 Paris
    r"(?<!\d)\d{1,4}(?: bis| ter)?,? (?:rue|avenue|boulevard|place|chemin|allée)"
    r" [\w'’-]{1,20}(?: [\w'’-]{1,20}){0,4}(?:, \d{5} [A-ZÉ][\w'’-]{1,25})?",
)
_FINDERS: tuple[tuple[Kind, re.Pattern[str], Callable[[str], int]], ...] = (
    (
        Kind.EMAIL,
        re.compile(
            r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@"
            r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.[A-Za-z]{2,24}"
        ),
        _always,
    ),
    (Kind.IBAN, re.compile(rf"{_FREE}[A-Za-z]{{2}}\d{{2}}(?: ?[A-Za-z0-9]){{11,27}}"), _is_iban),
    (Kind.CN_ID, re.compile(r"(?<![\d-])[1-9]\d{16}[\dXx](?![\dA-Za-z-])"), _is_cn_id),
    (Kind.CARD, re.compile(rf"(?<![\dA-Za-z.-])[2-6]\d{{12,18}}{_END}"), _is_card),
    (
        Kind.CARD,
        re.compile(rf"(?<![\d-])[2-6]\d{{3}}([ -])\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{3}})?{_END}"),
        _is_card,
    ),
    (Kind.CARD, re.compile(rf"(?<![\d-])3[47]\d{{2}}([ -])\d{{6}}\1\d{{5}}{_END}"), _is_card),
    (Kind.ADDRESS, re.compile(_CHINESE_ADDRESS), _is_chinese_address),
    *((Kind.ADDRESS, re.compile(pattern), _always) for pattern in _ADDRESSES),
    *((Kind.PHONE, re.compile(pattern), _always) for pattern in _PHONES),
    (
        Kind.NUMBER,
        re.compile(r"(?<![\dA-Za-z])[A-Za-z]{0,6}-?\d[\dA-Za-z]{0,30}(?:-[\dA-Za-z]{1,30}){0,5}"),
        _is_number,
    ),
)
