"""The chunks of a stream over a real connection: waited for, and at hand."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.adapters.litellm import LitellmProvider
from gateway.core.ahead import AtHand
from gateway.core.errors import ConnectionLost, StreamTruncated
from gateway.core.model import Chunk, Finish
from tests.adapters.litellm.samples import PATIENT_S, deployment, prompt
from tests.faults import TEXT, FaultServer

pytestmark = pytest.mark.anyio


def knowing(chunks: AsyncIterator[Chunk]) -> AtHand:
    assert isinstance(chunks, AtHand)
    return chunks


async def come(faults: FaultServer, model: str) -> None:
    """All that the server has sent has come here, too."""
    await faults.until_over(model)
    await asyncio.sleep(0.02)


async def test_what_came_while_nobody_read_is_one_chunk_and_the_whole_reply(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    async with provider.stream(deployment("ok", faults.url), prompt(), PATIENT_S) as chunks:
        stream = knowing(chunks)
        await come(faults, "ok")
        chunk = stream.at_hand()
        assert chunk is not None
        assert (chunk.text, chunk.finish) == (TEXT, Finish.STOP)
        assert chunk.usage is not None
        assert stream.at_hand() is None
        assert [chunk async for chunk in stream] == []


async def test_nothing_is_at_hand_of_a_silent_model(
    faults: FaultServer, provider: LitellmProvider
) -> None:
    async with provider.stream(deployment("hang-3", faults.url), prompt(), PATIENT_S) as chunks:
        stream = knowing(chunks)
        text = ""
        while text.count(" ") < 2:
            text += (await anext(stream)).text
        assert TEXT.startswith(text)
        assert stream.at_hand() is None


@pytest.mark.parametrize("model", ["cut-20", "cut-20-reset", "cut-20-clean"])
async def test_a_broken_stream_is_told_by_the_next_read_and_not_by_what_is_at_hand(
    faults: FaultServer, provider: LitellmProvider, model: str
) -> None:
    async with provider.stream(deployment(model, faults.url), prompt(), PATIENT_S) as chunks:
        stream = knowing(chunks)
        await come(faults, model)
        stream.at_hand()
        with pytest.raises((StreamTruncated, ConnectionLost)):
            await anext(stream)
