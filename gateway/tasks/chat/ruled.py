"""The rules' own reply to a message, in the contract's words."""

from dataclasses import replace

from gateway.core.tools import ToolUse
from gateway.rules import chat as chat_rules
from gateway.tasks.chat.memory import TOOL_FAILED
from gateway.tasks.chat.model import (
    AnswerKind,
    ChatReply,
    ChatRequest,
    Citation,
    Handoff,
    Suggestion,
)
from gateway.tasks.chat.tools import acted, lookup_of, told

NO_ANSWER = "no_answer"
"""Reason of a hand-over when nothing in the knowledge is near to what was asked."""


def ruled(
    request: ChatRequest,
    decision: chat_rules.Decision,
    knowledge: chat_rules.KnowledgeBase,
    use: ToolUse,
) -> ChatReply:
    """An answer, suggestions, a question back, what became of an action, or a hand-over."""
    if use.acted is not None:
        return acted(request, use, decision.language)
    if decision.kind is chat_rules.Kind.SUGGESTIONS and not decision.suggestions:
        decision = replace(decision, kind=chat_rules.Kind.HANDOFF, reason=NO_ANSWER)
    reply = chat_rules.reply(decision, knowledge, lookup_of(use.looked_up))
    needed = reply.handoff.needed or reply.handoff.reason == TOOL_FAILED
    return ChatReply(
        text=reply.text,
        kind=AnswerKind(reply.answer_kind.value),
        conversation_id=request.conversation_id,
        intent=reply.intent,
        intent_confidence=reply.intent_confidence,
        citations=tuple(Citation(c.document, c.title, c.quote) for c in reply.citations),
        suggestions=tuple(Suggestion(s.faq_id, s.question) for s in reply.suggestions),
        tool_results=told(use),
        handoff=Handoff(needed, reply.handoff.reason, reply.handoff.summary),
    )
