import json
from typing import Any

import pytest

from gateway.adapters.litellm.pricing import Rates
from gateway.adapters.litellm.reply import Source, completion_of, usage_of
from gateway.core.errors import ContentFiltered, OutputInvalid, RateLimited, ServerError
from gateway.core.model import Finish, ToolCall, Usage

SOURCE = Source("main", "asked-for", (Rates(1e-6, 2e-6, 0.5e-6, 2e-6),))


def body(message: Any, finish: Any = "stop", **more: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"message": message, "finish_reason": finish}], **more}


def says(content: Any) -> dict[str, Any]:
    return body({"role": "assistant", "content": content})


def test_text_finish_model_and_cost_are_read() -> None:
    reply = says("Hello") | {"usage": {"prompt_tokens": 100, "completion_tokens": 10}}
    completion = completion_of(reply, SOURCE)
    assert (completion.text, completion.finish, completion.model) == ("Hello", Finish.STOP, "m")
    assert completion.usage == Usage(100, 0, 10, 0, 120)


def test_the_asked_for_model_stands_in_when_none_is_reported() -> None:
    assert completion_of(says("Hello") | {"model": None}, SOURCE).model == "asked-for"


@pytest.mark.parametrize(
    "wrong",
    [
        *(None, [], "text", 1, {}),
        *({"choices": []}, {"choices": None}, {"choices": [None]}, {"choices": [{}]}),
        *({"choices": [{"message": None}]}, says(None), says(""), says(" \n"), says({})),
    ],
)
def test_a_reply_without_an_answer_is_invalid(wrong: object) -> None:
    with pytest.raises(OutputInvalid):
        completion_of(wrong, SOURCE)


def test_an_empty_answer_still_costs_what_it_used() -> None:
    with pytest.raises(OutputInvalid) as raised:
        completion_of(says("") | {"usage": {"completion_tokens": 7}}, SOURCE)
    assert raised.value.usage.output_tokens == 7


def test_text_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "Hel"}, {"type": "image"}, {"type": "text", "text": "lo"}]
    assert completion_of(says(parts), SOURCE).text == "Hello"


def test_reasoning_is_not_text() -> None:
    message = {"content": "<think>hm</think>Hello", "reasoning_content": "hm hm"}
    assert completion_of(body(message), SOURCE).text == "Hello"


def test_a_refusal_is_content_policy() -> None:
    with pytest.raises(ContentFiltered):
        completion_of(body({"content": None, "refusal": "I cannot help with that."}), SOURCE)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", Finish.STOP), ("length", Finish.LENGTH), (None, Finish.STOP), ("new", Finish.STOP)],
)
def test_finish_reasons_are_mapped(reason: Any, finish: Finish) -> None:
    assert completion_of(body({"content": "x"}, reason), SOURCE).finish is finish


def test_tool_calls_are_carried_and_correct_the_finish_reason() -> None:
    calls = [
        {"id": "a", "function": {"name": "order", "arguments": '{"id": 1}'}},
        {"function": {"name": "ship", "arguments": {"to": 2}}},
        {"id": "c", "function": {"name": "list", "arguments": None}},
        {"id": "d", "function": {}},
        None,
    ]
    completion = completion_of(body({"content": None, "tool_calls": calls}), SOURCE)
    assert completion.tool_calls == (
        ToolCall("a", "order", '{"id": 1}'),
        ToolCall("call_1", "ship", '{"to":2}'),
        ToolCall("c", "list", "{}"),
    )
    assert completion.finish is Finish.TOOL_CALLS


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        ({}, Usage()),
        ({"prompt_tokens": None, "completion_tokens": -1}, Usage()),
        ({"prompt_tokens": "7", "completion_tokens": True}, Usage()),
        ({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}}, Usage(9, 4)),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 4}, Usage(9, 4)),
        ({"prompt_tokens": 9, "cached_tokens": 4, "prompt_tokens_details": None}, Usage(9, 4)),
        (
            {"completion_tokens": 9, "completion_tokens_details": {"reasoning_tokens": 5}},
            Usage(0, 0, 9, 5),
        ),
    ],
)
def test_usage_is_read_in_all_its_shapes(usage: dict[str, Any], read: Usage) -> None:
    assert usage_of(usage, ()) == read


@pytest.mark.parametrize(
    ("error", "kind"), [({"message": "x"}, ServerError), ({"code": 429}, RateLimited)]
)
def test_an_error_under_status_200_is_raised(error: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        completion_of({"error": error}, SOURCE)


@pytest.mark.parametrize("wrong", [["a"], 5, True, 0.5, 0, False, []])
def test_arguments_that_are_no_object_stay_json_for_the_model_to_be_told(wrong: object) -> None:
    calls = [{"id": "1", "function": {"name": "t", "arguments": wrong}}]
    reply = body({"content": "", "tool_calls": calls}, "tool_calls")
    (read,) = completion_of(reply, SOURCE).tool_calls
    assert isinstance(read.arguments_json, str)
    assert json.loads(read.arguments_json) == wrong
