"""What Chat offers of tools, looks up with them, and tells the customer of them."""

from typing import Any

import pytest

from gateway.core.options import LookUp, Route, Tool
from gateway.core.tools import Action, Ended, ToolRun, ToolUse
from gateway.rules.chat import TOOLS, Decision, Kind
from gateway.tasks.chat.action_texts import TEXTS, texts_in
from gateway.tasks.chat.model import ChatRequest
from gateway.tasks.chat.prompts import LANGUAGE_NAMES
from gateway.tasks.chat.tools import acted, asked_first, look_up, lookup_of, offered, told


def tool(name: str, **other: Any) -> Tool:
    arguments = {"required": ["number"]}
    return Tool(name=name, description="", url="http://erp", arguments=arguments, **other)


ON = {
    one.name: one
    for one in (
        tool("order", owner_field="owner", serves=LookUp.ORDER_STATUS),
        tool("stock", public=True, serves=LookUp.STOCK),
        tool("refund", owner_field="owner", verified_only=True, serves=LookUp.REFUND_STATUS),
        tool("cancel", writes=True, confirm={"en": "Cancel {number}?", "zh": "取消 {number}？"}),
    )
}
ROUTE = Route(name="r", tools=("order", "stock", "refund", "cancel", "off"))
ACTION = Action("cancel", {"number": "A1"}, "n", 9.0, "token")


def request(**fields: Any) -> ChatRequest:
    return ChatRequest(messages=(), **fields)


def test_the_rules_look_ups_and_the_files_are_the_same() -> None:
    assert set(LookUp) == set(TOOLS)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (request(), ["stock"]),
        (request(customer_id="C1"), ["order", "stock"]),
        (request(customer_id="C1", customer_verified=True), ["order", "stock", "refund", "cancel"]),
        (request(customer_verified=True), ["stock"]),
        (request(customer_id="C1", allowed_tools=("order", "cancel", "no such")), ["order"]),
    ],
)
def test_offered_is_what_the_route_the_request_and_the_login_allow(
    asked: ChatRequest, names: list[str]
) -> None:
    assert [one.name for one in offered(asked, ROUTE, ON)] == names


def test_a_tool_that_no_route_names_is_not_offered() -> None:
    assert offered(request(customer_id="C1"), Route(name="r"), ON) == ()


def test_the_rules_value_goes_into_the_one_required_argument() -> None:
    decision = Decision(
        Kind.TOOL, "tool:order_status", "en", tool="order_status", slots={"order_id": "A1"}
    )
    assert look_up(decision, tuple(ON.values())) == ("order", {"number": "A1"})
    assert look_up(decision, (ON["stock"],)) is None
    assert look_up(Decision(Kind.FAQ, "faq:x", "en"), tuple(ON.values())) is None


def test_a_run_becomes_flat_texts_and_a_failed_one_is_no_answer() -> None:
    found = lookup_of(ToolRun("order", Ended.FOUND, {"items": ["a", "b"], "quantity": 3}))
    assert dict(found.fields) == {"items": "a, b", "quantity": "3"}
    assert not lookup_of(ToolRun("order", Ended.NOT_FOUND)).found
    assert not lookup_of(ToolRun("order", Ended.FAILED)).ok
    assert not lookup_of(None).ok


def test_what_tools_did_is_told_without_values() -> None:
    use = ToolUse(
        (
            ToolRun("order", Ended.FOUND, {"status": "shipped", "eta": "May 1"}),
            ToolRun("order", Ended.NOT_FOUND),
            ToolRun("order", Ended.FAILED, why="no answer within 3 s"),
        )
    )
    assert [(result.summary, result.ok) for result in told(use)] == [
        ("found: status, eta", True),
        ("not found", True),
        ("failed: no answer within 3 s", False),
    ]


@pytest.mark.parametrize(
    ("language", "text"), [("zh", "取消 A1？"), ("en", "Cancel A1?"), ("fr", "Cancel A1?")]
)
def test_the_question_before_an_action_is_the_shops_own(language: str, text: str) -> None:
    reply = asked_first(request(), ACTION, ON["cancel"], language)
    assert reply.pending_action is not None
    assert (reply.text, reply.pending_action.text) == (text, text)


@pytest.mark.parametrize(
    ("ended", "needed"),
    [
        (Ended.FOUND, False),
        (Ended.NOT_REACHED, False),
        (Ended.REFUSED, True),
        (Ended.NOT_FOUND, True),
        (Ended.FAILED, True),
    ],
)
def test_only_a_clear_yes_of_the_system_is_told_as_done(ended: Ended, needed: bool) -> None:
    reply = acted(request(), ToolUse(acted=(ACTION, ToolRun("cancel", ended))), "en")
    assert (reply.text == TEXTS["en"].done) == (ended is Ended.FOUND)
    assert reply.handoff.needed == needed


def test_the_texts_exist_in_every_language_of_the_answers() -> None:
    assert set(TEXTS) == set(LANGUAGE_NAMES)
    assert len({texts_in(language).done for language in TEXTS}) == len(TEXTS)
    assert texts_in("pt") is TEXTS["en"]
    assert texts_in("zh-TW") is TEXTS["zh"]
