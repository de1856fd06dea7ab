from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.litellm.sse import EventReader
from gateway.core.errors import OutputInvalid

STREAM = (
    'data: {"text": "您好,世界"}\n\n: ping\n\nevent: ping\ndata:no space\r\n\r\n'
    "data: one\ndata: two\n\nid: 7\nretry: 10\n\ndata: [DONE]\n\n"
).encode()
EVENTS = ['{"text": "您好,世界"}'.encode(), b"no space", b"one\ntwo", b"[DONE]"]


def read(blocks: list[bytes]) -> list[bytes]:
    reader = EventReader()
    return [event for block in blocks for event in reader.feed(block)] + reader.end()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(ends)]


@given(st.lists(st.integers(0, 10_000), max_size=30))
def test_events_are_the_same_wherever_the_network_cuts(places: list[int]) -> None:
    assert read(cut(STREAM, places)) == EVENTS


@given(st.lists(st.integers(0, 10_000), max_size=30), st.sampled_from([b"\r\n", b"\r", b"\n"]))
def test_every_line_end_of_the_standard_is_read(places: list[int], end: bytes) -> None:
    stream = STREAM.replace(b"\r\n", b"\n").replace(b"\n", end)
    assert read(cut(stream, places)) == EVENTS


def test_a_byte_order_mark_is_skipped() -> None:
    assert read([b"\xef\xbb\xbfdata: x\n\n"]) == [b"x"]


def test_the_last_event_counts_without_its_empty_line() -> None:
    assert read([b"data: x\n\ndata: [DONE]"]) == [b"x", b"[DONE]"]


def test_an_event_without_end_is_refused_before_it_fills_the_memory() -> None:
    reader = EventReader(max_event_bytes=1000)
    reader.feed(b"data: " + b"a" * 900)
    with pytest.raises(OutputInvalid, match="longer than 1000 bytes"):
        reader.feed(b"a" * 900)


def test_data_lines_without_an_event_end_are_bounded_too() -> None:
    reader = EventReader(max_event_bytes=1000)
    with pytest.raises(OutputInvalid, match="longer than 1000 bytes"):
        reader.feed((b"data: " + b"a" * 50 + b"\n") * 100)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(noise: bytes) -> None:
    read([noise])
