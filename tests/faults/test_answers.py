"""Healthy answers, and answers whose content is odd."""

from typing import Any

import pytest

from tests.faults import TEXT, TEXT_ZH, FaultServer, Play, ToolCall
from tests.faults.caller import Caller, Got

pytestmark = pytest.mark.anyio

ORDER = {"type": "object", "properties": {"order": {"type": "string"}, "n": {"type": "integer"}}}
TOOLS = [{"type": "function", "function": {"name": "order_status", "parameters": ORDER}}]
USAGE = {"prompt_tokens": 120, "completion_tokens": 60, "total_tokens": 180}


def _usages(got: Got) -> list[Any]:
    return [chunk["usage"] for chunk in got.chunks if chunk.get("usage")]


async def test_a_healthy_answer_is_whole(caller: Caller) -> None:
    reply = (await caller.call("ok")).json
    assert reply["choices"][0]["message"]["content"] == TEXT
    assert (reply["model"], reply["usage"]) == ("ok", USAGE)


async def test_a_healthy_stream_has_a_role_sixty_tokens_a_reason_and_an_end(caller: Caller) -> None:
    got = await caller.call("ok", stream=True)
    assert got.text == TEXT
    assert len(got.deltas) == 62
    assert got.chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert got.data[-1] == "[DONE]"


async def test_usage_comes_in_a_last_chunk_if_asked_for(caller: Caller) -> None:
    got = await caller.call("ok", stream=True, stream_options={"include_usage": True})
    assert got.chunks[-1]["usage"] == USAGE
    assert got.chunks[-1]["choices"] == []
    assert _usages(await caller.call("ok", stream=True)) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("none", []), ("zero", [0]), ("last", [180]), ("finish", [180])],
)
async def test_usage_is_where_the_name_says(name: str, expected: list[int], caller: Caller) -> None:
    got = await caller.call(f"usage-{name}", stream=True, stream_options={"include_usage": True})
    assert [usage["total_tokens"] for usage in _usages(got)] == expected


async def test_usage_every_grows_with_each_chunk(caller: Caller) -> None:
    usages = _usages(await caller.call("usage-every", stream=True))
    assert [usage["completion_tokens"] for usage in usages] == [*range(61), 60]


async def test_unary_usage_may_be_missing_or_zero(caller: Caller) -> None:
    assert "usage" not in (await caller.call("usage-none")).json
    assert (await caller.call("usage-zero")).json["usage"]["total_tokens"] == 0


async def test_a_json_answer_can_be_scripted(faults: FaultServer, caller: Caller) -> None:
    faults.script("keywords", [{"do": "ok-json", "json": {"keywords": []}}])
    reply = (await caller.call("keywords")).json
    assert reply["choices"][0]["message"]["content"] == '{"keywords":[]}'


async def test_json_is_answered_when_json_is_asked_for(caller: Caller) -> None:
    got = await caller.call("ok", stream=True, response_format={"type": "json_object"})
    assert got.text.startswith('{"keywords":')


async def test_an_exact_text_can_be_scripted_for_streams(
    faults: FaultServer, caller: Caller
) -> None:
    faults.script("chat", [Play("ok", text="Hello,  world.\n您好")])
    assert (await caller.call("chat", stream=True)).text == "Hello,  world.\n您好"


async def test_echo_answers_the_last_message(caller: Caller) -> None:
    assert (await caller.call("ok-echo", stream=True)).text == "Hi"


async def test_reasoning_comes_before_the_content(caller: Caller) -> None:
    got = await caller.call("reasoning-5", stream=True)
    reasons = [delta.get("reasoning_content") for delta in got.deltas]
    assert all(reasons[1:6])
    assert not any(reasons[6:])
    assert got.text == TEXT
    message = (await caller.call("reasoning-5")).json["choices"][0]["message"]
    assert message["reasoning_content"] == " why1 why2 why3 why4 why5"


async def test_a_tool_call_fits_the_offered_schema(caller: Caller) -> None:
    choice = (await caller.call("tool-call", tools=TOOLS)).json["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    called = choice["message"]["tool_calls"][0]["function"]
    assert called == {"name": "order_status", "arguments": '{"order":"1001","n":1}'}


async def test_a_streamed_tool_call_comes_in_fragments(caller: Caller) -> None:
    got = await caller.call("tool-call", stream=True, tools=TOOLS)
    pieces = [call["function"] for delta in got.deltas for call in delta.get("tool_calls", [])]
    assert pieces[0]["name"] == "order_status"
    assert len(pieces) > 3
    assert "".join(piece["arguments"] for piece in pieces) == '{"order":"1001","n":1}'


async def test_after_a_tools_result_the_answer_is_text(caller: Caller) -> None:
    messages = [{"role": "tool", "tool_call_id": "call_fault_0", "content": "shipped"}]
    got = await caller.call("tool-call", stream=True, tools=TOOLS, messages=messages)
    assert got.text == TEXT


async def test_tool_calls_can_be_scripted(faults: FaultServer, caller: Caller) -> None:
    faults.script("agent", [Play("ok", tool_calls=(ToolCall("refund", '{"id":7}'),)), "ok"])
    first = (await caller.call("agent")).json["choices"][0]
    assert first["message"]["tool_calls"][0]["function"]["arguments"] == '{"id":7}'
    assert (await caller.call("agent")).json["choices"][0]["message"]["content"] == TEXT


async def test_empty_choices_are_empty_everywhere(caller: Caller) -> None:
    assert (await caller.call("empty-choices")).json["choices"] == []
    got = await caller.call("empty-choices", stream=True)
    assert got.chunks
    assert got.deltas == []


async def test_null_content_is_null_everywhere(caller: Caller) -> None:
    message = (await caller.call("null-content")).json["choices"][0]["message"]
    assert message["content"] is None
    assert (await caller.call("null-content", stream=True)).text == ""


async def test_another_model_answers(caller: Caller) -> None:
    assert (await caller.call("other-model")).json["model"] == "some-other-model-2024"


async def test_a_stream_without_a_finish_reason_still_says_done(caller: Caller) -> None:
    got = await caller.call("no-finish", stream=True)
    reasons = {choice["finish_reason"] for chunk in got.chunks for choice in chunk["choices"]}
    assert (reasons, got.data[-1], got.text) == ({None}, "[DONE]", TEXT)


async def test_a_stream_without_an_end_marker_is_whole(caller: Caller) -> None:
    got = await caller.call("no-end", stream=True)
    assert (got.text, got.error) == (TEXT, None)
    assert "[DONE]" not in got.data


@pytest.mark.parametrize("reason", ["length", "content_filter", "insufficient_system_resource"])
async def test_another_finish_reason_is_given(reason: str, caller: Caller) -> None:
    assert (await caller.call(f"finish-{reason}")).json["choices"][0]["finish_reason"] == reason


async def test_a_web_page_or_nothing_may_come_with_status_200(caller: Caller) -> None:
    page = await caller.call("not-json")
    assert (page.status, page.headers["content-type"]) == (200, "text/html")
    assert (await caller.call("empty-body", stream=True)).body == b""


async def test_the_right_body_may_come_under_the_wrong_type(caller: Caller) -> None:
    got = await caller.call("content-type", stream=True)
    assert got.headers["content-type"].startswith("text/html")
    assert got.text == TEXT


async def test_chinese_answers_are_whole(caller: Caller) -> None:
    assert (await caller.call("ok-zh", stream=True)).text == TEXT_ZH
