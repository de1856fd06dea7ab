"""What goes in and what comes out: frozen, free of protobuf."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

MAX_KEYWORDS = 50
"""Most keywords one request may ask for (the contract of ExtractKeywords)."""
DEFAULT_KEYWORDS = 5
"""Keywords given when the request does not say (the contract of ExtractKeywords)."""
MAX_SEARCH_TERMS_BYTES = 5000
"""Longest search-terms line a request may ask for; no marketplace takes more than 2,500."""
MAX_TERMS = 2000
"""Most banned terms, and most known search terms, one request may carry."""


class KeywordRequestError(ValueError):
    """A request that breaks a documented bound; the message names field, value and remedy."""


class Field(StrEnum):
    """Where in the listing a keyword was found."""

    TITLE = "TITLE"
    BULLET_POINTS = "BULLET_POINTS"
    DESCRIPTION = "DESCRIPTION"
    BRAND = "BRAND"
    CATEGORY = "CATEGORY"
    ATTRIBUTES = "ATTRIBUTES"


class KeywordReason(StrEnum):
    """Why a keyword was given. The code is stable, the note beside it is for people."""

    PRODUCT_TYPE = "PRODUCT_TYPE"  # names what is sold
    PRODUCT_PHRASE = "PRODUCT_PHRASE"  # what is sold with its quality, material, use or audience
    FEATURE = "FEATURE"  # a quality, material or use
    BRAND = "BRAND"  # the listing's own brand, alone or with the product
    SEARCHED = "SEARCHED"  # shoppers typed it (known search terms, search log)
    TOPIC = "TOPIC"  # what a text without product data speaks of
    MODEL = "MODEL"  # proposed by a model, found in the listing
    SYNONYM = "SYNONYM"  # proposed by a model, shares words with the listing


class RejectReason(StrEnum):
    """Why the guard refused a proposal. The code is stable, the note is for people."""

    EMPTY = "EMPTY"
    BANNED_TERM = "BANNED_TERM"
    MARKETING = "MARKETING"
    TRADEMARK = "TRADEMARK"
    DUPLICATE = "DUPLICATE"
    TOO_LONG = "TOO_LONG"
    CODE_OR_NUMBER = "CODE_OR_NUMBER"
    WRONG_SCRIPT = "WRONG_SCRIPT"
    UNRELATED = "UNRELATED"
    TOO_MANY_SYNONYMS = "TOO_MANY_SYNONYMS"
    SURPLUS = "SURPLUS"  # acceptable, but better ones filled the answer


@dataclass(frozen=True, slots=True)
class Listing:
    """A product as the ERP knows it. Every field may be empty, not all of them.

    `marketplace` is a free label such as `AMAZON_US` (see `limits.py`); `language` a BCP-47 tag,
    empty: detected. Texts may hold HTML, emoji and full-width letters.
    """

    title: str = ""
    bullet_points: tuple[str, ...] = ()
    description: str = ""
    brand: str = ""
    category: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    marketplace: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class KnownTerm:
    """What shoppers typed. `weight` (> 0, default 1) is relative: clicks, orders or searches."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class KeywordRequest:
    """One call. Raises KeywordRequestError when a bound is broken.

    `max_keywords`: 1 to 50, default 5. `search_terms_max_bytes`: 1 to 5000 bytes of UTF-8; None:
    the marketplace's own limit. `banned_terms` never come out, in any case, width or plural.
    """

    listing: Listing
    max_keywords: int = DEFAULT_KEYWORDS
    search_terms_max_bytes: int | None = None
    banned_terms: tuple[str, ...] = ()
    known_search_terms: tuple[KnownTerm, ...] = ()

    def __post_init__(self) -> None:
        """Check the bounds."""
        _within("max_keywords", self.max_keywords, MAX_KEYWORDS)
        if self.search_terms_max_bytes is not None:
            _within("search_terms_max_bytes", self.search_terms_max_bytes, MAX_SEARCH_TERMS_BYTES)
        for name in ("banned_terms", "known_search_terms"):
            if (count := len(getattr(self, name))) > MAX_TERMS:
                raise KeywordRequestError(f"{name} holds {count} terms; send at most {MAX_TERMS}")
        for term in self.known_search_terms:
            if not 0 < term.weight < float("inf"):
                raise KeywordRequestError(
                    f"known_search_terms: weight {term.weight!r} of {term.text[:80]!r} must be a "
                    "finite number above 0"
                )


def _within(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise KeywordRequestError(f"{name} is {value!r}; send a number from 1 to {most}")


@dataclass(frozen=True, slots=True)
class Keyword:
    """One search keyword.

    `score`: in (0, 1], comparable within one result only. `in_listing`: all its words stand in the
    listing, though perhaps apart.
    """

    text: str
    score: float
    reason: KeywordReason
    note: str
    fields: tuple[Field, ...]
    in_listing: bool


@dataclass(frozen=True, slots=True)
class Rejected:
    """A proposal the guard refused, as it was proposed (cut to 200 characters)."""

    text: str
    reason: RejectReason
    note: str


@dataclass(frozen=True, slots=True)
class KeywordResult:
    """The answer: keywords best first, the line for the marketplace's search-terms field.

    `language` is one of en, zh, de, fr, es, ja. `truncated` names the fields that were longer
    than the engine reads (see `clean.MAX_CHARACTERS`).
    """

    keywords: tuple[Keyword, ...]
    search_terms: str
    rejected: tuple[Rejected, ...]
    language: str
    truncated: tuple[Field, ...] = ()
