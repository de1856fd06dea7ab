"""What the rules read in a question, kept for the questions that come again.

A cached answer needs the reading before its key is known, and reading takes 0.3 to 3 ms by length,
ten times the rest of such a call. So where a route has a cache, readings are kept beside it.
"""

from gateway.rules import chat as chat_rules
from gateway.rules import masking

MAX_KEPT = 2_048
"""Readings kept of one knowledge base, about 2 KB each."""
MAX_KEPT_CHARACTERS = 500
"""Longer messages are letters: the same one does not come again."""


class Reading:
    """The decision on one question, and under which spelling its answer may be shared."""

    __slots__ = ("_question", "_spelling", "decision", "knowledge")

    def __init__(
        self, decision: chat_rules.Decision, question: str, knowledge: chat_rules.KnowledgeBase
    ) -> None:
        self.decision = decision
        self._question = question
        self.knowledge = knowledge
        self._spelling: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        return f"Reading({self.decision.intent})"

    @property
    def spelling(self) -> tuple[str, ...]:
        """What equal questions have in common; empty when nobody else asks just this."""
        if self._spelling is None:
            self._spelling = spelling_of(self._question, self.knowledge)
        return self._spelling


class Reader:
    """Reads questions by the rules; keeps readings for as long as the trained knowledge stays."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[chat_rules.ChatModel, dict[object, Reading]]] = {}

    def __repr__(self) -> str:
        return f"Reader({ {name: len(kept) for name, (_, kept) in self._kept.items()} })"

    def read(
        self,
        question: str,
        context: chat_rules.MessageContext,
        model: "chat_rules.ChatModel",
        *,
        keep: bool,
    ) -> Reading:
        """The reading of a question; `keep`: it may be one made before, and is kept."""
        if not keep or len(question) > MAX_KEPT_CHARACTERS:
            return self._made(question, context, model)
        kept = self._kept_of(model)
        reading = kept.get((question, context))
        if reading is None:
            if len(kept) >= MAX_KEPT:
                kept.clear()
            reading = kept[question, context] = self._made(question, context, model)
        return reading

    def _made(
        self, question: str, context: chat_rules.MessageContext, model: "chat_rules.ChatModel"
    ) -> Reading:
        return Reading(chat_rules.route(question, context, model), question, model.knowledge)

    def _kept_of(self, model: "chat_rules.ChatModel") -> dict[object, Reading]:
        name = model.knowledge.name
        found = self._kept.get(name)
        if found is None or found[0] is not model:  # trained anew: it may decide otherwise
            found = self._kept[name] = (model, {})
        return found[1]


def spelling_of(question: str, knowledge: chat_rules.KnowledgeBase) -> tuple[str, ...]:
    """The knowledge's entry for a known wording, else the canonical text; empty: personal."""
    if not chat_rules.known_digits(question, knowledge) or masking.mask(question)[0] != question:
        return ()
    spelling = chat_rules.canonical(question)
    entry = chat_rules.known_as(spelling, knowledge)
    return ("entry", entry) if entry else ("text", spelling)
