"""Replies whose content is odd: shapes, usage, tool calls, and the healthy ones."""

from dataclasses import replace
from typing import Any

import orjson

from tests.faults.answer import KEYWORDS, TEXT_ZH, ToolCall, tokens_of
from tests.faults.catalogue import Arguments, behaviour
from tests.faults.draft import Call, Draft
from tests.faults.refusals import json_schema_refused, json_word, thinking_enforced


@behaviour("ok")
def ok(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The answer as it is."""
    return draft


@behaviour("ok-json")
def ok_json(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Keywords as JSON, asked for or not."""
    return draft.saying(tokens=tokens_of(orjson.dumps(KEYWORDS).decode()))


@behaviour("ok-zh")
def ok_zh(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A Chinese answer."""
    return draft.saying(tokens=tokens_of(TEXT_ZH))


@behaviour("ok-echo", reads_call=True)
def ok_echo(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The caller's last message."""
    last = str(call.messages[-1].get("content", "")) if call.messages else ""
    return draft.saying(tokens=tokens_of(last))


@behaviour("tokens")
def tokens(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """An answer of so many tokens; no figures, for the gateway holds those back until checked."""
    return draft.saying(tokens=tuple(f" w{_letters(n)}" for n in range(arguments.whole(0, 60))))


def _letters(number: int) -> str:
    """A number in letters."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@behaviour("reasoning")
def reasoning(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """DeepSeek and Qwen: `reasoning_content` before the content."""
    return draft.saying(reasoning=tuple(f" why{n}" for n in range(1, arguments.whole(0, 5) + 1)))


@behaviour("like-deepseek", reads_call=True)
def like_deepseek(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Its checks and its reasoning."""
    checked = json_word(json_schema_refused(draft, call, arguments), call, arguments)
    return checked if checked.refused else reasoning(checked, call, arguments)


@behaviour("like-qwen", reads_call=True)
def like_qwen(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Its checks."""
    checked = thinking_enforced(draft, call, arguments)
    return checked if checked.refused else json_word(checked, call, arguments)


@behaviour("empty-choices")
def empty_choices(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """`choices: []`, in every event of a stream too."""
    return draft.saying(content="no-choices")


@behaviour("null-content")
def null_content(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """`content: null` and nothing else said."""
    return draft.saying(content="null")


@behaviour("empty-text")
def empty_text(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """An answer of no characters."""
    return draft.saying(tokens=())


@behaviour("other-model")
def other_model(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The reply says that another model made it."""
    return draft.saying(model="some-other-model-2024")


@behaviour("usage", "none zero every last finish")
def usage(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Where the usage is, or is not."""
    when = arguments.one_of("none", "zero", "every", "last", "finish") or "asked"
    return draft.saying(usage_when=when)


@behaviour("finish", "length content_filter insufficient_system_resource")
def finish(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """A finish reason other than `stop`."""
    words = ("length", "content_filter", "insufficient_system_resource")
    return draft.saying(finish=arguments.one_of(*words) or "stop")


@behaviour("no-finish")
def no_finish(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """`[DONE]` comes, a finish reason never did."""
    return draft.saying(finish=None)


@behaviour("no-end")
def no_end(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The stream is complete and closed, without `[DONE]`."""
    return draft.saying(end_marker=False)


@behaviour("content-type")
def content_type(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """The right body under the wrong content type."""
    return replace(draft, content_type="text/html; charset=utf-8")


@behaviour("not-json")
def not_json(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Status 200 and a web page, as a captive proxy sends."""
    return draft.fixed(200, b"<html><body>Please sign in</body></html>", "text/html")


@behaviour("empty-body")
def empty_body(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Status 200 and no body."""
    return draft.fixed(200, b"")


@behaviour("tool-call", "badargs", reads_call=True)
def tool_call(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """Call the first tools offered; plain text once a tool's result is in the conversation."""
    if draft.answer.tool_calls:  # scripted
        return draft
    if any(message.get("role") == "tool" for message in call.messages):
        return draft
    offered = call.body.get("tools")
    functions = [tool["function"] for tool in offered] if isinstance(offered, list) else []
    wanted = functions[: arguments.whole(0, 1)]
    cut = -2 if arguments.one_of("badargs") else None
    calls = tuple(ToolCall(str(f.get("name")), _filled(f)[:cut]) for f in wanted)
    return draft.saying(tool_calls=calls)


def _filled(function: dict[str, Any]) -> str:
    """Arguments that fit the tool's schema: every property, with a sample value of its type."""
    samples = {"integer": 1, "number": 1.5, "boolean": True, "array": [], "object": {}}
    properties = function.get("parameters", {}).get("properties", {})
    values = {
        name: schema.get("enum", [samples.get(schema.get("type"), "1001")])[0]
        for name, schema in properties.items()
    }
    return orjson.dumps(values).decode()


@behaviour("chaos", "replies")
def chaos(draft: Draft, call: Call, arguments: Arguments) -> Draft:
    """So many calls in a hundred get a fault drawn at random; the script's player draws it."""
    return draft
