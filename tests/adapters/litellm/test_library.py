"""The LiteLLM transport: one call upstream per call, nothing of its own on top."""

import asyncio
import logging

import pytest

from gateway.adapters.litellm import LitellmProvider
from gateway.adapters.litellm.library import _sound
from gateway.core.errors import (
    ConnectionLost,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RequestRejected,
    ServerError,
    StreamTruncated,
)
from gateway.core.options import Secret
from tests.adapters.litellm.samples import KEY, PATIENT_S, library, prompt, streamed
from tests.faults import FaultServer

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["openai", "deepseek"])
@pytest.mark.parametrize(
    ("model", "kind"),
    [("status-500", ServerError), ("status-429", RateLimited), ("status-422", RequestRejected)],
)
async def test_it_makes_no_hidden_second_call(
    faults: FaultServer,
    provider: LitellmProvider,
    name: str,
    model: str,
    kind: type[ProviderError],
) -> None:
    of = library(model, faults.url, provider=name)
    with pytest.raises(kind):
        await provider.complete(of, prompt(), PATIENT_S)
    with pytest.raises(kind):
        await streamed(provider, of, prompt())
    assert faults.count(model) == 2


@pytest.mark.parametrize("model", ["cut-40-clean", "cut-40", "cut-40-reset"])
@pytest.mark.parametrize("name", ["openai", "deepseek"])
async def test_a_cut_stream_is_not_passed_off_as_whole(
    faults: FaultServer, provider: LitellmProvider, name: str, model: str
) -> None:
    with pytest.raises((StreamTruncated, ConnectionLost)):
        await streamed(provider, library(model, faults.url, provider=name), prompt())


async def test_silence_is_cut_in_time(faults: FaultServer, provider: LitellmProvider) -> None:
    of = library("ok-then-silent", faults.url)
    await provider.complete(of, prompt(), PATIENT_S)
    with pytest.raises(ProviderTimeout):
        await provider.complete(of, prompt(), 0.5)
    await faults.until_over("ok-then-silent")


@pytest.mark.parametrize("name", ["openai", "deepseek"])
async def test_leaving_a_stream_closes_its_connection(
    faults: FaultServer, provider: LitellmProvider, name: str
) -> None:
    async with provider.stream(
        library("hang-20", faults.url, provider=name), prompt(), PATIENT_S
    ) as chunks:
        async for _ in chunks:
            break
    (seen,) = await faults.until_over("hang-20")
    assert seen.hung_up_s is not None


async def test_cancelling_a_call_closes_its_connection(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    call = asyncio.create_task(
        provider.complete(library("silent", faults.url), prompt(), PATIENT_S)
    )
    await faults.until_seen("silent", within_s=PATIENT_S)
    call.cancel()
    (seen,) = await faults.until_over("silent")
    assert seen.hung_up_s is not None


async def test_a_deployment_without_a_key_never_sends_one_of_the_environment(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    of = library("ok", faults.url, api_key=Secret(""))
    assert (await provider.complete(of, prompt(), PATIENT_S)).text


async def test_nothing_is_logged_and_no_error_text_holds_what_was_said(
    faults: FaultServer,
    provider: LitellmProvider,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    for model in ("status-401", "context", "not-json"):
        with pytest.raises(ProviderError) as raised:
            await provider.complete(library(model, faults.url), prompt("Mrs Li"), PATIENT_S)
        assert "main" in str(raised.value)
        printed = capfd.readouterr()
        for said in (str(raised.value), caplog.text, printed.out, printed.err):
            for hidden in (KEY, "Mrs Li", "Incorrect API key", "maximum context"):
                assert hidden not in said


def test_half_a_character_of_its_reader_is_replaced_and_whole_ones_stay() -> None:
    body = {"choices": [{"message": {"content": "so \ud83d \U0001f600 三", "n": 1}}]}
    sound = {"choices": [{"message": {"content": "so ? \U0001f600 三", "n": 1}}]}
    assert _sound(body) == sound
