import datetime as dt
from pathlib import Path

import pytest

from gateway.rules.chat import (
    Audience,
    ChatModel,
    Entry,
    IdFormat,
    Kind,
    KnowledgeBase,
    MessageContext,
    reply,
    route,
    train,
    untrained,
)

CASES = [
    tuple(part.strip() for part in line.split(" | "))
    for line in (Path(__file__).parent / "routing_cases.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
KNOWLEDGE_KINDS = (Kind.FAQ, Kind.SUGGESTIONS)
ANYONE = MessageContext()


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_message_is_routed_as_a_person_would(case: tuple[str, ...], model: ChatModel) -> None:
    text, expected, *slot = case
    decision = route(text, ANYONE, model)
    if expected == "-":
        assert decision.kind in KNOWLEDGE_KINDS, decision
    elif expected == "clarify:tracking_no":
        assert decision.intent == expected
        assert not decision.slots
    else:
        assert decision.intent == expected
        assert not slot or slot[0] in decision.slots.values()


def test_every_first_question_is_answered_by_its_own_entry(
    model: ChatModel, shop: KnowledgeBase
) -> None:
    wrong = [
        (entry.id, asked[0], decision.intent)
        for entry in shop.entries
        for asked in entry.questions.values()
        if (decision := route(asked[0], ANYONE, model)).intent != f"faq:{entry.id}"
    ]
    assert not wrong


def test_far_off_talk_is_never_answered_from_the_knowledge(model: ChatModel) -> None:
    for text in (
        "write a haiku about autumn leaves",
        "给我讲讲唐朝的历史",
        "wer hat die WM gewonnen",
    ):
        assert route(text, ANYONE, model).kind is Kind.SUGGESTIONS


def test_nothing_shared_with_the_knowledge_is_out_of_scope(model: ChatModel) -> None:
    decision = route("zzxxqq", ANYONE, model)
    assert decision.intent == "out_of_scope"
    assert not decision.suggestions


def test_an_unsure_question_gets_at_most_three_suggestions_and_a_reason(model: ChatModel) -> None:
    decision = route("something about my return and the colour", ANYONE, model)
    assert decision.kind is Kind.SUGGESTIONS
    assert 1 <= len(decision.suggestions) <= 3
    assert decision.reason == "no_answer"


def test_the_single_order_of_the_context_fills_a_missing_order_id(model: ChatModel) -> None:
    one = MessageContext(order_ids=("SO20260101001",))
    two = MessageContext(order_ids=("SO20260101001", "SO20260101002"))
    assert route("where is my order", one, model).slots == {"order_id": "SO20260101001"}
    assert route("where is my order", two, model).kind is Kind.CLARIFICATION


def test_an_id_in_the_text_wins_over_the_context(model: ChatModel) -> None:
    context = MessageContext(order_ids=("SO20260101001",))
    decision = route("where is 113-4567890-1234567", context, model)
    assert decision.slots == {"order_id": "113-4567890-1234567"}


def test_a_look_up_without_its_tool_goes_to_a_person_with_the_id(model: ChatModel) -> None:
    context = MessageContext(tools=frozenset({"stock"}))
    decision = route("where is order 113-4567890-1234567", context, model)
    assert (decision.kind, decision.reason) == (Kind.HANDOFF, "no_tool")
    assert "113-4567890-1234567" in reply(decision, model.knowledge).handoff.summary


def test_an_action_on_an_order_is_not_answered_with_its_status(model: ChatModel) -> None:
    decision = route("Cancel my order 113-4567890-1234567", ANYONE, model)
    assert decision.intent in ("faq:cancel_before", "tool:order_status")
    assert route("查一下订单113-4567890-1234567", ANYONE, model).intent == "tool:order_status"


def test_a_bare_number_after_a_clarification_is_the_id(model: ChatModel) -> None:
    asked = reply(route("我的订单到哪了", ANYONE, model), model.knowledge).text
    decision = route("45120", MessageContext(previous_reply=asked), model)
    assert (decision.intent, dict(decision.slots)) == ("tool:order_status", {"order_id": "45120"})


def test_a_pending_refund_look_up_keeps_its_tool(model: ChatModel) -> None:
    decision = route("SO20260101001", MessageContext(pending_tool="refund_status"), model)
    assert decision.intent == "tool:refund_status"


def test_a_number_picks_the_suggestion_offered_before(model: ChatModel) -> None:
    unsure = route("something about my return and the colour", ANYONE, model)
    context = MessageContext(previous_reply=reply(unsure, model.knowledge).text)
    chosen = route("2.", context, model)
    assert chosen.intent == f"faq:{unsure.suggestions[1].faq_id}"


def test_entries_for_others_or_out_of_date_are_never_used() -> None:
    day = dt.date(2026, 11, 11)
    entries = (
        Entry(
            "op",
            questions={"en": ("how do I print labels",)},
            answers={"en": "a"},
            audience=Audience.OPERATOR,
        ),
        Entry(
            "old",
            questions={"en": ("is there a summer sale",)},
            answers={"en": "b"},
            valid_until=dt.date(2026, 8, 31),
        ),
        Entry(
            "us",
            questions={"en": ("do you ship to Alaska",)},
            answers={"en": "c"},
            marketplaces=frozenset({"AMAZON_US"}),
        ),
    )
    model = train(KnowledgeBase("k", entries))
    context = MessageContext(audience=Audience.BUYER, marketplace="AMAZON_DE", today=day)
    for entry in entries:
        question = entry.question_in("en")
        assert route(question, ANYONE, model).faq_id == entry.id
        assert not route(question, context, model).faq_id
        assert not route(question, context, model).suggestions


def test_a_number_picks_the_entry_of_the_callers_own_marketplace() -> None:
    asked = {"en": ("How do I return an item?",)}
    entries = tuple(
        Entry(
            f"return-{place}",
            questions=asked,
            answers={"en": place},
            marketplaces=frozenset({place}),
        )
        for place in ("EBAY", "AMAZON_US")
    )
    offered = "Did you mean:\n1. How do I return an item?"
    context = MessageContext(previous_reply=offered, marketplace="AMAZON_US")
    decision = route("1", context, untrained(KnowledgeBase("shop", entries)))
    assert decision.faq_id == "return-AMAZON_US"


def test_an_entry_marked_handoff_answers_and_calls_a_person() -> None:
    entry = Entry(
        "vip",
        questions={"en": ("how do I get the gold card",)},
        answers={"en": "We call you."},
        handoff=True,
    )
    model = train(KnowledgeBase("k", (entry,)))
    answer = reply(route("how do I get the gold card?", ANYONE, model), model.knowledge)
    assert answer.text == "We call you."
    assert (answer.handoff.needed, answer.handoff.reason) == (True, "entry")


def test_own_formats_come_first(model: ChatModel) -> None:
    context = MessageContext(id_formats=(IdFormat("order_id", r"ZK\d{4}"),))
    assert route("zk4711 到哪了", context, model).slots == {"order_id": "ZK4711"}


def test_a_complaint_with_an_order_id_goes_to_a_person_and_keeps_the_id(model: ChatModel) -> None:
    decision = route("订单113-4567890-1234567，你们是骗子，我要投诉", ANYONE, model)
    assert (decision.kind, decision.reason) == (Kind.HANDOFF, "complaint")
    assert decision.slots == {"order_id": "113-4567890-1234567"}
