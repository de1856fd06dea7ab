"""Finds what a look-up needs in a message: order numbers, tracking numbers, SKUs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.rules.chat.carriers import CARRIERS, Carrier
from gateway.rules.chat.needed import least_digits, literals_of
from gateway.rules.chat.words import ORDER_CUE, SKU_CUE, TRACKING_CUE


@dataclass(frozen=True, slots=True)
class IdFormat:
    """A tenant's own format. `slot`: order_id, tracking_no or sku; `pattern`: of the whole id.

    The pattern is a Python regular expression matched case-insensitively between characters
    that are neither Latin letters nor digits. Raises ValueError if it does not compile or
    could match nothing.
    """

    slot: str
    pattern: str

    def __post_init__(self) -> None:
        if self.slot not in ("order_id", "tracking_no", "sku"):
            raise ValueError(f"id format: slot {self.slot!r} is none of order_id, tracking_no, sku")
        try:
            empty = re.compile(self.pattern).match("")
        except re.error as error:
            raise ValueError(
                f"id format {self.pattern!r} is no regular expression: {error}"
            ) from error
        if empty:
            raise ValueError(
                f"id format {self.pattern!r} matches the empty text; ask for a character"
            )


@dataclass(frozen=True, slots=True)
class FoundId:
    """An id as it stands in the text: its slot, its clean value, and its place."""

    slot: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FoundIds:
    """All ids of a message, and the text without them. `mistyped`: shape right, check wrong."""

    ids: tuple[FoundId, ...]
    mistyped: tuple[str, ...]
    rest: str

    def first(self, slot: str) -> str:
        """Return the first value of this slot, or ""."""
        return next((found.value for found in self.ids if found.slot == slot), "")


_EDGE_L, _EDGE_R = r"(?<![A-Za-z0-9-])", r"(?![A-Za-z0-9]|-[A-Za-z0-9])"


def _order(pattern: str) -> re.Pattern[str]:
    return re.compile(_EDGE_L + pattern + _EDGE_R, re.IGNORECASE)


ORDER_SHAPES = (
    _order(r"[SD]?\d{2,3}-\d{7}-\d{7}"),  # Amazon 3-7-7; D01- digital, S01- own shipping
    _order(r"\d{2}-\d{5}-\d{5}"),  # eBay
    _order(r"PO-\d{3}-\d{14,20}"),  # Temu
    _order(r"(?:SO|PO|ORD|ORDER|DD|XS|TB|WO|INV|NO|R|W|M)[-_]?\d{6,18}"),  # usual own formats
    _order(r"2[0-9](?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?=[A-Z0-9]*[A-Z])[A-Z0-9]{8}"),  # Shopee
    _order(r"5\d{17}"),  # TikTok Shop
    _order(r"\d{15,19}"),  # AliExpress, Lazada, Walmart, Taobao
)
_SHOPIFY = re.compile(
    r"(?<![\w&])#\s?([A-Z]{0,4}\d{3,10}(?:-[A-Z0-9]{1,5})?)(?![\w-])", re.IGNORECASE
)
_AFTER_CUE = r"[ .:#=\"'(]*([A-Z]{0,5}[-_]?\d[A-Z0-9_-]{3,29})(?![A-Za-z0-9])"
_CUED_ORDER = re.compile(ORDER_CUE + _AFTER_CUE, re.IGNORECASE)
_NO_ORDER = re.compile(
    r"(?:19|20)\d\d-[01]?\d-[0-3]?\d(?![\w-])"  # a date
    r"|\d+[.,]\d\d?(?!\d)"  # an amount
    r"|\d+\s?(?:pcs?|pieces?|units?|st(?:ü|u)ck|unidades|unit(?:é|e)s|usd|eur(?:os?)?|dollars?|yen)"
    r"(?![A-Za-z])|\d+\s?[€$£¥]",
    re.IGNORECASE,
)
"""What stands behind "order" and is no number of one: "order 1000 pieces"."""
_CUED_SKU = re.compile(
    SKU_CUE + r"[ .:#=\"'(]*((?=[A-Z_-]*\d)[A-Z0-9][A-Z0-9_-]{2,39})", re.IGNORECASE
)
_CUED_TRACKING = re.compile(TRACKING_CUE, re.IGNORECASE)
_SKU = re.compile(r"(?<![A-Za-z0-9_-])[A-Z0-9]{1,10}(?:[-_][A-Z0-9]{1,10}){1,6}(?![A-Za-z0-9_-])")
_ASIN = re.compile(r"(?<![A-Za-z0-9])B0[A-Z0-9]{8}(?![A-Za-z0-9])")
_CARD_START = re.compile(r"4|5[1-5]|2[2-7]|3[47]|6")
_DIGIT = re.compile(r"\d")
_CARRIERS = tuple(
    (least_digits(carrier.shape.pattern), literals_of(carrier.shape.pattern), carrier)
    for carrier in CARRIERS
)
_WITHOUT_DIGITS = tuple(known for known in _CARRIERS if not known[0])
_ORDERS = tuple((least_digits(shape.pattern), shape) for shape in ORDER_SHAPES)
_ORDER_WORDS, _SKU_WORDS = literals_of(ORDER_CUE), literals_of(SKU_CUE)
"""One of them stands in whatever has the cue, in lower case: most messages have neither."""
_SEPARATORS = re.compile(r"[ -]")
_CARD_LENGTHS = (15, 16)
MAX_IDS = 20
"""Ids read of one message; more is a pasted list, not a question."""


def find_ids(text: str, formats: Iterable[IdFormat] = ()) -> FoundIds:
    """Find the ids in a normalised text, own formats first, then carriers, orders, SKUs."""
    taken: list[FoundId] = []
    mistyped: list[str] = []
    for found in _own(text, formats):
        _take(found, taken)
    digits = len(_DIGIT.findall(text))
    _take_tracking(text, digits, taken, mistyped)
    if digits:  # no other id is without one
        for found in (*_orders(text, digits), *_skus(text)):
            _take(found, taken)
    taken.sort(key=lambda found: found.start)
    return FoundIds(
        tuple(f for f in taken if f.slot)[:MAX_IDS],
        tuple(mistyped)[:MAX_IDS],
        _without(text, taken),
    )


def _take(found: FoundId, taken: list[FoundId]) -> bool:
    """Keep an id unless its place is taken by an earlier kind."""
    if any(found.start < other.end and other.start < found.end for other in taken):
        return False
    taken.append(found)
    return True


def _own(text: str, formats: Iterable[IdFormat]) -> Iterator[FoundId]:
    for fmt in formats:
        shape = re.compile(rf"(?<![A-Za-z0-9])(?:{fmt.pattern})(?![A-Za-z0-9])", re.IGNORECASE)
        for match in shape.finditer(text):
            yield FoundId(fmt.slot, match.group().upper(), *match.span())


def _take_tracking(text: str, digits: int, taken: list[FoundId], mistyped: list[str]) -> None:
    """Take valid tracking numbers; a failed check digit takes the place but gives no id."""
    upper = text.upper() if len(text.upper()) == len(text) else text
    cued: bool | None = None
    failed: list[FoundId] = []
    for least, words, carrier in _CARRIERS if digits else _WITHOUT_DIGITS:
        if digits < least or (words and not any(word in upper for word in words)):
            continue
        if carrier.needs_cue:
            cued = bool(_CUED_TRACKING.search(text)) if cued is None else cued
            if not cued:
                continue
        for found in _of_carrier(carrier, upper):
            if found.slot:
                _take(found, taken)
            elif not carrier.needs_cue:
                failed.append(found)
    mistyped.extend(found.value for found in failed if _take(found, taken))


def _of_carrier(carrier: Carrier, text: str) -> Iterator[FoundId]:
    for match in carrier.shape.finditer(text):
        code = _SEPARATORS.sub("", match.group())
        yield FoundId("tracking_no" if carrier.check(code) else "", code, *match.span())


def _orders(text: str, digits: int) -> Iterator[FoundId]:
    for least, shape in _ORDERS:
        for match in shape.finditer(text) if digits >= least else ():
            if not _is_card(match.group()):
                yield FoundId("order_id", match.group().upper(), *match.span())
    for match in _SHOPIFY.finditer(text) if "#" in text else ():
        yield FoundId("order_id", "#" + match.group(1).upper(), *match.span())
    for match in _CUED_ORDER.finditer(text) if _holds(text, _ORDER_WORDS) else ():
        if _NO_ORDER.match(text, match.start(1)) or _ASIN.match(text, match.start(1)):
            continue
        yield FoundId("order_id", match.group(1).upper().rstrip("-_"), *match.span(1))


def _skus(text: str) -> Iterator[FoundId]:
    for match in _CUED_SKU.finditer(text) if _holds(text, _SKU_WORDS) else ():
        yield FoundId("sku", match.group(1).upper().rstrip("-_"), *match.span(1))
    for shape, signs in ((_ASIN, ("B0",)), (_SKU, "-_")):
        for match in shape.finditer(text) if any(sign in text for sign in signs) else ():
            if shape is _ASIN or _looks_like_sku(match.group()):
                yield FoundId("sku", match.group(), *match.span())


def _holds(text: str, words: Iterable[str]) -> bool:
    """Whether a word stands in the text in any case, as regular expressions compare without it."""
    # dotless and dotted I, long s and the Kelvin sign are equal to their plain letters there
    lower = text.lower() if text.isascii() else text.upper().lower().replace("\u0307", "")
    return any(word in lower for word in words)


def _looks_like_sku(code: str) -> bool:
    """Tell a SKU from COVID-19, USB-C or 10-12: letters, and three digits or three parts."""
    digits = sum(c.isdigit() for c in code)
    letters = sum(c.isalpha() for c in code)
    parts = len(re.split("[-_]", code))
    return letters >= 1 and digits >= 1 and (digits >= 3 or (parts >= 3 and len(code) >= 7))  # noqa: PLR2004


def _is_card(code: str) -> bool:
    """Tell whether a long number may be a payment card (Luhn), which is never an order."""
    if len(code) not in _CARD_LENGTHS or not code.isdigit() or not _CARD_START.match(code):
        return False
    doubled = [int(c) * (2 if i % 2 else 1) for i, c in enumerate(reversed(code))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0  # noqa: PLR2004


def _without(text: str, taken: list[FoundId]) -> str:
    parts, at = [], 0
    for found in taken:
        parts.append(text[at : found.start])
        at = max(at, found.end)
    return " ".join(" ".join([*parts, text[at:]]).split())
