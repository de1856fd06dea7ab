"""The documented limits of every request, as one table.

The same numbers stand in the comments of the .proto files; tests hold the two together and prove
that every string, list and map of every request has its bound here. `docs/limits.md` is written
from this table. Beyond it, without a row: numbers are finite, enum numbers are known ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

MAX_VIOLATIONS = 20
"""Most violations listed in one answer (the contract)."""

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Times before the first or not before the last are taken for mistakes (milliseconds for seconds,
1970, 9999)."""

MOST = 1e15
"""Largest value, weight or impact, either way: beyond any turnover in any currency, and far enough
from the end of doubles that no square of it, and no sum of those, overflows."""


class Kind(StrEnum):
    """What a text may hold."""

    FREE = "any text"
    NAME = "printable characters only"
    LANGUAGE = 'a BCP-47 tag such as "zh-CN"'
    ZONE = 'an IANA time zone such as "Asia/Shanghai"'


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `least` to `most` characters (Unicode code points)."""

    most: int
    least: int = 0
    kind: Kind = Kind.FREE

    def phrases(self) -> tuple[str, ...]:
        """How comments may say it."""
        count = f"{self.least} to {self.most:,}" if self.least else f"at most {self.most:,}"
        return (f"{count} characters",)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of `least` to `most` items; `each` bounds items that are strings."""

    most: int
    least: int = 0
    each: Text | None = None

    def phrases(self) -> tuple[str, ...]:
        """How comments may say it."""
        count = f"{self.least} to {self.most:,}" if self.least else f"at most {self.most:,}"
        return (f"{count}, each {self.each.phrases()[0]}",) if self.each else (count,)


@dataclass(frozen=True, slots=True)
class Entries:
    """A map of at most `most` entries."""

    most: int
    key: Text
    value: Text

    def phrases(self) -> tuple[str, ...]:
        """How comments may say it."""
        return (
            f"at most {self.most:,}; keys at most {self.key.most:,}, "
            f"values at most {self.value.most:,} characters",
        )


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`; `above`: not `low` itself; `or_zero`: 0 means not given."""

    low: float
    high: float
    above: bool = False
    or_zero: bool = False

    def phrases(self) -> tuple[str, ...]:
        """How comments may say it."""
        high = f"{self.high:,.0f}"
        if self.low == -self.high:
            return (f"at most {high} either way",)
        if self.above:
            return (f"greater than {self.low:,}, at most {high}",)
        return (f"{self.low:,} to {high}", f"at most {high}")

    def holds(self, value: float) -> bool:
        """Whether the value is allowed; a NaN never is."""
        if self.or_zero and value == 0:
            return True
        return (self.low < value if self.above else self.low <= value) and value <= self.high


@dataclass(frozen=True, slots=True)
class Chosen:
    """An enum that must be said: its zero value is refused."""

    def phrases(self) -> tuple[str, ...]:
        """The zero value's own comment says it."""
        return ()


@dataclass(frozen=True, slots=True)
class Needed:
    """A message that must be there."""

    def phrases(self) -> tuple[str, ...]:
        """Goes without saying in comments."""
        return ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that must be there, of a sensible year."""

    def phrases(self) -> tuple[str, ...]:
        """How comments may say it."""
        return (f"between the years {FIRST_YEAR} and {LAST_YEAR}",)


Rule = Text | Items | Entries | Number | Chosen | Needed | Moment


def _name(most: int, least: int = 0) -> Text:
    return Text(most, least, Kind.NAME)


_TAG = Text(35, kind=Kind.LANGUAGE)

RULES: Mapping[str, Mapping[str, Rule]] = MappingProxyType(
    {
        "RequestOptions": {
            "locale": _TAG,
            "labels": Entries(16, key=_name(63, 1), value=_name(256)),
            "end_user_id": _name(128),
        },
        # ---- Chat
        "StreamChatRequest": {"chat": Needed()},
        "ChatRequest": {
            "conversation_id": _name(128),
            "messages": Items(100, 1),
            "knowledge_base": _name(64),
            "allowed_tools": Items(32, each=_name(64, 1)),
            "confirm_token": _name(1_024),
            "max_output_tokens": Number(1, 8_192, or_zero=True),
            "temperature": Number(0, 2),
        },
        "ChatMessage": {"role": Chosen(), "text": Text(32_768, 1)},
        "Customer": {"id": _name(128)},
        "ChatContext": {
            "store": _name(128),
            "marketplace": _name(64),
            "order_ids": Items(20, each=_name(64)),
            "sku": _name(64),
        },
        # ---- ExtractKeywords
        "ExtractKeywordsRequest": {
            "listing": Needed(),
            "max_keywords": Number(0, 50),
            "search_terms_max_bytes": Number(0, 5_000),
            "banned_terms": Items(500, each=Text(100, 1)),
            "known_search_terms": Items(1_000),
        },
        "Listing": {
            "title": Text(2_000),
            "bullet_points": Items(20, each=Text(2_000)),
            "description": Text(100_000),
            "brand": Text(200),
            "category": Text(500),
            "attributes": Entries(64, key=Text(100), value=Text(1_000)),
            "marketplace": _name(64),
            "language": _TAG,
        },
        "SearchTerm": {"text": Text(200, 1), "weight": Number(0, MOST, above=True)},
        # ---- DetectAnomaly
        "DetectAnomalyRequest": {
            "series": Needed(),
            "evaluate_count": Number(1, 20_000, or_zero=True),
            "events": Items(1_000),
            "min_impact": Number(0, MOST),
            "covariates": Items(16),
            "calendars": Items(8, each=_name(32, 1)),
        },
        "Series": {
            "series_id": _name(128),
            "points": Items(20_000, 1),
            "time_zone": Text(64, kind=Kind.ZONE),
            "unit": _name(16),
        },
        "Point": {"time": Moment(), "value": Number(-MOST, MOST)},
        "Event": {"start": Moment(), "end": Moment(), "name": Text(200, 1)},
        "Covariate": {"name": _name(64, 1), "points": Items(20_000)},
        # ---- SubmitFeedback
        "SubmitFeedbackRequest": {
            "request_id": _name(128, 1),
            "corrected_answer": Text(8_192),
            "corrected_intent": _name(128),
        },
    }
)
"""Message -> field -> rule. Message names are those of package gateway.v1."""
