"""Traces of a real process, as a collector gets them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.e2e.collector import attributes
from tests.e2e.watched import AVA, HER_ORDER, Stage, asked, failing, stage, tour

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

PARENT = "b7ad6b7169203331"
TRACES = [f"0af7651916cd43dd8448eb211c8031{n:02x}" for n in range(3)]
QUESTION = "How long does delivery to Germany take?"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def on(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("traces")) as opened:
        yield opened


def sent(trace: str, flags: str) -> Any:
    return (("traceparent", f"00-{trace}-{PARENT}-{flags}"), ("x-request-id", f"r-{trace}"))


async def spans_of(on: Stage, trace: str, count: int) -> list[Span]:
    def own(spans: list[Span]) -> list[Span]:
        return [span for span in spans if span.trace_id.hex() == trace]

    return own(await on.collector.until(lambda spans: len(own(spans)) >= count))


async def test_the_callers_trace_goes_on_with_a_span_for_the_call_and_each_attempt(
    on: Stage,
) -> None:
    on.faults.script("main", ["status-500"])
    on.faults.script("spare", ["ok"])
    await on.stub.Chat(asked(QUESTION), timeout=60, metadata=sent(TRACES[0], "01"))
    spans = await spans_of(on, TRACES[0], 4)
    server = next(span for span in spans if span.kind == Span.SPAN_KIND_SERVER)
    assert server.parent_span_id.hex() == PARENT
    assert server.name == "gateway.v1.GatewayService/Chat"
    told = attributes(server)
    assert told["rpc.response.status_code"] == "OK"
    assert told["erp_gateway.degrade_reason"] == "fallback_model"
    tries = [span for span in spans if span.kind == Span.SPAN_KIND_CLIENT]
    assert [span.parent_span_id for span in tries] == [server.span_id] * 2
    first, second = (attributes(span) for span in tries)
    assert (first["error.type"], first["gen_ai.request.model"]) == ("server_error", "main")
    assert tries[0].status.code == Status.STATUS_CODE_ERROR
    assert second["gen_ai.provider.name"] == "openai"
    assert second["gen_ai.usage.input_tokens"] == 120
    assert second["gen_ai.usage.output_tokens"] > 0
    assert "error.type" not in second
    assert all(server.start_time_unix_nano <= span.start_time_unix_nano for span in tries)


async def test_a_caller_who_decided_against_tracing_is_not_traced(on: Stage) -> None:
    on.faults.script("main", ["ok"])
    await on.stub.Chat(asked(QUESTION + " no"), timeout=60, metadata=sent(TRACES[1], "00"))
    await on.stub.Chat(asked(QUESTION + " end"), timeout=60, metadata=sent(TRACES[2], "01"))
    await spans_of(on, TRACES[2], 3)
    assert not [span for span in on.collector.spans if span.trace_id.hex() == TRACES[1]]


async def test_refused_calls_and_steps_have_spans_too(on: Stage) -> None:
    error = await failing(on.stub.Chat(asked(""), timeout=60))
    assert error.code().name == "INVALID_ARGUMENT"
    await tour(on)
    spans = await on.collector.until(
        lambda spans: any("SubmitFeedback" in span.name for span in spans)
    )
    names = {span.name for span in spans}
    assert {"cache get", "rules KeywordsTask.draft", "execute_tool get_order"} <= names
    refused = [attributes(span) for span in spans if span.kind == Span.SPAN_KIND_SERVER]
    assert "INVALID_REQUEST" in {told.get("error.type") for told in refused}


async def test_no_text_of_a_message_is_in_a_trace(on: Stage) -> None:
    await tour(on, "Where is the zanzibarium of mine?")
    await on.collector.until(lambda spans: sum("SubmitFeedback" in s.name for s in spans) >= 2)
    for text in (b"zanzibarium", b"Stainless", b"k-test", AVA.encode(), HER_ORDER.encode()):
        assert text not in on.collector.raw
