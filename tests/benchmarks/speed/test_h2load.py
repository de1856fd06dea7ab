"""What is read from h2load's words."""

import pytest

from benchmarks.speed.h2load import percentile, read

TOLD = """
finished in 125.50ms, 15.94 req/s, 3.46KB/s
requests: 2 total, 2 started, 2 done, 2 succeeded, 0 failed, 0 errored, 0 timeout
traffic: 445B (445) total, 47B (47) headers (space savings 77.73%), 312B (312) data
"""
LOG = ["1611 200 2500", "1612 200 1500"]


def test_latencies_are_seconds_in_order() -> None:
    sent = read(TOLD, LOG, 2)
    assert sent.latencies_s == (0.0015, 0.0025)
    assert sent.took_s == pytest.approx(0.1255)
    assert sent.data == 312


def test_one_failed_call_makes_the_whole_run_worthless() -> None:
    with pytest.raises(RuntimeError, match="not every call succeeded"):
        read(TOLD.replace("2 succeeded, 0 failed", "1 succeeded, 1 failed"), LOG, 2)


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1), (0.5, 5), (0.51, 6), (0.95, 10), (0.99, 10), (1.0, 10)]
)
def test_a_percentile_is_the_nearest_rank(share: float, value: int) -> None:
    assert percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share) == value


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="measure at least one call"):
        percentile([], 0.5)
