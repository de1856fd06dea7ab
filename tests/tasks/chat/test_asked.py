"""An answered Chat message as an event of the question log."""

from dataclasses import replace

from gateway.core.feedback import Feedback
from gateway.core.model import (
    Answer,
    Caller,
    Deadline,
    DegradeReason,
    Message,
    Role,
    Served,
    Source,
    Usage,
)
from gateway.tasks.chat import AnswerKind, ChatReply, ChatRequest, Handoff, ToolResult
from gateway.tasks.chat.asked import (
    MAX_ANSWER_CHARACTERS,
    MAX_QUESTION_CHARACTERS,
    asked_question,
    feedback_without_texts,
    masked,
    masked_feedback,
    without_texts,
)

CALLER = Caller(request_id="r-1", deadline=Deadline(0), tenant="acme", locale="en-GB")
REQUEST = ChatRequest(
    messages=(
        Message(Role.USER, "hello"),
        Message(Role.ASSISTANT, "yes?"),
        Message(Role.USER, "我的邮箱是 a@b.example，订单113-4567890-1234567"),
    ),
    conversation_id="c-1",
)
REPLY = ChatReply(
    text="We write to a@b.example.",
    kind=AnswerKind.MODEL_TEXT,
    intent="faq:x",
    intent_confidence=0.5,
    tool_results=(ToolResult("tracking", "found", ok=True),),
)
ANSWER = Answer(
    value=REPLY,
    source=Source.MODEL,
    route="main",
    deployment="deepseek",
    model="m",
    model_version="v1",
    degrade_reason=DegradeReason.FALLBACK_MODEL,
    usage=Usage(7, 0, 3, 0, 10),
    model_latency_s=0.5,
)
SERVED = Served(request=REQUEST, knowledge_base="shop", latency_s=0.75, cache_key=b"k")


def test_an_event_says_who_asked_what_and_what_came_of_it() -> None:
    event = asked_question(CALLER, ANSWER, SERVED, 5.0)
    assert (event.tenant, event.request_id, event.conversation_id) == ("acme", "r-1", "c-1")
    assert (event.knowledge_base, event.question[:5]) == ("shop", "我的邮箱是")
    assert (event.intent, event.confidence, event.kind) == ("faq:x", 0.5, "MODEL_TEXT")
    assert (event.source, event.deployment, event.model_version) == ("model", "deepseek", "v1")
    assert (event.degrade_reason, event.tools) == ("fallback_model", ("tracking",))
    assert (event.latency_ms, event.model_latency_ms) == (750.0, 500.0)
    assert (event.input_tokens, event.output_tokens, event.cost_usd_micros) == (7, 3, 10)
    assert (event.outcome, event.at_s, event.cache_key, event.whole) == (
        "answered",
        5.0,
        b"k",
        True,
    )


def test_masking_takes_personal_data_out_of_both_texts_and_tells_the_language() -> None:
    event = masked(asked_question(CALLER, ANSWER, SERVED, 5.0))
    assert event.question == "我的邮箱是 [EMAIL_1]，订单[NUMBER_1]"
    assert event.answer == "We write to [EMAIL_1]."
    assert event.language == "zh"


def test_without_texts_no_text_is_left() -> None:
    event = without_texts(asked_question(CALLER, ANSWER, SERVED, 5.0))
    assert (event.question, event.answer, event.language) == ("", "", "zh")
    said = Feedback(request_id="r", corrected_answer="call 138 1234 5678")
    assert feedback_without_texts(said).corrected_answer == ""
    assert masked_feedback(said).corrected_answer == "call [PHONE_1]"
    by_hand = Feedback(request_id="r", corrected_intent="order of ann@example.com")
    assert masked_feedback(by_hand).corrected_intent == "order of [EMAIL_1]"
    label = Feedback(request_id="r", corrected_intent="order_status")
    assert masked_feedback(label) == label


def test_long_texts_are_cut_and_said_to_be() -> None:
    request = replace(REQUEST, messages=(Message(Role.USER, "x" * 5_000),))
    reply = replace(REPLY, text="y" * 9_000)
    event = asked_question(
        CALLER, replace(ANSWER, value=reply), replace(SERVED, request=request), 5.0
    )
    assert len(event.question) == MAX_QUESTION_CHARACTERS
    assert len(event.answer) == MAX_ANSWER_CHARACTERS
    assert not event.whole


def test_the_outcome_tells_what_the_customer_was_left_with() -> None:
    wanted = {
        AnswerKind.FAQ: "answered",
        AnswerKind.SUGGESTIONS: "unanswered",
        AnswerKind.CLARIFICATION: "asked_back",
        AnswerKind.HANDOFF: "handed_over",
    }
    for kind, outcome in wanted.items():
        answer = replace(ANSWER, value=replace(REPLY, kind=kind))
        assert asked_question(CALLER, answer, SERVED, 5.0).outcome == outcome
    reply = replace(REPLY, handoff=Handoff(needed=True))
    answer = replace(ANSWER, value=reply)
    assert asked_question(CALLER, answer, SERVED, 5.0).outcome == "handed_over"
