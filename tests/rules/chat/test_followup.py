"""A look-up that was pending is asked for only where it can change a decision."""

from dataclasses import replace
from pathlib import Path

from gateway.rules.chat import (
    TOOLS,
    ChatModel,
    IdFormat,
    MessageContext,
    heeds_pending,
    route,
)

ASKED = MessageContext(previous_reply="Which one is it?")
MESSAGES = [
    line.partition(" | ")[0].strip()
    for line in (Path(__file__).parent / "routing_cases.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
CODES = (
    "45120",
    " #45120. ",
    "AB-1234",
    "４５１２０",
    "SO20260101001",
    "2",
    "第2个",
    "order 4512 please",
)


def decisions(message: str, context: MessageContext, model: ChatModel) -> list[object]:
    return [route(message, replace(context, pending_tool=tool), model) for tool in ("", *TOOLS)]


def test_a_message_that_heeds_no_pending_look_up_is_decided_alike_without_it(
    model: ChatModel,
) -> None:
    heedless = [m for m in (*MESSAGES, *CODES) if not heeds_pending(m, ASKED)]
    assert len(heedless) > len(MESSAGES) / 2
    for message in heedless:
        first, *others = decisions(message, ASKED, model)
        assert all(other == first for other in others), message


def test_a_code_or_an_order_heeds_what_was_pending(model: ChatModel) -> None:
    for message in ("45120", "４５１２０", "SO20260101001", "it is order 113-4567890-1234567"):
        assert heeds_pending(message, ASKED)
        first, *others = decisions(message, ASKED, model)
        assert any(other != first for other in others), message


def test_an_own_format_needs_no_digit_to_be_heeded() -> None:
    own = replace(ASKED, id_formats=(IdFormat("order_id", "ZK[A-Z]{4}"),))
    assert heeds_pending("it is zkabcd", own)
    assert not heeds_pending("it is zkabcd", ASKED)
