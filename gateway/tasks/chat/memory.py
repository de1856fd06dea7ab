"""What Chat makes of a conversation that the gateway keeps."""

from dataclasses import replace

from gateway.core.conversations import Conversation, Kept, Turn, history, new_messages
from gateway.core.model import Message, Role
from gateway.rules import chat as chat_rules
from gateway.tasks.chat.model import ChatReply, ChatRequest, HandledBy

WITH_PERSON = "with_person"
"""Reason of the hand-over of a conversation that a person has already."""
TOOL_FAILED = "tool_failed"
"""The rules' reason when a system could not be asked; then a person must look."""


def kept(request: ChatRequest) -> Kept | None:
    """The request's conversation, if the gateway is to keep it."""
    return Kept(request.conversation_id, request.customer_id) if request.remember else None


def continued(request: ChatRequest, identity: str, conversation: Conversation) -> ChatRequest:
    """The request with what was said before it."""
    system = tuple(m for m in request.messages if m.role is Role.SYSTEM)
    sent = tuple(m for m in request.messages if m.role is not Role.SYSTEM)
    said = new_messages(conversation.turns, sent)
    turns = conversation.turns
    return replace(
        request,
        conversation_id=identity,
        messages=(*system, *history(turns), *said),
        said=said,
        with_person=request.with_person
        or (conversation.with_person and request.handled_by is not HandledBy.GATEWAY),
        pending_tool=turns[-1].pending_tool if turns else "",
    )


def turn_of(
    request: ChatRequest, decision: chat_rules.Decision | None, reply: ChatReply
) -> tuple[Turn, bool | None]:
    """What to keep of an answered message, and who has the conversation now.

    A person's silence is kept as silence: what stands in its place is no answer. A look-up that
    failed calls a person, but does not silence the gateway: the system may be back in a minute.
    """
    if request.with_person:
        return Turn(request.said), True
    asked = decision is not None and decision.kind is chat_rules.Kind.CLARIFICATION
    turn = Turn(
        (*request.said, Message(Role.ASSISTANT, reply.text)),
        decision.tool if decision is not None and asked else "",
    )
    if reply.handoff.needed and reply.handoff.reason != TOOL_FAILED:
        return turn, True
    return turn, False if request.handled_by is HandledBy.GATEWAY else None


def previous_reply(request: ChatRequest) -> str:
    """What this side said last before the question; empty if nothing."""
    return next((m.text for m in reversed(request.messages) if m.role is Role.ASSISTANT), "")


def _previous_question(request: ChatRequest) -> str:
    """What the customer said before our last reply."""
    asked = [m for m in request.messages if m.role is not Role.SYSTEM]
    last = next((n for n in range(len(asked) - 1, -1, -1) if asked[n].role is Role.ASSISTANT), 0)
    return next((m.text for m in reversed(asked[:last]) if m.role is Role.USER), "")


def pending_tool(
    request: ChatRequest, context: chat_rules.MessageContext, knowledge: "chat_rules.ChatModel"
) -> str:
    """The look-up whose id our last reply asked for: as kept, else as the talk tells.

    A model asks in its own words, so the question before tells more than its reply. It is read
    again only for a message that could be the answer.
    """
    if request.pending_tool or not context.previous_reply:
        return request.pending_tool
    if not chat_rules.heeds_pending(request.question, context):
        return ""
    before = _previous_question(request)
    alone = replace(context, previous_reply="")
    decision = chat_rules.route(before, alone, knowledge) if before else None
    asked = decision is not None and decision.kind is chat_rules.Kind.CLARIFICATION
    return decision.tool if decision is not None and asked else ""
