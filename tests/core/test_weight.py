"""What a value takes in memory, roughly."""

import tracemalloc
from dataclasses import dataclass

from gateway.core.weight import weight_bytes

MUCH = 1 << 30


@dataclass(frozen=True, slots=True)
class Point:
    time_s: int
    value: float
    notes: tuple[str, ...] = ()


def test_the_weight_of_a_large_value_is_about_what_it_takes() -> None:
    tracemalloc.start()
    points = [Point(10**9 + n, n / 7, (f"note {n}",)) for n in range(5_000)]
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    weight = weight_bytes(points, MUCH)
    assert weight is not None
    assert 0.7 < weight / taken < 1.5


def test_text_counts_whatever_holds_it() -> None:
    text = "x" * 100_000
    for value in (
        text,
        (text,),
        [text],
        {text: 1},
        {1: text},
        frozenset([text]),
        Point(1, 2, (text,)),
    ):
        weight = weight_bytes(value, MUCH)
        assert weight is not None
        assert weight > len(text)


def test_what_is_too_heavy_has_no_weight() -> None:
    assert weight_bytes(["x" * 1_000] * 100, 100_000) is None
    assert weight_bytes(["x" * 1_000] * 90, 100_000) is not None
