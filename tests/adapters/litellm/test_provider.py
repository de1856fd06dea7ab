import asyncio
import threading
from dataclasses import replace

import pytest

from gateway.adapters.litellm import LitellmProvider, Loader
from gateway.adapters.litellm.direct import DirectTransport
from gateway.adapters.litellm.library import LibraryTransport
from gateway.adapters.litellm.loading import Vendor
from gateway.core.errors import ConnectFailed, ContextTooLong, DeadlineCut, ModelNotFound
from gateway.core.options import Price, Transport
from tests.adapters.litellm.samples import PATIENT_S, deployment, prompt, streamed
from tests.faults import FaultServer

pytestmark = pytest.mark.anyio


async def test_calls_made_while_litellm_loads_are_answered_when_it_is_there(
    faults: FaultServer, loader: Loader
) -> None:
    vendor = loader.wait(PATIENT_S)
    gate = threading.Event()

    def load() -> Vendor:
        gate.wait(10)
        return vendor

    provider = LitellmProvider(Loader(load))
    provider.start_loading()
    of = deployment("ok", faults.url)
    calls = [asyncio.create_task(provider.complete(of, prompt(), PATIENT_S)) for _ in range(5)]
    with pytest.raises(DeadlineCut):
        await provider.complete(of, prompt(), 0.01)
    gate.set()
    assert all(reply.text for reply in await asyncio.gather(*calls))
    await provider.aclose()


async def test_a_call_made_while_litellm_loads_leaves_the_rules_a_fifth_of_its_time() -> None:
    class NeverThere(Loader):
        waited_s = 0.0

        async def ready(self, timeout_s: float) -> Vendor:
            self.waited_s = timeout_s
            raise DeadlineCut("still being loaded")

    loader = NeverThere()
    with pytest.raises(DeadlineCut):
        await LitellmProvider(loader).complete(deployment(), prompt(), 30.0)
    assert loader.waited_s == pytest.approx(24.0)


async def test_ready_returns_whether_the_load_went_well_or_not(loader: Loader) -> None:
    def fail() -> Vendor:
        raise ImportError("No module named 'litellm'")

    await LitellmProvider(loader).ready()
    broken = LitellmProvider(Loader(fail))
    await broken.ready()
    with pytest.raises(ConnectFailed):
        await broken.complete(deployment(), prompt(), PATIENT_S)


async def test_a_server_of_a_provider_nobody_knows_is_taken_for_openai_compatible(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    for transport in Transport:
        of = deployment("ok", faults.url, provider="our-box", transport=transport)
        assert (await provider.complete(of, prompt(), PATIENT_S)).text


@pytest.mark.parametrize("transport", list(Transport))
async def test_an_unknown_provider_without_an_address_says_what_is_missing(
    provider: LitellmProvider, transport: Transport
) -> None:
    of = deployment(provider="our-box", transport=transport)
    with pytest.raises(ModelNotFound, match="give its base_url"):
        await provider.complete(of, prompt(), PATIENT_S)


@pytest.mark.parametrize(
    ("name", "transport"),
    [
        ("openai", DirectTransport),
        ("deepseek", DirectTransport),
        ("dashscope", DirectTransport),
        ("qwencloud", DirectTransport),
        ("hosted_vllm", DirectTransport),
        ("moonshot", DirectTransport),
        ("openrouter", LibraryTransport),
        ("anthropic", LibraryTransport),
        ("gemini", LibraryTransport),
        ("bedrock", LibraryTransport),
    ],
)
async def test_direct_serves_the_chat_completion_family_and_litellm_the_others(
    provider: LitellmProvider, loader: Loader, name: str, transport: type
) -> None:
    vendor = loader.wait(PATIENT_S)
    of = deployment("some-model", "http://127.0.0.1:9/v1", provider=name)
    line = await provider._of_version(of, vendor)
    assert type(line.transport) is transport


async def test_a_reloaded_configuration_keeps_equal_deployments_connected(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    first = deployment("ok", faults.url)
    await provider.complete(first, prompt(), PATIENT_S)
    await provider.complete(replace(first), prompt(), PATIENT_S)
    assert faults.open_connections == 1


async def test_old_configurations_go_away_but_not_under_a_running_stream(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    first = deployment("pace-0.01", faults.url)
    async with provider.stream(first, prompt(), PATIENT_S) as chunks:
        for number in range(4):
            changed = replace(first, context_tokens=number + 1)
            await provider.complete(changed, prompt(), PATIENT_S)
        texts = [chunk.text async for chunk in chunks]
    assert len("".join(texts)) > 100
    for number in range(4):
        await provider.complete(replace(first, context_tokens=9 + number), prompt(), PATIENT_S)
    assert faults.open_connections <= 3


async def test_the_cost_is_told_with_the_usage(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    price = Price(input_usd_per_million=10, output_usd_per_million=100)
    for transport in Transport:
        of = deployment("ok", faults.url, price=price, transport=transport, name=transport)
        assert (await provider.complete(of, prompt(), PATIENT_S)).usage.cost_usd_micros == 7200
        reply = await streamed(provider, of, prompt())
        assert reply.usage is not None
        assert reply.usage.cost_usd_micros == 7200


async def test_a_too_long_prompt_is_tried_once(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    with pytest.raises(ContextTooLong):
        await provider.complete(deployment("context", faults.url), prompt(), PATIENT_S)
    assert faults.count("context") == 1


def test_its_state_shows() -> None:
    assert repr(LitellmProvider(Loader())) == (
        "LitellmProvider(Loader(not started), deployments=[])"
    )
