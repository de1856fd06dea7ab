"""An answered Chat message as the question log keeps it."""

from dataclasses import replace

from gateway.core.feedback import Feedback
from gateway.core.model import Answer, Caller, Served
from gateway.core.questions import Question
from gateway.rules import masking
from gateway.rules.chat import detect_language
from gateway.tasks.chat.model import AnswerKind, ChatReply, ChatRequest

MAX_QUESTION_CHARACTERS = 4_000
MAX_ANSWER_CHARACTERS = 8_000
"""Longer texts are cut before they wait for the disk; `Question.whole` says so."""

_OUTCOMES = {
    AnswerKind.SUGGESTIONS: "unanswered",
    AnswerKind.CLARIFICATION: "asked_back",
    AnswerKind.HANDOFF: "handed_over",
}


def asked_question(
    caller: Caller, answer: Answer[ChatReply], served: Served, at_s: float
) -> Question:
    """The event of one answered message, not yet masked: call `masked` before it is kept."""
    request: ChatRequest = served.request
    reply = answer.value
    question = request.question
    return Question(
        at_s=at_s,
        tenant=caller.tenant,
        request_id=caller.request_id,
        conversation_id=reply.conversation_id or request.conversation_id,
        knowledge_base=request.knowledge_base or served.knowledge_base,
        question=question[:MAX_QUESTION_CHARACTERS],
        answer=reply.text[:MAX_ANSWER_CHARACTERS],
        whole=len(question) <= MAX_QUESTION_CHARACTERS and len(reply.text) <= MAX_ANSWER_CHARACTERS,
        language=caller.locale,
        intent=reply.intent,
        confidence=reply.intent_confidence,
        kind=reply.kind.value,
        outcome="handed_over" if reply.handoff.needed else _OUTCOMES.get(reply.kind, "answered"),
        source=answer.source.value,
        deployment=answer.deployment,
        model=answer.model,
        model_version=answer.model_version,
        degrade_reason=answer.degrade_reason.value if answer.degrade_reason else "",
        tools=tuple(result.tool for result in reply.tool_results),
        latency_ms=round(served.latency_s * 1000, 1),
        model_latency_ms=round(answer.model_latency_s * 1000, 1),
        input_tokens=answer.usage.input_tokens,
        output_tokens=answer.usage.output_tokens,
        cost_usd_micros=answer.usage.cost_usd_micros,
        cache_key=served.cache_key,
    )


def failed_question(caller: Caller, error: BaseException, served: Served, at_s: float) -> Question:
    """The event of a message that got no answer: it failed, or the caller hung up."""
    request: ChatRequest = served.request
    return Question(
        at_s=at_s,
        tenant=caller.tenant,
        request_id=caller.request_id,
        conversation_id=request.conversation_id,
        knowledge_base=request.knowledge_base or served.knowledge_base,
        question=request.question[:MAX_QUESTION_CHARACTERS],
        whole=len(request.question) <= MAX_QUESTION_CHARACTERS,
        language=caller.locale,
        outcome="failed" if isinstance(error, Exception) else "hung_up",
        source=type(error).__name__ if isinstance(error, Exception) else "",
        latency_ms=round(served.latency_s * 1000, 1),
    )


def masked(question: Question) -> Question:
    """With its language, and placeholders for personal data in its texts. Takes about 0.2 ms."""
    asked, answered = masking.mask(question.question, question.answer)
    return replace(_with_language(question), question=asked, answer=answered)


def without_texts(question: Question) -> Question:
    """With its language, and no text at all."""
    return replace(_with_language(question), question="", answer="")


def masked_feedback(feedback: Feedback) -> Feedback:
    """With placeholders for personal data in what people wrote."""
    answer, intent = masking.mask(feedback.corrected_answer, feedback.corrected_intent)
    return replace(feedback, corrected_answer=answer, corrected_intent=intent)


def feedback_without_texts(feedback: Feedback) -> Feedback:
    """Without the corrected answer."""
    return replace(feedback, corrected_answer="")


def _with_language(question: Question) -> Question:
    return replace(question, language=detect_language(question.question, question.language))
