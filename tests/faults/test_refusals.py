"""Statuses, headers, and errors in the words of each vendor."""

from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.faults import FaultServer
from tests.faults.caller import Caller, Got
from tests.faults.log import REDACTED, now_s

pytestmark = pytest.mark.anyio

JSON_MODE: dict[str, Any] = {"response_format": {"type": "json_object"}}
SCHEMA_MODE: dict[str, Any] = {
    "response_format": {"type": "json_schema", "json_schema": {"name": "k"}}
}
SAYING_JSON: dict[str, Any] = {"messages": [{"role": "user", "content": "Answer in JSON."}]}
PREFILL: dict[str, Any] = {"messages": [{"role": "user"}, {"role": "assistant", "content": "The"}]}


def _code(got: Got) -> tuple[int, Any]:
    return got.status, got.json["error"]["code"]


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 422, 429, 500, 502, 503, 529])
@pytest.mark.parametrize("stream", [False, True])
async def test_any_status_can_be_asked_for(status: int, stream: bool, caller: Caller) -> None:
    got = await caller.call(f"status-{status}", stream=stream)
    assert got.status == status
    assert got.json["error"]["message"]
    assert "retry-after" not in got.headers


async def test_retry_after_comes_as_seconds_milliseconds_or_a_date(caller: Caller) -> None:
    assert (await caller.call("status-429-retry-2")).headers["retry-after"] == "2"
    assert (await caller.call("status-503-retry_ms-1500")).headers["retry-after-ms"] == "1500"
    date = (await caller.call("status-429-retry_date-3600")).headers["retry-after"]
    assert parsedate_to_datetime(date).timestamp() > now_s()


async def test_a_status_may_come_with_a_page_or_nothing(caller: Caller) -> None:
    assert b"<html>" in (await caller.call("status-502-html")).body
    assert (await caller.call("status-503-empty")).body == b""


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("context", 400, "context_length_exceeded"),
        ("context-deepseek", 400, "invalid_request_error"),
        ("context-dashscope", 400, "invalid_parameter_error"),
        ("content-filter", 400, "content_policy_violation"),
        ("content-filter-azure", 400, "content_filter"),
        ("content-filter-deepseek", 400, "invalid_request_error"),
        ("content-filter-dashscope", 400, "data_inspection_failed"),
        ("quota", 429, "insufficient_quota"),
        ("quota-deepseek", 402, "invalid_request_error"),
        ("quota-dashscope", 400, "Arrearage"),
        ("status-401", 401, "invalid_api_key"),
        ("status-401-deepseek", 401, "invalid_request_error"),
    ],
)
async def test_each_vendor_has_its_own_code(
    name: str, status: int, code: str, caller: Caller
) -> None:
    assert _code(await caller.call(name)) == (status, code)


async def test_the_vendors_messages_differ(caller: Caller) -> None:
    for kind in ("context", "content-filter", "quota"):
        names = [f"{kind}-{vendor}" for vendor in ("openai", "deepseek", "dashscope")]
        said = {(await caller.call(name)).json["error"]["message"] for name in names}
        assert len(said) == 3


async def test_dashscope_adds_a_request_id(caller: Caller) -> None:
    assert "request_id" in (await caller.call("context-dashscope")).json


async def test_a_prefill_is_refused_and_a_question_is_not(caller: Caller) -> None:
    assert (await caller.call("prefill-refused", **PREFILL)).status == 400
    assert (await caller.call("prefill-refused", stream=True)).status == 200


@pytest.mark.parametrize("name", ["thinking-enforced", "like-qwen"])
async def test_thinking_must_be_switched_off_for_unary_calls_only(
    name: str, caller: Caller
) -> None:
    assert _code(await caller.call(name)) == (400, "invalid_parameter_error")
    assert (await caller.call(name, enable_thinking=True)).status == 400
    assert (await caller.call(name, enable_thinking=False)).status == 200
    assert (await caller.call(name, stream=True)).status == 200


@pytest.mark.parametrize("name", ["json-schema-refused", "like-deepseek"])
async def test_json_schema_is_refused_and_json_mode_is_not(name: str, caller: Caller) -> None:
    assert (await caller.call(name, **SCHEMA_MODE)).status == 400
    assert (await caller.call(name, **JSON_MODE, **SAYING_JSON)).status == 200


@pytest.mark.parametrize("name", ["json-word", "like-deepseek", "like-qwen"])
async def test_json_mode_wants_the_word_in_a_message(name: str, caller: Caller) -> None:
    extra = {"enable_thinking": False}
    assert (await caller.call(name, **JSON_MODE, **extra)).status == 400
    assert (await caller.call(name, **JSON_MODE, **SAYING_JSON, **extra)).status == 200
    assert (await caller.call(name, **extra)).status == 200


async def test_a_refusal_is_not_touched_by_later_behaviours(caller: Caller) -> None:
    got = await caller.call("prefill-refused+cut-40", stream=True, **PREFILL)
    assert (got.status, got.error) == (400, None)


async def test_an_error_may_come_with_status_200(caller: Caller) -> None:
    assert _code(await caller.call("error-200", stream=True)) == (200, "server_error")


async def test_a_redirect_leads_to_another_host_and_the_log_tells_who_followed(
    faults: FaultServer, caller: Caller
) -> None:
    got = await caller.call("redirect-307")
    there = got.headers["location"]
    assert (got.status, "//localhost:" in there) == (307, True)
    async with caller.session.post(there, json={"model": "m"}, headers={"api-key": "sk"}) as reply:
        assert reply.status == 404
    followed = faults.seen()[-1]
    assert followed.path.startswith("/_elsewhere/")
    assert followed.headers["api-key"] == REDACTED
