"""What is looked for, and how: a kind, a pattern for candidates, and a check of each."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was found."""

    SECRET = "SECRET"  # noqa: S105 # a kind's name
    EMAIL = "EMAIL"
    IBAN = "IBAN"
    CN_ID = "CN_ID"
    CARD = "CARD"
    ID = "ID"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    NAME = "NAME"
    NUMBER = "NUMBER"


ALWAYS = frozenset({Kind.CARD, Kind.SECRET})
"""Kinds that leave for nobody."""

EVERY_KIND = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text."""

    kind: Kind
    start: int
    end: int


def always(candidate: str) -> int:
    """Every candidate holds."""
    return len(candidate)


@dataclass(frozen=True, slots=True)
class Finder:
    """One way to find one kind.

    The candidate is the pattern's group `v`, or all of it. `holds` says how much of it, from its
    start, is the value; 0: it is none. A text with fewer than `least_digits` digits, or which in
    lower case is without any of `words`, holds none: most texts are done after that look.
    """

    kind: Kind
    pattern: re.Pattern[str]
    holds: Callable[[str], int] = always
    least_digits: int = 0
    words: tuple[str, ...] = ()
