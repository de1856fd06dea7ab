"""Every place of a text that is masked. Where two kinds could be meant, the first finder wins."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import lru_cache

from gateway.rules.masking import addresses, names, national_ids, phones, secrets
from gateway.rules.masking.checks import card, digits_of, iban
from gateway.rules.masking.kinds import EVERY_KIND, Finder, Kind, Span

_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"(?:19|20)\d\d-?[01]\d-?[0-3]\d")
_LEAST_NUMBER = 8
_UNFOUND = re.compile(r"[^\s,，\0](?:[^\0]*[^\s,，\0])?")
"""What stands between two places found already, which are written as \\0."""


def _number(candidate: str) -> int:
    """Eight digits or more, and no date."""
    enough = len(digits_of(candidate)) >= _LEAST_NUMBER and not _DATE.fullmatch(candidate)
    return len(candidate) if enough else 0


# Repeats are bounded and separators single, so that time is linear in the text.
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9À-ɏ._%+-])[A-Za-z0-9À-ɏ._%+'-]{1,64}[@＠]"
    r"[A-Za-z0-9À-ɏ-]{1,63}(?:\.[A-Za-z0-9À-ɏ-]{1,63}){0,6}\.[A-Za-z]{2,24}"
)
_IBAN = re.compile(r"(?<![\dA-Za-z.+-])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,27}")
_CARD = re.compile(r"(?<![\dA-Za-z])(?<!\d[.-])[2-68２-６８](?:[\s.·_/–—－-]{0,2}\d){12,24}")
_NUMBER = re.compile(r"(?<![\dA-Za-z])[A-Za-z]{0,6}-?\d[\dA-Za-z]{0,30}(?:-[\dA-Za-z]{1,30}){0,5}")

FINDERS: tuple[Finder, ...] = (
    *secrets.FINDERS,
    Finder(Kind.EMAIL, _EMAIL, words=("@", "＠")),
    Finder(Kind.IBAN, _IBAN, iban, 7),
    *national_ids.BEFORE_CARDS,
    Finder(Kind.CARD, _CARD, card, 13),
    *national_ids.FINDERS,
    *addresses.FINDERS,
    *phones.FINDERS,
    *names.FINDERS,
    Finder(Kind.NUMBER, _NUMBER, _number, _LEAST_NUMBER),
)


_MOST_DIGITS = max(finder.least_digits for finder in FINDERS)


def find_spans(text: str, kinds: Set[Kind] = EVERY_KIND) -> list[Span]:
    """Every place that holds one of `kinds`, from left to right, none overlapping."""
    found: list[Span] = []
    left = text
    digits, lower = len(_DIGIT.findall(text)), text.lower()
    for finder in _finders(frozenset(kinds), min(digits, _MOST_DIGITS), ascii_only=text.isascii()):
        if finder.words and not _holds(lower, finder.words):
            continue
        spans = [piece for span in _spans(finder, left) for piece in _pieces(span, left)]
        found += spans
        left = _without(left, spans)
    return sorted(found, key=lambda span: span.start)


@lru_cache(maxsize=256)
def _finders(kinds: frozenset[Kind], digits: int, *, ascii_only: bool) -> tuple[Finder, ...]:
    """The finders of these kinds for a text with so many digits; a plain one has only ASCII words.

    Most texts have few digits, so most finders need not be asked each time.
    """
    asked = [f for f in FINDERS if f.kind in kinds and digits >= f.least_digits]
    if not ascii_only:
        return tuple(asked)
    plain = ((f, tuple(word for word in f.words if word.isascii())) for f in asked)
    return tuple(replace(f, words=words) for f, words in plain if words or not f.words)


def _holds(lower: str, words: Sequence[str]) -> bool:
    for word in words:  # noqa: SIM110 # `any` takes twice the time, and this runs for every text
        if word in lower:
            return True
    return False


def _without(text: str, spans: Sequence[Span]) -> str:
    """What is found is no part of anything else: no later pattern may cross it."""
    if not spans:
        return text
    parts, done = [], 0
    for span in spans:
        parts += [text[done : span.start], "\0" * (span.end - span.start)]
        done = span.end
    return "".join([*parts, text[done:]])


def _pieces(span: Span, left: str) -> Iterator[Span]:
    """The span without what is found already, such as an e-mail in an address line."""
    text = left[span.start : span.end]
    if "\0" not in text:
        yield span
        return
    for piece in _UNFOUND.finditer(text):
        if any(c.isalnum() for c in piece.group()):
            yield Span(span.kind, span.start + piece.start(), span.start + piece.end())


def _spans(finder: Finder, text: str) -> Iterator[Span]:
    """Left to right; after a candidate that does not hold, the next place is tried."""
    group = "v" if "v" in finder.pattern.groupindex else 0
    at = 0
    while match := finder.pattern.search(text, at):
        start, candidate = match.start(group), match.group(group)
        length = finder.holds(candidate)
        if length:
            yield Span(finder.kind, start, start + length)
        at = _next(finder, match, start + length if length else 0)


def _next(finder: Finder, match: re.Match[str], found_end: int) -> int:
    """Where to go on: behind what was found; else behind the candidate.

    A number may begin inside a candidate for a card, after a quantity, say.
    """
    if found_end:
        return max(found_end, match.start() + 1)
    if finder.kind is Kind.CARD:
        return match.start() + 1
    return max(match.end(), match.start() + 1)
