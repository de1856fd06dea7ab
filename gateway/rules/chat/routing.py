"""Decides what to do with one message. Pure; the order of the decisions stands in `route`."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from gateway.rules.chat.decision import (
    SLOT_OF_TOOL,
    Decision,
    Kind,
    MessageContext,
    Suggestion,
)
from gateway.rules.chat.followup import bare_id, chosen_entry
from gateway.rules.chat.handover import NOT_FOR_A_PERSON, handover_reason
from gateway.rules.chat.ids import FoundIds, find_ids
from gateway.rules.chat.joined import Cosines
from gateway.rules.chat.knowledge import Entry, KnowledgeBase
from gateway.rules.chat.language import detect_language
from gateway.rules.chat.lookups import (
    ACTION_WORDS,
    NOT_ORDER_STATUS,
    NOT_REFUND_PROGRESS,
    NOT_STOCK,
    REFUND_PROGRESS,
    REFUND_WORDS,
    STOCK,
    wants_order_status,
    wants_refund_progress,
    wants_stock,
)
from gateway.rules.chat.model import ChatModel
from gateway.rules.chat.ranking import Ranked
from gateway.rules.chat.small_talk import small_talk
from gateway.rules.chat.text import fold, normalise
from gateway.rules.chat.words import Seen, seen_in

SAME_QUESTION = 0.97
"""Cosine from which a message is a known question in another dress and nothing else is asked."""
SUGGEST_FROM = 0.12
"""Cosine under which an entry shares too little with the message to be worth offering."""
ROUTE_FROM = 0.6
"""Confidence from which a learned wish is followed; how it was chosen: docs/rules-chat.md."""
ASKED_FOR_PERSON = "asked_for_person"
_SPEAKS_AGAINST = {
    "order_status": NOT_ORDER_STATUS,
    "refund_status": NOT_REFUND_PROGRESS,
    "stock": NOT_STOCK,
    ASKED_FOR_PERSON: NOT_FOR_A_PERSON,
}
_CHATTY_WORDS = 6


def route(message: str, context: MessageContext, model: ChatModel) -> Decision:
    """Decide how to answer `message` without a language model.

    Any text is allowed; only its first 4,000 characters are read. Deterministic.
    """
    text = normalise(message)
    folded = fold(text)
    language = detect_language(text, context.language)
    found = find_ids(text, context.id_formats)

    # 1. a person is asked for or needed: nothing else matters
    seen = Seen(folded)
    reason = handover_reason(seen)
    if reason:
        slots = _slots(found, context)
        return Decision(Kind.HANDOFF, "handoff", language, slots=slots, reason=reason)
    # 2. the short reply to what we asked or offered in the turn before
    shown = (entry for entry in model.knowledge.entries if _is_shown(entry, context))
    chosen = chosen_entry(text, context.previous_reply, shown)
    if chosen:
        return _answer(Ranked(chosen, 1.0, 1.0, 1.0), language)
    found = found if found.ids else bare_id(text, found, context)
    # 3. nothing but politeness
    talk = "" if found.ids else small_talk(folded)
    if talk:
        return Decision(Kind.SMALL_TALK, talk, language)
    # 4. an id to look up
    tool = _by_id(found, context)
    if tool:
        return _look_up(tool, found, context, language)
    near = model.near(text)
    ranked = model.answers.ranked(near[0], _left_out(context, model.knowledge))
    # 5. a question of the knowledge base word for word
    if ranked and ranked[0].cosine >= SAME_QUESTION:
        return _answer(ranked[0], language)
    # 6. a look-up whose id is missing, or a person, in words not seen before; 7. a sure answer
    sure = ranked[0].confidence if model.sure_of(ranked) else 0.0
    wish = _without_id(seen, found) or _learned_wish(near, seen, model, sure)
    if wish == ASKED_FOR_PERSON:
        return Decision(Kind.HANDOFF, "handoff", language, reason=wish)
    if wish:
        return _look_up(wish, found, context, language)
    if sure:
        return _answer(ranked[0], language)
    # 8. the record of an id whose question was not understood, 9. suggestions
    tool = _any_lookup(found)
    return _look_up(tool, found, context, language) if tool else _suggest(ranked, language)


def _slots(found: FoundIds, context: MessageContext) -> dict[str, str]:
    """Fill each slot from the text, else from the caller's context if it holds just one."""
    slots = {slot: found.first(slot) for slot in ("order_id", "tracking_no", "sku")}
    if not slots["order_id"] and len(context.order_ids) == 1:
        slots["order_id"] = context.order_ids[0]
    slots["sku"] = slots["sku"] or context.sku
    return {slot: value for slot, value in slots.items() if value}


