"""Hedging: when the second starts, and how often at most."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.hedge import HedgeBudget, hedge_after_s
from gateway.core.latency import Latency
from gateway.core.options import HedgeOptions


def seen(*samples: float) -> Latency:
    latency = Latency()
    for sample in samples:
        latency.add(sample)
    return latency


SLOW_TAIL = seen(*[1.0] * 19, 5.0)


@pytest.mark.parametrize(
    ("latency", "options", "after_s"),
    [
        (SLOW_TAIL, HedgeOptions(), None),
        (SLOW_TAIL, HedgeOptions(enabled=True), 1.0),
        (SLOW_TAIL, HedgeOptions(enabled=True, percentile=0.99), 5.0),
        (SLOW_TAIL, HedgeOptions(enabled=True, minimum_s=3.0), 3.0),
        (seen(*[0.01] * 20), HedgeOptions(enabled=True), 0.2),
        (seen(*[1.0] * 19), HedgeOptions(enabled=True), None),
    ],
)
def test_the_second_starts_after_the_firsts_own_percentile(
    latency: Latency, options: HedgeOptions, after_s: float | None
) -> None:
    assert hedge_after_s(latency, options) == after_s


@given(st.floats(0, 1), st.lists(st.booleans(), max_size=300))
def test_extra_calls_never_pass_their_share_of_all_calls(share: float, steps: list[bool]) -> None:
    budget, options = HedgeBudget(), HedgeOptions(share_of_calls=share)
    calls = extra = 0
    for is_call in steps:
        if is_call:
            calls += 1
            budget.called(options)
        else:
            extra += budget.take()
        assert extra <= share * calls + 1e-6


def test_one_in_eight_calls_may_have_a_second_if_so_configured() -> None:
    budget, options, extra = HedgeBudget(), HedgeOptions(share_of_calls=0.125), 0
    for _ in range(800):
        budget.called(options)
        extra += budget.take()
    assert extra == 100


def test_quiet_times_save_up_ten_and_no_more() -> None:
    budget = HedgeBudget()
    for _ in range(1000):
        budget.called(HedgeOptions())
    assert [budget.take() for _ in range(12)] == [True] * 10 + [False] * 2


def test_the_budget_shows_what_is_saved() -> None:
    budget = HedgeBudget()
    budget.called(HedgeOptions(share_of_calls=0.5))
    assert repr(budget) == "<HedgeBudget 0.5 extra calls saved>"
