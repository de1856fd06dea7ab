import dataclasses

import pytest

from gateway.rules.chat import (
    LANGUAGES,
    SLOT_OF_TOOL,
    TOOLS,
    ChatModel,
    Decision,
    Entry,
    Kind,
    KnowledgeBase,
    Lookup,
    MessageContext,
    Suggestion,
    reply,
    route,
)
from gateway.rules.chat.templates import texts_in

BASE = KnowledgeBase(
    "k",
    (Entry("a", questions={"en": ("How many days?",)}, answers={"en": "{days} days, {other}."}),),
    {"days": "30"},
)


def _keys(language: str) -> dict[str, object]:
    fields = dataclasses.asdict(texts_in(language))
    return {k: sorted(v) if isinstance(v, dict) else "text" for k, v in fields.items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    assert _keys(language) == _keys("en")
    assert language == "en" or texts_in(language) is not texts_in("en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tool", TOOLS)
def test_a_found_record_becomes_sentences_with_the_id_and_the_fields(
    language: str, tool: str
) -> None:
    decision = Decision(
        Kind.TOOL, f"tool:{tool}", language, tool=tool, slots={SLOT_OF_TOOL[tool]: "X-1"}
    )
    fields = {"status": "shipped", "quantity": "7", "eta": "2026-12-01", "address": "SECRET STREET"}
    text = reply(decision, BASE, Lookup(fields=fields)).text
    assert "X-1" in text
    assert "SECRET" not in text
    assert "{" not in text
    assert ("7" if tool == "stock" else texts_in(language).statuses["shipped"]) in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("lookup", [None, Lookup(ok=False), Lookup(found=False)])
def test_a_failed_look_up_is_said_and_names_the_id(
    language: str, tool: str, lookup: Lookup | None
) -> None:
    decision = Decision(
        Kind.TOOL, f"tool:{tool}", language, tool=tool, slots={SLOT_OF_TOOL[tool]: "X-1"}
    )
    answer = reply(decision, BASE, lookup)
    assert "X-1" in answer.text
    assert answer.handoff.reason in ("tool_failed", "not_found")


def test_an_unknown_status_is_shown_as_the_system_wrote_it() -> None:
    decision = Decision(
        Kind.TOOL, "tool:tracking", "en", tool="tracking", slots={"tracking_no": "X"}
    )
    text = reply(decision, BASE, Lookup(fields={"status": "At The Moon Base"})).text
    assert "At The Moon Base" in text


def test_a_long_field_is_cut() -> None:
    decision = Decision(
        Kind.TOOL, "tool:tracking", "en", tool="tracking", slots={"tracking_no": "X"}
    )
    assert len(reply(decision, BASE, Lookup(fields={"location": "y" * 5000})).text) < 400


def test_variables_are_filled_and_unknown_ones_stay_visible() -> None:
    decision = Decision(Kind.FAQ, "faq:a", "en", faq_id="a")
    answer = reply(decision, BASE)
    assert answer.text == "30 days, {other}."
    assert (answer.citations[0].document, answer.citations[0].title) == ("a", "How many days?")
    assert (
        reply(decision, BASE, variables={"days": "60", "other": "no more"}).text
        == "60 days, no more."
    )


def test_an_entry_gone_since_the_decision_becomes_a_hand_over() -> None:
    answer = reply(Decision(Kind.FAQ, "faq:gone", "en", faq_id="gone"), BASE)
    assert (answer.answer_kind, answer.handoff.needed) == (Kind.HANDOFF, True)


def test_suggestions_are_numbered() -> None:
    offered = (Suggestion("a", "One?", 1.0), Suggestion("b", "Two?", 0.5))
    answer = reply(
        Decision(Kind.SUGGESTIONS, "suggest", "en", suggestions=offered, reason="no_answer"), BASE
    )
    assert "1. One?\n2. Two?" in answer.text
    assert answer.suggestions == offered
    assert answer.handoff.reason == "no_answer"


@pytest.mark.parametrize(
    "reason", ["asked_for_person", "complaint", "legal", "no_answer", "no_tool"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_hand_over_always_has_text_and_a_reason(language: str, reason: str) -> None:
    answer = reply(Decision(Kind.HANDOFF, "handoff", language, reason=reason), BASE)
    assert answer.text
    assert (answer.handoff.needed, answer.handoff.reason) == (True, reason)


GREETINGS = {
    "zh": "你好",
    "en": "hello",
    "de": "Guten Tag",
    "fr": "bonjour",
    "es": "buenos días",
    "ja": "こんにちは",
}


@pytest.mark.parametrize(("language", "text"), GREETINGS.items())
def test_a_greeting_is_answered_in_its_language(language: str, text: str, model: ChatModel) -> None:
    answer = reply(route(text, MessageContext(), model), model.knowledge)
    assert answer.text == texts_in(language).small_talk["greet"]
    assert answer.answer_kind is Kind.SMALL_TALK
