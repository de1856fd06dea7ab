"""One test for each peculiarity, against a server that insists on it where there is one."""

from typing import Any

import pytest

from gateway.adapters.litellm import LitellmProvider
from gateway.adapters.litellm.quirks import FAMILIES, family_of, json_mode_of
from gateway.core.model import Usage
from gateway.core.options import JsonMode, Quirks, Transport
from tests.adapters.litellm.samples import PATIENT_S, SCHEMA, deployment, prompt, streamed
from tests.faults import FaultServer

pytestmark = pytest.mark.anyio

BOTH = pytest.mark.parametrize("transport", list(Transport))


def sent(faults: FaultServer) -> dict[str, Any]:
    body: dict[str, Any] = faults.seen()[-1].body
    return body


@BOTH
async def test_qwen_thinks_only_when_streaming_text(
    faults: FaultServer, provider: LitellmProvider, transport: Transport
) -> None:
    qwen = deployment("thinking-enforced", faults.url, provider="dashscope", transport=transport)
    await provider.complete(qwen, prompt(), PATIENT_S)
    assert sent(faults)["enable_thinking"] is False
    await streamed(provider, qwen, prompt())
    assert "enable_thinking" not in sent(faults)
    await streamed(provider, qwen, prompt(json_schema=SCHEMA))
    assert sent(faults)["enable_thinking"] is False


@BOTH
async def test_deepseek_gets_json_mode_with_the_word_json_and_no_schema_field(
    faults: FaultServer, provider: LitellmProvider, transport: Transport
) -> None:
    deepseek = deployment("like-deepseek", faults.url, provider="deepseek", transport=transport)
    reply = await provider.complete(deepseek, prompt(json_schema=SCHEMA), PATIENT_S)
    assert "wireless earbuds" in reply.text
    assert sent(faults)["response_format"] == {"type": "json_object"}
    assert '"keywords"' in sent(faults)["messages"][0]["content"]


@BOTH
async def test_reasoning_of_deepseek_never_reaches_the_text(
    faults: FaultServer, provider: LitellmProvider, transport: Transport
) -> None:
    plain = deployment("ok", faults.url, provider="deepseek", transport=transport)
    reasons = deployment(
        "reasoning-5", faults.url, provider="deepseek", transport=transport, name="r"
    )
    answer = await provider.complete(plain, prompt(), PATIENT_S)
    assert (await provider.complete(reasons, prompt(), PATIENT_S)).text == answer.text
    assert (await streamed(provider, reasons, prompt())).text == answer.text


@BOTH
async def test_openai_gets_the_schema_and_strict_only_where_the_schema_allows(
    faults: FaultServer, provider: LitellmProvider, transport: Transport
) -> None:
    # an address of OpenAI's own cannot be served here, so the table's row is asked for by name
    openai = deployment(
        "ok-json",
        faults.url,
        transport=transport,
        quirks=Quirks(json_mode=FAMILIES["openai"].json_mode),
    )
    await provider.complete(openai, prompt(json_schema=SCHEMA), PATIENT_S)
    named = {"name": "answer", "schema": SCHEMA, "strict": True}
    assert sent(faults)["response_format"] == {"type": "json_schema", "json_schema": named}
    loose = {"type": "object", "properties": {"a": {"type": "string"}}}
    await provider.complete(openai, prompt(json_schema=loose), PATIENT_S)
    assert sent(faults)["response_format"]["json_schema"]["strict"] is False


@BOTH
async def test_a_provider_without_json_mode_is_told_in_the_prompt(
    faults: FaultServer, provider: LitellmProvider, transport: Transport
) -> None:
    plain = deployment(
        "ok-json", faults.url, transport=transport, quirks=Quirks(json_mode=JsonMode.PROMPT)
    )
    await provider.complete(plain, prompt(json_schema=SCHEMA), PATIENT_S)
    assert "response_format" not in sent(faults)
    assert "JSON" in sent(faults)["messages"][0]["content"]


@BOTH
async def test_fields_of_the_deployment_win_over_the_family(
    faults: FaultServer, provider: LitellmProvider, transport: Transport
) -> None:
    quirks = Quirks(extra_body={"enable_thinking": True, "thinking_budget": 50})
    qwen = deployment("ok", faults.url, provider="dashscope", transport=transport, quirks=quirks)
    await provider.complete(qwen, prompt(), PATIENT_S)
    assert sent(faults)["enable_thinking"] is True
    assert sent(faults)["thinking_budget"] == 50


@BOTH
@pytest.mark.parametrize(
    ("model", "usage"),
    [
        ("usage-none", Usage()),
        ("usage-zero", Usage()),
        ("usage-every", Usage(120, 0, 60)),
        ("usage-last", Usage(120, 0, 60)),
        ("usage-finish", Usage(120, 0, 60)),
    ],
)
async def test_usage_is_found_wherever_a_stream_carries_it(
    faults: FaultServer, provider: LitellmProvider, transport: Transport, model: str, usage: Usage
) -> None:
    of = deployment(model, faults.url, transport=transport)
    assert ((await streamed(provider, of, prompt())).usage or Usage()) == usage


async def test_models_that_refuse_a_temperature_get_none(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    faults.script("gpt-5-mini", ["ok"])
    for transport in Transport:
        gpt5 = deployment("gpt-5-mini", faults.url, transport=transport, name=transport)
        await provider.complete(gpt5, prompt(temperature=0.2), PATIENT_S)
        assert "temperature" not in sent(faults)
        assert sent(faults)["max_completion_tokens"] == 200
        assert "max_tokens" not in sent(faults)


@pytest.mark.parametrize(
    ("provider_name", "url", "mode"),
    [
        ("openai", "", JsonMode.SCHEMA),
        ("openai", "https://eu.api.openai.com/v1", JsonMode.SCHEMA),
        ("openai", "http://vllm:8000/v1", JsonMode.OBJECT),
        ("openai", "https://openai.com.evil.test/v1", JsonMode.OBJECT),
        ("deepseek", "", JsonMode.OBJECT),
        ("dashscope", "", JsonMode.OBJECT),
        ("qwencloud", "", JsonMode.OBJECT),
        ("hosted_vllm", "http://vllm:8000/v1", JsonMode.SCHEMA),
        ("ours", "http://box:8000/v1", JsonMode.PROMPT),
    ],
)
def test_the_capability_table(provider_name: str, url: str, mode: JsonMode) -> None:
    assert json_mode_of(deployment(provider=provider_name, url=url)) is mode


def test_deepseek_is_not_asked_at_its_beta_address() -> None:
    assert family_of(deployment(provider="deepseek")).base_url == "https://api.deepseek.com"
