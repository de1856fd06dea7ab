"""Chat between protobuf and the domain."""

from collections.abc import Mapping

from gateway.api.convert_common import Passage, tell_info, timestamp
from gateway.core.model import Answer, Finish, Message, Role
from gateway.tasks.chat.model import (
    AnswerKind,
    Audience,
    ChatReply,
    ChatRequest,
    HandledBy,
    Handoff,
    PendingAction,
)
from gateway.v1 import chat_pb2 as pb

ROLE: Mapping[int, Role] = {
    pb.ROLE_USER: Role.USER,
    pb.ROLE_ASSISTANT: Role.ASSISTANT,
    pb.ROLE_SYSTEM: Role.SYSTEM,
}
AUDIENCE: Mapping[int, Audience] = {
    pb.AUDIENCE_UNSPECIFIED: Audience.BUYER,
    pb.AUDIENCE_BUYER: Audience.BUYER,
    pb.AUDIENCE_OPERATOR: Audience.OPERATOR,
}
HANDLED_BY: Mapping[int, HandledBy] = {
    pb.HANDLED_BY_UNSPECIFIED: HandledBy.UNSAID,
    pb.HANDLED_BY_GATEWAY: HandledBy.GATEWAY,
    pb.HANDLED_BY_PERSON: HandledBy.PERSON,
}
ANSWER_KIND: Mapping[AnswerKind, "pb.AnswerKind.ValueType"] = {
    AnswerKind.MODEL_TEXT: pb.ANSWER_KIND_MODEL_TEXT,
    AnswerKind.FAQ: pb.ANSWER_KIND_FAQ,
    AnswerKind.TOOL_TEMPLATE: pb.ANSWER_KIND_TOOL_TEMPLATE,
    AnswerKind.SUGGESTIONS: pb.ANSWER_KIND_SUGGESTIONS,
    AnswerKind.CLARIFICATION: pb.ANSWER_KIND_CLARIFICATION,
    AnswerKind.HANDOFF: pb.ANSWER_KIND_HANDOFF,
    AnswerKind.SMALL_TALK: pb.ANSWER_KIND_SMALL_TALK,
}
FINISH: Mapping[Finish, "pb.FinishReason.ValueType"] = {
    Finish.STOP: pb.FINISH_REASON_STOP,
    Finish.LENGTH: pb.FINISH_REASON_LENGTH,
    Finish.TOOL_CALLS: pb.FINISH_REASON_STOP,  # an answer that reached the caller is whole
}


def chat_request(message: pb.ChatRequest) -> ChatRequest:
    """The domain's request, of a message that has been checked."""
    customer, context = message.customer, message.context
    return ChatRequest(
        messages=tuple([Message(ROLE[m.role], m.text) for m in message.messages]),
        conversation_id=message.conversation_id,
        customer_id=customer.id,
        customer_verified=customer.verified,
        audience=AUDIENCE[message.audience],
        store=context.store,
        marketplace=context.marketplace,
        order_ids=tuple(context.order_ids),
        sku=context.sku,
        knowledge_base=message.knowledge_base,
        allowed_tools=tuple(message.allowed_tools),
        confirm_token=message.confirm_token,
        max_output_tokens=message.max_output_tokens,
        temperature=message.temperature if message.HasField("temperature") else None,
        remember=message.remember,
        locale=message.options.locale,
        handled_by=HANDLED_BY[message.handled_by],
        with_person=message.handled_by == pb.HANDLED_BY_PERSON,
    )


def chat_response(answer: Answer[ChatReply], passage: Passage) -> pb.ChatResponse:
    """The answer as callers see it."""
    reply = answer.value
    response = pb.ChatResponse(text=reply.text, answer_kind=ANSWER_KIND[reply.kind])
    response.conversation_id = reply.conversation_id
    response.intent = reply.intent
    response.intent_confidence = reply.intent_confidence
    for c in reply.citations:
        response.citations.add(document=c.document, title=c.title, quote=c.quote)
    for s in reply.suggestions:
        response.suggestions.add(faq_id=s.faq_id, question=s.question)
    for t in reply.tool_results:
        response.tool_results.add(tool=t.tool, summary=t.summary, ok=t.ok)
    if reply.pending_action:
        response.pending_action.CopyFrom(_pending(reply.pending_action))
    _tell_handoff(response.handoff, reply.handoff)
    response.finish_reason = FINISH[reply.finish]
    tell_info(response.info, answer, passage)
    return response


def _tell_handoff(message: pb.Handoff, handoff: Handoff) -> None:
    message.SetInParent()  # it is there when nobody is needed, too
    if handoff.needed or handoff.reason or handoff.summary:
        message.needed = handoff.needed
        message.reason = handoff.reason
        message.summary = handoff.summary


def _pending(action: PendingAction) -> pb.PendingAction:
    return pb.PendingAction(
        tool=action.tool,
        text=action.text,
        confirm_token=action.confirm_token,
        expires_at=timestamp(action.expires_at_s),
    )
