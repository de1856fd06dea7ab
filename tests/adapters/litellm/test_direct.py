"""The direct transport on real sockets: bounds, ends, cancellation, TLS."""

import asyncio
import gc
import resource
import ssl

import pytest

from gateway.adapters.litellm import LitellmProvider, Loader
from gateway.core.errors import (
    ConnectFailed,
    ConnectionLost,
    ModelNotFound,
    OutputInvalid,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    ServerError,
    StreamTruncated,
)
from gateway.core.model import Finish
from gateway.core.options import ConcurrencyOptions, Secret, Timeouts
from tests.adapters.litellm.samples import KEY, PATIENT_S, deployment, prompt, streamed
from tests.faults import TEXT, TEXT_ZH, FaultServer, Options

pytestmark = pytest.mark.anyio


# ---- whole answers, however they are sent


@pytest.mark.parametrize(
    "model",
    [
        *("ok", "crlf", "no-space", "comments", "pings", "split-70", "no-end", "no-finish"),
        *("length-long", "until-close", "content-type", "usage-none", "chunked"),
        "badjson-extra-10+usage-last",
    ],
)
async def test_a_whole_stream_is_a_whole_answer(
    faults: FaultServer, provider: LitellmProvider, model: str
) -> None:
    reply = await streamed(provider, deployment(model, faults.url), prompt())
    assert (reply.text, reply.finish) == (TEXT, Finish.STOP)
    assert [chunk.finish for chunk in reply.chunks[:-1]] == [None] * (len(reply.chunks) - 1)


