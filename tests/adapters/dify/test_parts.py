"""The pure parts: what an app is sent, which talks are remembered, what errors mean."""

import pytest

from gateway.adapters.dify.conversations import Conversations
from gateway.adapters.dify.errors import CODES, kind_of, kind_of_event
from gateway.adapters.dify.request import MAX_HISTORY_CHARACTERS, body_of, key_of, user_of
from gateway.core.blocks import block
from gateway.core.errors import ContentFiltered, ContextTooLong, ProviderError, ServerError
from gateway.core.model import Message, Origin, Prompt, Role
from gateway.core.options import Deployment

APP = Deployment(name="app", provider="dify")


def query(*messages: Message, conversation_id: str = "") -> str:
    prompt = Prompt(messages=messages, max_output_tokens=64)
    return str(body_of(APP, prompt, conversation_id)["query"])


def test_instructions_of_ours_are_not_sent_and_tools_leave_no_trace() -> None:
    talk = (
        Message(Role.SYSTEM, "You are ..."),
        Message(Role.USER, "where is it"),
        Message(Role.TOOL, "<tool_result>", tool_call_id="1"),
    )
    assert query(*talk) == "where is it"


def test_an_app_that_knows_nothing_of_our_blocks_gets_their_text() -> None:
    asked = Message(Role.USER, block("customer", "is it <new>?"))
    assert query(asked) == "is it ‹new›?"
    assert "<customer>" not in query(asked, Message(Role.ASSISTANT, "Yes."), asked)


def test_a_long_history_keeps_its_end() -> None:
    told = query(
        Message(Role.USER, "x" * 20_000), Message(Role.ASSISTANT, "y"), Message(Role.USER, "z")
    )
    assert told.endswith("\nAnswer: y\n\nCustomer now: z")
    assert len(told) < MAX_HISTORY_CHARACTERS + 100


def test_nobody_sends_an_empty_talk_twice() -> None:
    assert query() == ""


def test_names_that_join_alike_are_told_apart() -> None:
    assert key_of(APP, Origin("a", "b\nc", "d")) != key_of(APP, Origin("a", "b", "c\nd"))
    assert key_of(APP, Origin("a", "b")) == ""
    assert user_of(Origin("a", "b")) != user_of(Origin("ab", ""))


def test_the_least_recently_used_talk_is_forgotten() -> None:
    talks = Conversations(maximum=2)
    for name in "ab":
        talks.put(name, f"talk-{name}")
    assert talks.get("a") == "talk-a"
    talks.put("c", "talk-c")
    assert (talks.get("a"), talks.get("b"), len(talks)) == ("talk-a", "", 2)
    talks.put("", "nothing")
    talks.put("d", "")
    assert len(talks) == 2


@pytest.mark.parametrize("code", CODES)
def test_every_code_means_the_same_in_a_reply_and_in_an_event(code: str) -> None:
    body = {"code": code, "message": "it failed", "status": 400}
    assert kind_of(400, body) is kind_of_event(body) is CODES[code]


def test_texts_about_length_and_content_win_over_codes() -> None:
    code = "completion_request_error"
    length = {"code": code, "message": "maximum context length is 8192 tokens"}
    policy = {"code": code, "message": "violates the content policy"}
    assert kind_of(400, length) is ContextTooLong
    assert kind_of(400, policy) is ContentFiltered


@pytest.mark.parametrize("body", [None, [], "text", {}, {"code": 7}, {"code": "new_one"}])
@pytest.mark.parametrize("status", [200, 302, 400, 404, 429, 500, 503])
def test_whatever_is_not_known_has_a_kind_by_its_status(status: int, body: object) -> None:
    assert issubclass(kind_of(status, body), ProviderError)


@pytest.mark.parametrize("status", [None, True, "400", 0, 200])
def test_an_event_without_a_usable_status_is_the_apps_failure(status: object) -> None:
    assert kind_of_event({"event": "error", "status": status}) is ServerError
