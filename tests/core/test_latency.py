"""Recent latency against a sorted list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.latency import KEPT, LEAST_SAMPLES, Latency

shares = st.sampled_from([0.001, 0.5, 0.51, 0.9, 0.95, 0.99, 0.999, 1.0])


@given(st.lists(st.floats(0, 100), min_size=LEAST_SAMPLES, max_size=3 * KEPT), shares)
def test_the_percentile_is_the_smallest_that_so_many_recent_calls_did_not_exceed(
    samples: list[float], share: float
) -> None:
    latency = Latency()
    for sample in samples:
        latency.add(sample)
    recent = samples[-KEPT:]
    enough = [s for s in recent if sum(r <= s for r in recent) >= share * len(recent)]
    assert latency.percentile_s(share) == min(enough)


def test_fewer_than_twenty_calls_say_nothing() -> None:
    latency = Latency()
    for _ in range(19):
        latency.add(1.0)
    assert latency.percentile_s(0.95) is None
    assert repr(latency) == "<Latency p95 unknown of 19 calls>"
    latency.add(2.0)
    assert latency.percentile_s(0.95) == 1.0
    assert latency.percentile_s(0.96) == 2.0
    assert latency.percentile_s(0.0) == 1.0


def test_it_forgets_what_is_older_than_128_calls() -> None:
    latency = Latency()
    for sample in [9.0] * 128 + [1.0] * 128:
        latency.add(sample)
    assert latency.percentile_s(1.0) == 1.0
    latency.add(3.0)
    assert repr(latency) == "<Latency p95 1.000 s of 128 calls>"


@pytest.mark.parametrize("extra", [1, 127])
def test_the_oldest_is_replaced_first(extra: int) -> None:
    latency = Latency()
    for sample in range(128 + extra):
        latency.add(float(sample))
    assert latency.percentile_s(0.0) == float(extra)
    assert latency.percentile_s(1.0) == float(127 + extra)
