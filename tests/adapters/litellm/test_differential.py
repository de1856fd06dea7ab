"""The same requests both ways: the same bytes upstream and the same result back.

Where the two differ, LiteLLM is worse, and `DIFFERENCES` says why; both outcomes are held there.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import orjson
import pytest

from gateway.adapters.litellm import LitellmProvider
from gateway.core.model import Message, Prompt, Role, ToolCall
from gateway.core.options import JsonMode, Quirks, Transport
from tests.adapters.litellm.samples import (
    PATIENT_S,
    SCHEMA,
    TOOLS,
    deployment,
    outcome,
    prompt,
)
from tests.faults import FaultServer

pytestmark = pytest.mark.anyio

PROVIDERS = ("openai", "deepseek", "dashscope", "hosted_vllm", "moonshot", "ours")

HISTORY = (
    Message(Role.SYSTEM, 'You help. 您好 \U0001f600 "quotes" \\ \u2028'),
    Message(Role.USER, "Where is 1001?"),
    Message(Role.ASSISTANT, "", (ToolCall("a", "order", '{"id":1001}'),)),
    Message(Role.TOOL, "in Rotterdam", tool_call_id="a"),
    Message(Role.ASSISTANT, "It is in Rotterdam."),
    Message(Role.USER, "And 1002?"),
)

REQUESTS: dict[str, Prompt] = {
    "plain": prompt(),
    "sampled": prompt(temperature=0.7, max_output_tokens=17),
    "cold": prompt(temperature=0.0),
    "json": prompt(json_schema=SCHEMA),
    "json, sampled": prompt(json_schema=SCHEMA, temperature=0.3),
    "tools": prompt(tools=TOOLS),
    "tools and json": prompt(tools=TOOLS, json_schema=SCHEMA),
    "history": Prompt(messages=HISTORY, max_output_tokens=99, tools=TOOLS),
    "history without tools": Prompt(messages=HISTORY, max_output_tokens=99),
    "no system message": Prompt(messages=HISTORY[1:2], max_output_tokens=9, json_schema=SCHEMA),
}

QUIRKS = {
    "": Quirks(),
    "schema": Quirks(json_mode=JsonMode.SCHEMA),
    "prompt": Quirks(json_mode=JsonMode.PROMPT),
    "extra": Quirks(extra_body={"enable_thinking": True, "top_k": 5, "seed": 7}),
}

REPLIES = """
    ok ok-zh reasoning-5 tool-call tool-call-2 tool-call-badargs usage-none usage-zero
    usage-every usage-last usage-finish finish-length finish-content_filter crlf split no-space
    chunked until-close no-end dup-5 swap-5 null-content empty-text cut-40-reset reset-headers
    status-400 status-401 status-402 status-403 status-404 status-408 status-409 status-413
    status-422 status-429 status-500 status-502-html status-503-empty status-529
    status-429-retry-2 status-429-retry_ms-1500
    context context-deepseek context-dashscope content-filter content-filter-azure
    content-filter-deepseek content-filter-dashscope quota quota-deepseek quota-dashscope
    midstream-error-20 thinking-enforced like-qwen like-deepseek
"""

DIFFERENCES: dict[tuple[str, bool], str] = {
    ("finish-insufficient_system_resource", False): "taken for a good end",
    ("finish-insufficient_system_resource", True): "taken for a good end",
    ("other-model", True): "the reported model is replaced by the one asked for",
    ("badjson-extra-10+usage-last", True): "openai's client gives up at an event that is no JSON",
    ("no-finish", True): "the end marker is not seen through it, so the answer counts as cut",
    ("empty-choices", True): "told as a cut stream, not as an empty answer",
    ("not-json", True): "told as a cut stream, not as no stream",
    ("error-200", True): "the error is not read: told as a cut stream",
    ("status-504", False): "told as a timeout",
    ("huge-8", False): "a reply of any size is taken",
    ("gzip-bomb-8", False): "and unpacked",
}
"""What the LiteLLM transport does otherwise, by model of the fault server and `stream`."""


def pair(model: str, url: str, **options: Any) -> Iterator[Any]:
    for transport in Transport:
        yield deployment(model, url, transport=transport, **options)


def canonical(body: Any) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("stream", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize("name", PROVIDERS)
async def test_the_same_request_goes_upstream_both_ways(
    faults: FaultServer, provider: LitellmProvider, name: str, stream: bool
) -> None:
    for (what, asked), (quirk, quirks) in product(REQUESTS.items(), QUIRKS.items()):
        model = f"ok@{what}{quirk}".replace(" ", "")
        for of in pair(model, faults.url, provider=name, quirks=quirks, name=f"{name}{quirk}"):
            await outcome(provider, of, asked, stream=stream, timeout_s=PATIENT_S)
        one, other = faults.seen(model)
        assert canonical(one.body) == canonical(other.body), f"{name}, {what}, {quirk}"
        assert one.path == other.path


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-5-mini", "gpt-4.1", "o3", "o4-mini"])
async def test_models_with_parameters_of_their_own_are_asked_the_same_both_ways(
    faults: FaultServer, provider: LitellmProvider, model: str
) -> None:
    faults.script(model, ["ok"])
    for asked, stream in product(REQUESTS.values(), (False, True)):
        for of in pair(model, faults.url):
            await outcome(provider, of, asked, stream=stream, timeout_s=PATIENT_S)
        one, other = faults.seen(model)[-2:]
        assert canonical(one.body) == canonical(other.body)


@pytest.mark.parametrize("stream", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize("name", ["openai", "deepseek", "dashscope"])
async def test_the_same_result_comes_back_both_ways(
    faults: FaultServer, provider: LitellmProvider, name: str, stream: bool
) -> None:
    for model in REPLIES.split():
        asked = prompt(tools=TOOLS) if model.startswith("tool") else prompt()
        direct, library = [
            await outcome(provider, of, asked, stream=stream, timeout_s=PATIENT_S)
            for of in pair(model, faults.url, provider=name)
        ]
        assert direct == library, f"{name}, {model}"


@pytest.mark.parametrize(("model", "stream"), DIFFERENCES)
async def test_known_differences_are_still_there(
    faults: FaultServer, provider: LitellmProvider, model: str, stream: bool
) -> None:
    direct, library = [
        await outcome(provider, of, prompt(), stream=stream, timeout_s=PATIENT_S)
        for of in pair(model, faults.url)
    ]
    assert direct != library, "they agree now: move this to REPLIES"
