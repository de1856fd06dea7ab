"""The reader of many streams, against a real grpc.aio server and the fake model."""

import asyncio
import sys
from pathlib import Path

import pytest

from benchmarks.speed.pauses import Arrivals, read
from benchmarks.speed.processes import LOAD_CORES, started
from benchmarks.speed.targets import over_grpc, over_openai
from benchmarks.speed.upstream import TEXT

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]
STREAMS = 40


def test_the_longest_pause_is_between_two_arrivals_not_before_the_first() -> None:
    arrivals = Arrivals()
    for at_s in (100.0, 100.25, 100.3):
        arrivals.came(b"0123456789", at_s)
    assert arrivals.longest_s == 0.25
    assert arrivals.data == 30


def test_the_text_begins_with_its_first_word_not_with_the_first_bytes() -> None:
    arrivals = Arrivals()
    for at_s, data in ((1.0, b"a head"), (2.0, b"..Your parcel"), (3.0, b"Your")):
        arrivals.came(data, at_s)
    assert arrivals.first_s == 2.0


async def test_every_stream_is_read_to_its_end_over_both_protocols(tmp_path: Path) -> None:
    model = [sys.executable, "-m", "benchmarks.speed.upstream"]
    async with started(model, {}, tmp_path / "model", LOAD_CORES) as upstream:
        url = f"http://127.0.0.1:{await upstream.line()}/v1"
        bare = [sys.executable, "-m", "benchmarks.speed.bare", f"{url}/chat/completions"]
        async with started(bare, {}, tmp_path / "bare", LOAD_CORES) as server:
            address = f"127.0.0.1:{await server.line()}"
            for target in (over_openai(url, stream=True), over_grpc(address, "stream")):
                async with asyncio.timeout(60):
                    seen = await read(target, STREAMS, 0.1, 50)
                assert len(seen) == STREAMS
                assert all(one.ended and one.data > len(TEXT) for one in seen)
                assert all(0 < one.first_s < one.last_s for one in seen)