def _is_shown(entry: Entry, context: MessageContext) -> bool:
    valid = context.today is None or entry.is_valid_on(context.today)
    return valid and entry.is_for(context.audience, context.marketplace)


def _left_out(context: MessageContext, knowledge: KnowledgeBase) -> Sequence[int]:
    """Return the numbers of the entries that the context leaves out."""
    if not (context.today or context.audience or context.marketplace):
        return ()
    kept = _kept_left_out(
        knowledge.name, knowledge.version, context.today, context.audience, context.marketplace
    )
    if not kept or not knowledge.version:
        entries = enumerate(knowledge.entries)
        kept[:] = [tuple(e for e, entry in entries if not _is_shown(entry, context))]
    return kept[0]


@lru_cache(maxsize=64)
def _kept_left_out(*_: str | date | None) -> list[tuple[int, ...]]:
    """What is kept for one version of a base, one day and one kind of caller."""
    return []


def _by_id(found: FoundIds, context: MessageContext) -> str:
    """Name the tool for an id in the text, or "" when the text asks for something else."""
    if not found.ids:
        return ""
    rest = Seen(fold(found.rest))
    tool = _tool_for(found, rest, context)
    return "" if ACTION_WORDS.search(rest) and tool != "refund_status" else tool


def _tool_for(found: FoundIds, rest: Seen, context: MessageContext) -> str:
    if found.first("tracking_no"):
        return "tracking"
    if found.first("order_id"):
        asks_refund = REFUND_WORDS.search(rest) and (
            REFUND_PROGRESS.search(rest) or not ACTION_WORDS.search(rest)
        )
        pending = context.pending_tool == "refund_status"
        return "refund_status" if asks_refund or pending else "order_status"
    chatty = len(rest.text.split()) > _CHATTY_WORDS
    return "stock" if STOCK.search(rest) or not chatty else ""


def _any_lookup(found: FoundIds) -> str:
    """Name the tool that shows an id's record when the question about it is not understood."""
    for tool in ("tracking", "order_status", "stock"):
        if found.first(SLOT_OF_TOOL[tool]):
            return tool
    return ""


def _without_id(folded: str | Seen, found: FoundIds) -> str:
    """Name the tool of a personal question that names no id."""
    if found.mistyped:
        return "tracking"
    seen = seen_in(folded)
    if wants_refund_progress(seen):
        return "refund_status"
    if wants_order_status(seen):
        return "order_status"
    return "stock" if wants_stock(seen) else ""


def _learned_wish(near: Cosines, seen: Seen, model: ChatModel, unless: float) -> str:
    """Name what the model recognises in words the patterns lack, if surer than `unless`."""
    wishes = model.wished(near)
    if not wishes or wishes[0].confidence < max(ROUTE_FROM, unless):
        return ""
    wish = wishes[0].entry.id
    return "" if _SPEAKS_AGAINST[wish].search(seen) else wish


def _look_up(tool: str, found: FoundIds, context: MessageContext, language: str) -> Decision:
    """Look up, ask for the id that is missing, or pass on what no tool here can look up."""
    slot = SLOT_OF_TOOL[tool]
    value = _slots(found, context).get(slot)
    if not value:
        return Decision(Kind.CLARIFICATION, f"clarify:{slot}", language, tool=tool)
    exists = context.tools is None or tool in context.tools
    return Decision(
        Kind.TOOL if exists else Kind.HANDOFF,
        f"tool:{tool}",
        language,
        tool=tool,
        slots={slot: value},
        reason="" if exists else "no_tool",
    )


def _answer(best: Ranked, language: str) -> Decision:
    return Decision(
        Kind.FAQ,
        f"faq:{best.entry.id}",
        language,
        confidence=best.confidence,
        faq_id=best.entry.id,
        reason="entry" if best.entry.handoff else "",
    )


def _suggest(ranked: tuple[Ranked, ...], language: str) -> Decision:
    """Offer the nearest questions; with none near enough the message is out of scope."""
    offered = tuple(
        Suggestion(r.entry.id, r.entry.question_in(language), r.score)
        for r in ranked
        if r.cosine >= SUGGEST_FROM
    )
    return Decision(
        Kind.SUGGESTIONS,
        "suggest" if offered else "out_of_scope",
        language,
        confidence=ranked[0].confidence if ranked else 0.0,
        suggestions=offered,
        reason="no_answer",
    )