async def test_characters_cut_by_the_network_are_never_broken(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    reply = await streamed(provider, deployment("ok-zh+split", faults.url), prompt())
    assert reply.text == TEXT_ZH


async def test_a_stream_left_open_after_its_finish_ends_promptly_with_its_usage(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    held = deployment("no-end-open-600+usage-last", faults.url)
    async with asyncio.timeout(8):
        reply = await streamed(provider, held, prompt())
    assert reply.text == TEXT
    assert reply.usage is not None
    assert reply.usage.output_tokens == 60


async def test_a_stream_left_open_after_its_finish_does_not_use_up_a_short_deadline(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    held = deployment("no-end-open-600", faults.url)
    await provider.complete(held, prompt(), PATIENT_S)
    assert (await streamed(provider, held, prompt(), timeout_s=0.5)).text == TEXT


async def test_the_reported_model_is_the_one_that_answered(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    other = deployment("other-model", faults.url)
    assert (await provider.complete(other, prompt(), PATIENT_S)).model == "some-other-model-2024"
    assert (await streamed(provider, other, prompt())).model == "some-other-model-2024"


async def test_a_server_that_ignores_streaming_is_understood(provider: LitellmProvider) -> None:
    body = b'{"model":"m","choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reply = await streamed(provider, deployment(url=f"http://127.0.0.1:{port}"), prompt())
    assert (reply.text, reply.finish) == ("Hello", Finish.STOP)


# ---- broken answers


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("cut-40", ConnectionLost),
        ("cut-40-event", ConnectionLost),
        ("cut-40-reset", ConnectionLost),
        ("cut-40-clean", StreamTruncated),
        ("reset", ConnectionLost),
        ("reset-headers", ConnectionLost),
        ("close", ConnectionLost),
        ("badjson-10+usage-last", OutputInvalid),
        ("midstream-error-20", ServerError),
        ("error-200", ServerError),
        ("not-json", OutputInvalid),
        ("empty-body", OutputInvalid),
        ("empty-choices", OutputInvalid),
        ("null-content", OutputInvalid),
        ("empty-text", OutputInvalid),
        ("redirect-307", ModelNotFound),
        ("no-such-behaviour", ModelNotFound),
    ],
)
async def test_a_broken_stream_is_never_a_success(
    faults: FaultServer, provider: LitellmProvider, model: str, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as raised:
        await streamed(provider, deployment(model, faults.url), prompt())
    assert type(raised.value) is kind
    assert faults.count(model) <= 1


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("cut-40", ConnectionLost),
        ("length-long", ConnectionLost),
        ("length-short", ConnectionLost),
        ("cut-40-clean", OutputInvalid),
        ("badjson-10", OutputInvalid),
        ("not-json", OutputInvalid),
        ("empty-body", OutputInvalid),
        ("empty-choices", OutputInvalid),
        ("null-content", OutputInvalid),
        ("error-200", ServerError),
        ("redirect-307", ModelNotFound),
    ],
)
async def test_a_broken_unary_reply_is_never_a_success(
    faults: FaultServer, provider: LitellmProvider, model: str, kind: type[ProviderError]
) -> None:
    with pytest.raises(ProviderError) as raised:
        await provider.complete(deployment(model, faults.url), prompt(), PATIENT_S)
    assert type(raised.value) is kind
    assert faults.count(model) == 1


async def test_a_redirect_is_not_followed(faults: FaultServer, provider: LitellmProvider) -> None:
    with pytest.raises(ModelNotFound):
        await provider.complete(deployment("redirect-307", faults.url), prompt(), PATIENT_S)
    assert all("_elsewhere" not in seen.path for seen in faults.seen())


async def test_a_dead_port_is_a_failed_connection(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    await faults.go_down()
    with pytest.raises(ConnectFailed):
        await provider.complete(deployment("ok", faults.url), prompt(), PATIENT_S)


async def test_an_unknown_host_is_a_failed_connection(provider: LitellmProvider) -> None:
    with pytest.raises(ConnectFailed):
        await provider.complete(deployment(url="http://nowhere.invalid/v1"), prompt(), PATIENT_S)


@pytest.mark.parametrize("url", ["not a url", "http://", "http://h:port/v1", "ftp://h/v1"])
async def test_a_useless_address_is_a_failed_connection(
    provider: LitellmProvider, url: str
) -> None:
    with pytest.raises(ConnectFailed):
        await provider.complete(deployment(url=url), prompt(), PATIENT_S)


async def test_silence_is_a_timeout_of_the_provider(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    warm = deployment("silent", faults.url)
    with pytest.raises(ProviderTimeout):
        await provider.complete(warm, prompt(), 0.3 if await ready(provider, faults) else 0)
    await faults.until_over("silent")


async def ready(provider: LitellmProvider, faults: FaultServer) -> bool:
    """LiteLLM is loaded, so that short times are the provider's."""
    await provider.complete(deployment("ok@warm", faults.url, name="warm"), prompt(), PATIENT_S)
    return True


async def test_retry_after_comes_with_the_error(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    limited = deployment("status-429-retry_ms-1500", faults.url)
    with pytest.raises(RateLimited) as raised:
        await provider.complete(limited, prompt(), PATIENT_S)
    assert raised.value.retry_after_s == 1.5


# ---- bounds


@pytest.mark.parametrize("model", ["huge-100", "gzip-bomb-100", "endless"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_reply_without_end_is_refused_without_eating_memory(
    faults: FaultServer, provider: LitellmProvider, model: str, stream: bool
) -> None:
    await ready(provider, faults)
    gc.collect()
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    of = deployment(model, faults.url)
    if stream and model == "endless":
        async with provider.stream(of, prompt(), PATIENT_S) as chunks:
            async for _ in chunks:  # text that never ends is for its reader to leave
                break
    else:
        with pytest.raises(OutputInvalid, match="longer than"):
            await (
                streamed(provider, of, prompt())
                if stream
                else provider.complete(of, prompt(), PATIENT_S)
            )
    await faults.until_over(model)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    assert grown_kb < 48 * 1024  # the fault server lives in this process, too


async def test_connections_are_kept_and_bounded(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    two = ConcurrencyOptions(maximum=2, minimum=1)
    of = deployment("pace-0.001", faults.url, concurrency=two)
    await asyncio.gather(*(provider.complete(of, prompt(), PATIENT_S) for _ in range(10)))
    await asyncio.gather(*(streamed(provider, of, prompt()) for _ in range(10)))
    assert faults.open_connections == 2


# ---- leaving


async def test_cancelling_a_call_closes_its_connection_at_once(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    call = asyncio.create_task(
        provider.complete(deployment("silent", faults.url), prompt(), PATIENT_S)
    )
    await faults.until_seen("silent", within_s=PATIENT_S)
    call.cancel()
    (seen,) = await faults.until_over("silent")
    assert seen.hung_up_s is not None


async def test_leaving_a_stream_closes_its_connection_at_once(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    endless = deployment("endless", faults.url)
    async with provider.stream(endless, prompt(), PATIENT_S) as chunks:
        async for chunk in chunks:
            assert chunk.text
            break
    (seen,) = await faults.until_over("endless")
    assert seen.hung_up_s is not None
    assert faults.open_connections == 0


async def test_cancelling_inside_a_stream_closes_its_connection_at_once(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    reading = asyncio.create_task(streamed(provider, deployment("hang-20", faults.url), prompt()))
    await faults.until_seen("hang-20", within_s=PATIENT_S)
    reading.cancel()
    (seen,) = await faults.until_over("hang-20")
    assert seen.hung_up_s is not None


async def test_an_error_of_the_reader_is_not_taken_for_the_providers(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    with pytest.raises(TimeoutError, match="mine"):
        async with provider.stream(deployment("ok", faults.url), prompt(), PATIENT_S):
            raise TimeoutError("mine")


async def test_closing_the_provider_closes_every_connection(
    loader: Loader, faults: FaultServer
) -> None:
    provider = LitellmProvider(loader)
    await provider.complete(deployment("ok", faults.url), prompt(), PATIENT_S)
    assert faults.open_connections == 1
    await provider.aclose()
    await faults.log.until(lambda: faults.open_connections == 0, 5)


# ---- secrets and trust


@pytest.mark.parametrize("model", ["status-401", "status-500", "cut-40", "not-json", "context"])
async def test_no_error_text_holds_the_key_the_prompt_or_the_providers_words(
    faults: FaultServer, provider: LitellmProvider, model: str
) -> None:
    of = deployment(model, faults.url)
    with pytest.raises(ProviderError) as raised:
        await provider.complete(of, prompt("Mrs Li, 138 0013 8000"), PATIENT_S)
    said = str(raised.value)
    assert "main" in said
    for hidden in (KEY, KEY[-8:], "Mrs Li", "Incorrect API key", "maximum context", "html"):
        assert hidden not in said


async def test_the_key_is_sent_and_no_key_sends_none(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    await provider.complete(deployment("ok", faults.url), prompt(), PATIENT_S)
    await provider.complete(
        deployment("ok@open", faults.url, api_key=Secret(""), name="open"), prompt(), PATIENT_S
    )
    with_key, without = faults.seen()
    assert "authorization" in with_key.headers
    assert "authorization" not in without.headers


async def test_a_certificate_nobody_vouches_for_is_refused(provider: LitellmProvider) -> None:
    async with FaultServer(Options(tls=True)) as faults:
        with pytest.raises(ConnectFailed):
            await provider.complete(deployment("ok", faults.url), prompt(), PATIENT_S)
        assert faults.seen() == []


async def test_a_trusted_certificate_is_taken(loader: Loader) -> None:
    async with FaultServer(Options(tls=True)) as faults:
        tls = ssl.create_default_context(cafile=str(faults.certificate))
        provider = LitellmProvider(loader, tls)
        reply = await provider.complete(deployment("ok", faults.url), prompt(), PATIENT_S)
        await provider.aclose()
        assert reply.text == TEXT


async def test_a_server_that_accepts_and_never_shakes_hands_is_a_failed_connection(
    provider: LitellmProvider, faults: FaultServer
) -> None:
    await ready(provider, faults)

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(ignore, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        of = deployment(url=f"https://127.0.0.1:{port}", timeouts=Timeouts(connect_s=0.2))
        with pytest.raises(ConnectFailed):
            await provider.complete(of, prompt(), PATIENT_S)
