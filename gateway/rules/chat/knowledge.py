"""The knowledge a shop writes down: entries with questions and answers per language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeVar

Text = TypeVar("Text")

LANGUAGES = ("zh", "en", "de", "fr", "es", "ja")
"""Languages the engine has words and templates for. Entries may hold others too."""


class Audience(StrEnum):
    """Who asks: a customer of the shop, or a colleague who works in the ERP."""

    BUYER = "BUYER"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True)
class Entry:
    """One question the shop answers, however it is asked.

    `id`: stable, unique in its base; it names the entry in logs, suggestions and citations.
    `questions`: by language code; the first is the one shown to customers, the others are
    similar wordings. Ten or more per language make direct answers likely (docs/rules-chat.md).
    `answers`: by language code; `{name}` is replaced by the base's variable of that name.
    `audience`: None is for everybody. `marketplaces`: empty means all of them.
    `valid_from`, `valid_until`: first and last day it may be shown; None is unbounded.
    `handoff`: answering this also calls a person.
    `source`: file and line of its definition, for messages.
    """

    id: str
    category: str = ""
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    audience: Audience | None = None
    marketplaces: frozenset[str] = frozenset()
    valid_from: date | None = None
    valid_until: date | None = None
    handoff: bool = False
    source: str = ""

    def is_valid_on(self, day: date) -> bool:
        """Tell whether the entry may be shown on `day`."""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_until is None or day <= self.valid_until)

    def is_for(self, audience: Audience | None, marketplace: str) -> bool:
        """Tell whether a caller of this audience on this marketplace may see the entry."""
        right_reader = audience is None or self.audience is None or self.audience is audience
        return right_reader and (
            not self.marketplaces or not marketplace or marketplace in self.marketplaces
        )

    def question_in(self, language: str) -> str:
        """Return the question to show, in `language` or else English or else any; "" if none."""
        asked = pick_language(self.questions, language)
        return asked[0] if asked else ""

    def answer_in(self, language: str) -> str:
        """Return the raw answer, in `language` or else English or else any; "" if none."""
        return pick_language(self.answers, language) or ""


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """All entries of one name (`knowledge/<name>/`), with the variables their answers use.

    `version`: a hash of the files it came from; empty for one made by hand.
    """

    name: str
    entries: tuple[Entry, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    version: str = ""

    def __repr__(self) -> str:
        return f"KnowledgeBase({self.name!r}, {len(self.entries)} entries)"

    def by_id(self) -> dict[str, Entry]:
        """Return the entries by their id."""
        return {entry.id: entry for entry in self.entries}


def pick_language(texts: Mapping[str, Text], language: str) -> Text | None:
    """Return the text in `language`, else English, else the first there is, else None."""
    for code in (language, language.partition("-")[0].lower(), "en"):
        if code in texts:
            return texts[code]
    return next(iter(texts.values()), None)


def languages_of(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return every language an entry has a question or answer in, sorted."""
    found = {code for entry in entries for code in (*entry.questions, *entry.answers)}
    return tuple(sorted(found))
