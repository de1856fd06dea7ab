"""Writes the text for a decision, in the customer's language, from templates and knowledge."""

import re
from collections.abc import Mapping

from gateway.rules.chat.decision import ChatReply, Citation, Decision, Handoff, Kind, Lookup
from gateway.rules.chat.knowledge import Entry, KnowledgeBase
from gateway.rules.chat.templates import Texts, texts_in

_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
QUOTE_CHARS = 200


def reply(
    decision: Decision,
    knowledge: KnowledgeBase,
    lookup: Lookup | None = None,
    variables: Mapping[str, str] | None = None,
) -> ChatReply:
    """Turn a decision into what the customer reads.

    `lookup`: the result for a TOOL decision; None says the system could not be asked in time.
    `variables`: override the base's own in answers. Never raises for a decision of `route` made
    with the same knowledge; an entry that is gone meanwhile becomes a hand-over.
    """
    texts = texts_in(decision.language)
    if decision.kind is Kind.FAQ:
        entry = knowledge.by_id().get(decision.faq_id)
        if entry is None:
            return _person(decision, texts, "no_answer")
        return _from_entry(decision, entry, {**knowledge.variables, **(variables or {})})
    if decision.kind is Kind.TOOL:
        return _from_lookup(decision, texts, lookup or Lookup(ok=False))
    if decision.kind is Kind.CLARIFICATION:
        return _plain(decision, texts.clarify[decision.intent.partition(":")[2]])
    if decision.kind is Kind.SMALL_TALK:
        return _plain(decision, texts.small_talk[decision.intent])
    if decision.kind is Kind.HANDOFF:
        return _person(decision, texts, decision.reason)
    return _suggestions(decision, texts)


def fill(answer: str, variables: Mapping[str, str]) -> str:
    """Replace `{name}` by the variable; an unknown one stays visible for `check`."""
    return _VARIABLE.sub(lambda m: variables.get(m.group(1), m.group()), answer)


def variables_in(answer: str) -> tuple[str, ...]:
    """Return the names of the variables an answer uses."""
    return tuple(_VARIABLE.findall(answer))


def _plain(decision: Decision, text: str) -> ChatReply:
    return ChatReply(text, decision.kind, decision.intent, decision.confidence, decision.language)


def _from_entry(decision: Decision, entry: Entry, variables: Mapping[str, str]) -> ChatReply:
    text = fill(entry.answer_in(decision.language), variables)
    return ChatReply(
        text,
        decision.kind,
        decision.intent,
        decision.confidence,
        decision.language,
        handoff=Handoff(entry.handoff, decision.reason, entry.question_in(decision.language)),
        citations=(Citation(entry.id, entry.question_in(decision.language), text[:QUOTE_CHARS]),),
    )


def _from_lookup(decision: Decision, texts: Texts, lookup: Lookup) -> ChatReply:
    value = next(iter(decision.slots.values()), "")
    if not lookup.ok:
        text = texts.unavailable.format(id=value)
        return _with_handoff(
            decision, text, Handoff(needed=False, reason="tool_failed", summary=value)
        )
    if not lookup.found:
        text = texts.not_found[decision.tool].format(id=value)
        return _with_handoff(
            decision, text, Handoff(needed=False, reason="not_found", summary=value)
        )
    return _plain(decision, texts.render(decision.tool, value, lookup.fields))


def _person(decision: Decision, texts: Texts, reason: str) -> ChatReply:
    text = texts.handoff.get(reason, texts.handoff["asked_for_person"])
    summary = ", ".join(f"{slot} {value}" for slot, value in decision.slots.items())
    return _with_handoff(
        decision, text, Handoff(needed=True, reason=reason, summary=summary), Kind.HANDOFF
    )


def _with_handoff(
    decision: Decision, text: str, handoff: Handoff, kind: Kind | None = None
) -> ChatReply:
    return ChatReply(
        text,
        kind or decision.kind,
        decision.intent,
        decision.confidence,
        decision.language,
        handoff=handoff,
    )


def _suggestions(decision: Decision, texts: Texts) -> ChatReply:
    offered = decision.suggestions
    lines = "\n".join(f"{n}. {s.question}" for n, s in enumerate(offered, start=1))
    text = texts.suggest.format(questions=lines) if offered else texts.out_of_scope
    return ChatReply(
        text,
        decision.kind,
        decision.intent,
        decision.confidence,
        decision.language,
        suggestions=offered,
        handoff=Handoff(needed=False, reason=decision.reason),
    )
