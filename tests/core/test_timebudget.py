"""The time budget: models never eat the rules' reserve, no hopeless try, the right one blamed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import DeadlineCut, ProviderTimeout
from gateway.core.model import Deadline
from gateway.core.options import RulesOptions
from gateway.core.timebudget import LEAST_USEFUL_S, attempt_time_s, rules_reserve_s, timed_out

seconds = st.floats(0, 1000)


@pytest.mark.parametrize(
    ("total_s", "reserve_s"), [(30.0, 0.05), (0.25, 0.05), (0.1, 0.02), (0.0, 0.0), (-1.0, 0.0)]
)
def test_the_reserve_is_50_ms_or_a_fifth_of_a_short_deadline(
    total_s: float, reserve_s: float
) -> None:
    assert rules_reserve_s(RulesOptions(), total_s) == pytest.approx(reserve_s)


def test_rules_that_are_off_need_no_reserve() -> None:
    assert rules_reserve_s(RulesOptions(allowed=False), 30.0) == 0.0


@given(seconds, seconds, seconds, st.floats(0.001, 100))
def test_a_try_ends_before_the_reserve_begins_or_is_not_begun(
    now_s: float, at_s: float, reserve_s: float, timeout_s: float
) -> None:
    given_s = attempt_time_s(now_s, Deadline(at_s), reserve_s, timeout_s)
    if given_s is None:
        assert at_s - now_s - reserve_s < LEAST_USEFUL_S
    else:
        assert given_s == timeout_s or given_s == pytest.approx(at_s - now_s - reserve_s)
        assert given_s <= timeout_s
        assert now_s + given_s <= at_s - reserve_s + 1e-9
        assert at_s - now_s - reserve_s >= LEAST_USEFUL_S


@pytest.mark.parametrize(
    ("left_s", "given_s"), [(10.0, 8.0), (8.0, 8.0), (0.5, 0.5), (0.05, 0.05), (0.049, None)]
)
def test_a_try_gets_its_timeout_or_what_is_left(left_s: float, given_s: float | None) -> None:
    assert attempt_time_s(0.0, Deadline(left_s + 1), 1.0, 8.0) == (
        given_s if given_s is None else pytest.approx(given_s)
    )


def test_exactly_the_least_useful_time_is_enough() -> None:
    assert attempt_time_s(0.0, Deadline(LEAST_USEFUL_S), 0.0, 8.0) == LEAST_USEFUL_S


def test_the_reserve_is_not_spent_twice_after_the_deadline() -> None:
    assert attempt_time_s(100.0, Deadline(50.0), 0.0, 8.0) is None


def test_a_try_that_had_its_whole_timeout_is_the_deployments_fault() -> None:
    error = timed_out("qwen", 8.0, 8.0)
    assert isinstance(error, ProviderTimeout)
    assert str(error) == "deployment 'qwen' was silent for 8 s"


def test_a_try_cut_by_the_callers_deadline_counts_for_nothing() -> None:
    error = timed_out("qwen", 0.3, 8.0)
    assert isinstance(error, DeadlineCut)
    assert not error.counts
    assert str(error) == "the caller's deadline cut deployment 'qwen' off after 0.3 s of 8 s"


@pytest.mark.parametrize(("given_s", "kind"), [(1.99, DeadlineCut), (2.0, ProviderTimeout)])
def test_a_cut_after_far_longer_than_usual_is_the_deployments_fault(
    given_s: float, kind: type[Exception]
) -> None:
    error = timed_out("qwen", given_s, 8.0, fair_s=2.0)
    assert type(error) is kind


def test_the_unusual_silence_is_told_apart() -> None:
    error = timed_out("qwen", 3.0, 8.0, fair_s=2.0)
    assert str(error) == ("deployment 'qwen' was silent for 3 s, far longer than it usually takes")
