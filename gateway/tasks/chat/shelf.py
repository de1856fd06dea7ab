"""The knowledge that a model is shown: all of it while it is small, else the entries nearest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from gateway.core.model import Role
from gateway.core.tokens import tokens_in
from gateway.rules import chat as chat_rules
from gateway.rules.chat.knowledge import Entry
from gateway.rules.chat.replying import QUOTE_CHARS, fill
from gateway.tasks.chat.model import ChatRequest, Citation
from gateway.tasks.chat.prompts import entry_text, knowledge_block

MAX_WHOLE_TOKENS = 8_000
"""Up to this the whole knowledge of one language stands in the prompt: the same text for every
call, which providers cache; above it a question sees the BEST entries only."""
BEST = 8
ASKED_BEFORE = 2
"""Questions of the talk that choose entries: the last may be no more than "and to Germany?"."""
MAX_SHELVES = 64
"""Whole texts kept: one for each base, language, audience, marketplace and day."""

Shelf = tuple[str, str, str, str, date]


@dataclass(frozen=True, slots=True)
class Shown:
    """The knowledge of one prompt, and the ids of its entries; `whole`: nothing is left out."""

    text: str
    ids: frozenset[str]
    whole: bool


class Shelves:
    """Makes the knowledge's text; whole ones are made once and kept."""

    def __init__(self) -> None:
        self._kept: dict[Shelf, Shown | None] = {}

    def __repr__(self) -> str:
        return f"Shelves({len(self._kept)})"

    def shown(
        self, request: ChatRequest, model: "chat_rules.ChatModel", language: str, today: date
    ) -> Shown:
        """What a model sees of the knowledge for this request."""
        base, audience = model.knowledge, chat_rules.Audience(request.audience)

        def admits(entry: Entry) -> bool:
            return entry.is_valid_on(today) and entry.is_for(audience, request.marketplace)

        shelf = (base.version or str(id(base)), language, audience, request.marketplace, today)
        if shelf not in self._kept:
            if len(self._kept) >= MAX_SHELVES:
                self._kept.clear()
            self._kept[shelf] = _whole(base, filter(admits, base.entries), language)
        whole = self._kept[shelf]
        if whole is not None:
            return whole
        near = [ranked.entry for ranked in model.rank(_asked(request), admits, top=BEST)]
        return _shown([entry_text(base, entry, language) for entry in near], near, whole=False)


def cited(base: chat_rules.KnowledgeBase, entry_id: str, language: str) -> Citation:
    """The entry that an answer rests on."""
    entry = base.by_id()[entry_id]
    answer = fill(entry.answer_in(language), base.variables)
    return Citation(entry_id, entry.question_in(language), answer[:QUOTE_CHARS])


def _whole(base: chat_rules.KnowledgeBase, entries: Iterable[Entry], language: str) -> Shown | None:
    """All entries; None when they are too long for that."""
    lines: list[str] = []
    left = MAX_WHOLE_TOKENS
    admitted = list(entries)
    for entry in admitted:
        line = entry_text(base, entry, language)
        left -= tokens_in(line)
        if left < 0:
            return None
        lines.append(line)
    return _shown(lines, admitted, whole=True)


def _shown(lines: Sequence[str], entries: Iterable[Entry], *, whole: bool) -> Shown:
    return Shown(knowledge_block(lines), frozenset(entry.id for entry in entries), whole)


def _asked(request: ChatRequest) -> str:
    asked = [message.text for message in request.messages if message.role is Role.USER]
    return "\n".join(asked[-ASKED_BEFORE:][::-1])
