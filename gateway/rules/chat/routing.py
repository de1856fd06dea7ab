"""Decides what to do with one message. Pure; the order of the decisions stands in `route`."""

from collections.abc import Mapping

from gateway.rules.chat.decision import (
    SLOT_OF_TOOL,
    Decision,
    Kind,
    MessageContext,
    Suggestion,
)
from gateway.rules.chat.handover import handover_reason
from gateway.rules.chat.ids import FoundIds, find_ids
from gateway.rules.chat.knowledge import Entry
from gateway.rules.chat.language import detect_language
from gateway.rules.chat.lookups import (
    ACTION_WORDS,
    REFUND_PROGRESS,
    REFUND_WORDS,
    STOCK,
    wants_order_status,
    wants_refund_progress,
    wants_stock,
)
from gateway.rules.chat.model import ChatModel, Ranked
from gateway.rules.chat.small_talk import small_talk
from gateway.rules.chat.text import fold, normalise

SAME_QUESTION = 0.97
"""Cosine from which a message is a known question in another dress and nothing else is asked."""
SUGGEST_FROM = 0.12
"""Cosine under which an entry shares too little with the message to be worth offering."""
_CHATTY_WORDS = 6


def route(message: str, context: MessageContext, model: ChatModel) -> Decision:
    """Decide how to answer `message` without a language model.

    Any text is allowed; only its first 4,000 characters are read. Deterministic.
    """
    text = normalise(message)
    folded = fold(text)
    language = detect_language(text, context.language)
    found = find_ids(text, context.id_formats)
    slots = _slots(found, context)

    # 1. a person is asked for or needed: nothing else matters
    reason = handover_reason(folded)
    if reason:
        return Decision(Kind.HANDOFF, "handoff", language, slots=slots, reason=reason)
    # 2. nothing but politeness
    talk = small_talk(folded)
    if talk and not found.ids:
        return Decision(Kind.SMALL_TALK, talk, language)
    ranked = _rank(text, context, model)
    # 3. an id to look up
    looked_up = _by_id(found, context, fold(found.rest), ranked)
    # 4. a question of the knowledge base, word for word
    known = ranked and ranked[0].cosine >= SAME_QUESTION and not looked_up
    if known:
        return _answer(ranked, language)
    # 5. a look-up whose id is missing, 6. a sure answer, 7. suggestions
    tool = looked_up or _without_id(folded, found, context)
    if tool:
        return _look_up(tool, slots, language)
    if ranked and ranked[0].confidence >= model.calibration.threshold:
        return _answer(ranked, language)
    fallback = _any_lookup(found, context)
    return _look_up(fallback, slots, language) if fallback else _suggest(ranked, language)


def _slots(found: FoundIds, context: MessageContext) -> dict[str, str]:
    """Fill each slot from the text, else from the caller's context if it holds just one."""
    slots = {slot: found.first(slot) for slot in ("order_id", "tracking_no", "sku")}
    if not slots["order_id"] and len(context.order_ids) == 1:
        slots["order_id"] = context.order_ids[0]
    slots["sku"] = slots["sku"] or context.sku
    return {slot: value for slot, value in slots.items() if value}


def _rank(text: str, context: MessageContext, model: ChatModel) -> tuple[Ranked, ...]:
    def admits(entry: Entry) -> bool:
        shown = context.today is None or entry.is_valid_on(context.today)
        return shown and entry.is_for(context.audience, context.marketplace)

    return model.rank(text, admits)


def _exists(tool: str, context: MessageContext) -> bool:
    return context.tools is None or tool in context.tools


def _by_id(found: FoundIds, context: MessageContext, rest: str, ranked: tuple[Ranked, ...]) -> str:
    """Name the tool for an id in the text, or "" when the text asks for something else."""
    del ranked
    if not found.ids:
        return ""
    tool = _tool_for(found, rest, context)
    asks_more = ACTION_WORDS.search(rest) and tool != "refund_status"
    return tool if tool and not asks_more and _exists(tool, context) else ""


def _tool_for(found: FoundIds, rest: str, context: MessageContext) -> str:
    if found.first("tracking_no"):
        return "tracking"
    if found.first("order_id"):
        if REFUND_WORDS.search(rest) and (
            REFUND_PROGRESS.search(rest) or not ACTION_WORDS.search(rest)
        ):
            return "refund_status"
        return context.pending_tool if context.pending_tool == "refund_status" else "order_status"
    chatty = len(rest.split()) > _CHATTY_WORDS
    return "stock" if STOCK.search(rest) or not chatty else ""


def _any_lookup(found: FoundIds, context: MessageContext) -> str:
    """Name the tool that shows an id's record when the question about it is not understood."""
    for tool in ("tracking", "order_status", "stock"):
        if found.first(SLOT_OF_TOOL[tool]) and _exists(tool, context):
            return tool
    return ""


def _without_id(folded: str, found: FoundIds, context: MessageContext) -> str:
    """Name the tool of a personal question that names no id."""
    if found.mistyped and _exists("tracking", context):
        return "tracking"
    if wants_refund_progress(folded):
        tool = "refund_status"
    elif wants_order_status(folded):
        tool = "order_status"
    elif wants_stock(folded):
        tool = "stock"
    else:
        return ""
    return tool if _exists(tool, context) else ""


def _look_up(tool: str, slots: Mapping[str, str], language: str) -> Decision:
    slot = SLOT_OF_TOOL[tool]
    if slot in slots:
        return Decision(Kind.TOOL, f"tool:{tool}", language, tool=tool, slots={slot: slots[slot]})
    return Decision(Kind.CLARIFICATION, f"clarify:{slot}", language, tool=tool)


def _answer(ranked: tuple[Ranked, ...], language: str) -> Decision:
    entry = ranked[0].entry
    return Decision(
        Kind.FAQ,
        f"faq:{entry.id}",
        language,
        confidence=ranked[0].confidence,
        faq_id=entry.id,
        reason="entry" if entry.handoff else "",
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
