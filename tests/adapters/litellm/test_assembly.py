from typing import Any

import orjson
import pytest

from gateway.adapters.litellm.assembly import Assembly
from gateway.adapters.litellm.reply import Source
from gateway.core.errors import (
    ContentFiltered,
    ContextTooLong,
    OutputInvalid,
    Overloaded,
    RateLimited,
    ServerError,
    StreamTruncated,
)
from gateway.core.model import Finish, ToolCall, Usage

SOURCE = Source("main", "asked-for")
DONE = b"[DONE]"


def event(delta: dict[str, Any] | None = None, finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return orjson.dumps({"model": "reported", "choices": [choice], **more})


def text(content: str, **more: Any) -> bytes:
    return event({"content": content}, **more)


def fed(*events: bytes) -> Assembly:
    assembly = Assembly(SOURCE)
    for data in events:
        assembly.take_data(data)
    return assembly


def call(index: int | None, name: str = "", arguments: str = "", of: str = "") -> dict[str, Any]:
    fragment: dict[str, Any] = {"function": {"name": name, "arguments": arguments}}
    if of:
        fragment["id"] = of
    if index is not None:
        fragment["index"] = index
    return fragment


def usage(given: int, made: int) -> dict[str, int]:
    return {"prompt_tokens": given, "completion_tokens": made}


def test_text_comes_at_once_and_the_finish_with_the_end() -> None:
    assembly = fed(text("Hel"), text("lo"))
    assert assembly.text() == "Hello"
    assembly.take_data(event(finish="stop"))
    assembly.take_data(DONE)
    end = assembly.end()
    assert (end.finish, end.model, end.text) == (Finish.STOP, "reported", "")


def test_neither_finish_nor_end_marker_is_a_truncated_stream() -> None:
    with pytest.raises(StreamTruncated):
        fed(text("Hello")).end()


def test_the_end_marker_alone_ends_the_answer() -> None:
    assert fed(text("Hello"), DONE).end().finish is Finish.STOP


def test_a_finish_reason_alone_ends_the_answer() -> None:
    assert fed(text("Hello"), event(finish="length")).end().finish is Finish.LENGTH


def test_no_event_at_all_is_no_stream() -> None:
    with pytest.raises(OutputInvalid, match="no event stream"):
        Assembly(SOURCE).end()


def test_a_stream_that_ends_without_any_text_is_invalid() -> None:
    with pytest.raises(OutputInvalid, match="empty"):
        fed(text("  \n"), event(finish="stop"), DONE).end()


def test_reasoning_never_becomes_text() -> None:
    hidden = event({"reasoning_content": "hm", "content": None})
    assembly = fed(hidden, event({"reasoning": "hm"}), text("Hello"), DONE)
    assert assembly.text() == "Hello"


def test_only_reasoning_is_an_empty_answer() -> None:
    with pytest.raises(OutputInvalid, match="empty"):
        fed(event({"reasoning_content": "hm"}), event(finish="stop")).end()


def test_the_last_usage_counts_wherever_it_comes() -> None:
    every = fed(text("a", usage=usage(9, 1)), text("b", usage=usage(9, 2)), event(finish="stop"))
    assert every.end().usage == Usage(9, 0, 2)
    last = fed(text("a"), event(finish="stop"), orjson.dumps({"choices": [], "usage": usage(9, 1)}))
    assert last.end().usage == Usage(9, 0, 1)
    null = fed(text("a", usage=usage(9, 1)), event(finish="stop", usage=None), DONE)
    assert null.end().usage == Usage(9, 0, 1)


def test_no_usage_is_none_and_zero_usage_is_zero() -> None:
    assert fed(text("a"), event(finish="stop")).end().usage is None
    assert fed(text("a"), event(finish="stop", usage=usage(0, 0))).end().usage == Usage()


def test_tool_calls_are_put_together_from_fragments() -> None:
    end = fed(
        event({"tool_calls": [call(0, "order", "", "a")]}),
        event({"tool_calls": [call(1, "ship", '{"to"', "b"), call(0, "", '{"id"')]}),
        event({"tool_calls": [call(1, "", ":2}"), call(0, "", ":1}")]}),
        event(finish="tool_calls"),
    ).end()
    assert end.tool_calls == (ToolCall("a", "order", '{"id":1}'), ToolCall("b", "ship", '{"to":2}'))
    assert end.finish is Finish.TOOL_CALLS


def test_a_repeated_tool_name_is_not_doubled() -> None:
    again = event({"tool_calls": [call(0, "order", "{}", "a")]})
    more = event({"tool_calls": [call(0, "order", "", "a")]})
    assert fed(again, more, DONE).end().tool_calls == (ToolCall("a", "order", "{}"),)


def test_whole_tool_calls_without_an_index_are_kept_apart() -> None:
    both = event({"tool_calls": [call(None, "order", "{}", "a"), call(None, "ship", "{}", "b")]})
    names = [c.name for c in fed(both, event(finish="tool_calls")).end().tool_calls]
    assert names == ["order", "ship"]


def test_a_tool_call_without_a_name_is_invalid() -> None:
    with pytest.raises(OutputInvalid, match="without a name"):
        fed(event({"tool_calls": [call(0, "", "{}")]}), event(finish="tool_calls")).end()


def test_endless_tool_calls_are_refused() -> None:
    endless = [event({"tool_calls": [call(n, "t", "", str(n))]}) for n in range(200)]
    with pytest.raises(OutputInvalid, match="over 128 tools"):
        fed(*endless)


def test_a_spoilt_event_is_skipped_when_usage_proves_that_nothing_is_missing() -> None:
    assembly = fed(text("a"), b'{"choices": [{"del', text("b", finish="stop", usage=usage(9, 2)))
    assert assembly.text() == "ab"
    assert assembly.end().finish is Finish.STOP


def test_a_spoilt_event_that_may_have_held_text_makes_the_answer_invalid() -> None:
    assembly = fed(text("a"), b'{"choices": [{"del', text("c", finish="stop", usage=usage(9, 3)))
    with pytest.raises(OutputInvalid, match="no JSON"):
        assembly.end()
    with pytest.raises(OutputInvalid, match="no JSON"):
        fed(text("a"), b'{"choices": [{"del', event(finish="stop")).end()


def test_noise_that_never_was_an_object_is_skipped() -> None:
    assert fed(text("a"), b"keep-alive", event(finish="stop")).end().finish is Finish.STOP


def test_events_glued_by_a_forgotten_empty_line_are_read_one_by_one() -> None:
    assembly = fed(text("a") + b"\n" + text("b"), DONE)
    assert assembly.text() == "ab"


@pytest.mark.parametrize("odd", [b"1", b"[]", b'{"choices":null}', b'{"choices":[{"delta":null}]}'])
def test_odd_events_hold_nothing(odd: bytes) -> None:
    assembly = fed(text("a"), odd, event(finish="stop"))
    assert assembly.text() == "a"


def test_another_choice_is_not_mixed_in() -> None:
    other = orjson.dumps({"choices": [{"index": 1, "delta": {"content": "x"}}]})
    assert fed(text("a"), other).text() == "a"


def test_text_after_the_finish_reason_still_belongs_to_the_answer() -> None:
    assembly = fed(text("a"), event(finish="stop"), text("b"), DONE)
    assert assembly.text() == "ab"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "down"}, ServerError),
        ({"code": 429}, RateLimited),
        ({"code": "503"}, Overloaded),
        ({"code": "context_length_exceeded"}, ContextTooLong),
        ({"type": "data_inspection_failed"}, ContentFiltered),
        ("oops", ServerError),
    ],
)
def test_an_error_event_is_raised_as_what_it_means(error: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised:
        fed(text("a"), orjson.dumps({"error": error}))
    assert type(raised.value) is kind


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("content_filter", ContentFiltered), ("insufficient_system_resource", Overloaded)],
)
def test_a_finish_that_breaks_off_is_an_error(reason: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        fed(text("a"), event(finish=reason))


def test_its_state_shows() -> None:
    assert repr(fed(text("a"))) == (
        "Assembly('main', finished=False, marked=False, tool_calls=0, invalid_events=0)"
    )


@pytest.mark.parametrize("wrong", [["a"], 5, True, 0.5])
def test_streamed_arguments_that_are_no_object_stay_json(wrong: Any) -> None:
    fragment = call(0, "t", wrong, "1")
    chunk = fed(event({"tool_calls": [fragment]}, "tool_calls"), DONE).end()
    assert orjson.loads(chunk.tool_calls[0].arguments_json) == wrong
