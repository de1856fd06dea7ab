"""The retry policy: what is repeated, when, and how often at most."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import errors
from gateway.core.errors import (
    AuthFailed,
    ConnectFailed,
    ConnectionLost,
    NoAnswer,
    ProviderError,
    ProviderTimeout,
    RateLimited,
    RefusedReply,
    ServerError,
    UselessReply,
)
from gateway.core.health import Health, Refusal
from gateway.core.model import Completion, Finish
from gateway.core.options import RetryOptions
from gateway.core.retry import FailedTry, RetryPolicy, retrying, try_here
from gateway.core.retrybudget import RetryBudget
from gateway.core.timebudget import LEAST_USEFUL_S
from tests.core.samples import Fixed, deployment

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, ProviderError)
    and kind not in (ProviderError, UselessReply, RefusedReply)
]
USELESS = UselessReply("no JSON", Completion(text="?", model="m", finish=Finish.STOP))
seeds = st.integers(0, 2**32)
options_of_all_kinds = st.builds(
    RetryOptions,
    per_request=st.integers(0, 10),
    per_deployment=st.integers(0, 5),
    base_s=st.floats(0.001, 5),
    cap_s=st.floats(0.001, 5),
)


def failed(error: ProviderError, **fields: Any) -> FailedTry:
    given: dict[str, Any] = {
        "deployment": "a",
        "now_s": 0.0,
        "remaining_s": 30.0,
        "others_left": False,
        "ready_in_s": 0.0,
        "budget": RetryBudget(),
    }
    return FailedTry(error=error, **(given | fields))


def policy(draw: float = 0.5, **options: Any) -> RetryPolicy:
    return RetryPolicy(RetryOptions(**options), Fixed(draw))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.retry_here])
def test_what_is_not_worth_it_is_never_repeated_here(kind: type[ProviderError]) -> None:
    assert policy().delay_s(failed(kind("x"))) is None
    assert policy().delay_s(failed(kind("x", retry_after_s=1.0))) is None


def test_only_broken_connections_5xx_and_429_are_repeated_here() -> None:
    assert {kind for kind in KINDS if policy().delay_s(failed(kind("x"))) is not None} == {
        ConnectFailed,
        ConnectionLost,
        ServerError,
        RateLimited,
    }


@pytest.mark.parametrize("others_left", [True, False])
def test_a_500_is_repeated_here_after_a_short_back_off(others_left: bool) -> None:
    delay_s = policy(0.5).delay_s(failed(ServerError("x"), others_left=others_left))
    assert delay_s == pytest.approx(0.1)


def test_the_back_off_doubles_up_to_its_cap() -> None:
    it = policy(1.0, per_request=10, per_deployment=5)
    delays_s = [it.delay_s(failed(ServerError("x"))) for _ in range(6)]
    assert delays_s[:5] == pytest.approx([0.2, 0.4, 0.8, 1.6, 2.0])
    assert delays_s[5] is None


def test_one_budget_is_shared_by_all_deployments_of_the_request() -> None:
    it = policy()
    granted = [it.delay_s(failed(ServerError("x"), deployment=name)) for name in "aabbcc"]
    assert [delay_s is not None for delay_s in granted] == [True, False, True, False, False, False]
    assert it.retries == 2
    assert repr(it) == "<RetryPolicy 2 of 2 retries used>"


def test_a_deployment_that_is_out_is_not_waited_for() -> None:
    assert policy().delay_s(failed(ServerError("x"), ready_in_s=0.01)) is None


def test_a_429_goes_elsewhere_at_once_while_others_are_left() -> None:
    assert policy().delay_s(failed(RateLimited("x", retry_after_s=0.1), others_left=True)) is None
    assert policy().delay_s(failed(RateLimited("x"), others_left=True)) is None


def test_a_retry_after_that_fits_is_waited_out_once() -> None:
    it = policy(0.5, per_deployment=5)
    error = RateLimited("x", retry_after_s=2.0)
    assert it.delay_s(failed(error)) == pytest.approx(2.105)
    assert it.delay_s(failed(error)) is None
    assert it.delay_s(failed(error, deployment="b")) == pytest.approx(2.105)


def test_a_cool_down_longer_than_the_header_is_waited_out_too() -> None:
    error = RateLimited("x", retry_after_s=2.0)
    assert policy(0.5).delay_s(failed(error, ready_in_s=3.0)) == pytest.approx(3.105)


def test_a_500_that_says_when_to_come_back_is_treated_alike() -> None:
    error = ServerError("x", retry_after_s=2.0)
    assert policy().delay_s(failed(error, others_left=True)) is None
    assert policy(0.5).delay_s(failed(error)) == pytest.approx(2.105)
    it = policy(per_deployment=5)
    assert it.delay_s(failed(error)) is not None
    assert it.delay_s(failed(error)) is None


@pytest.mark.parametrize("told_s", [0.0, -3.0, float("nan")])
def test_a_header_that_tells_nothing_is_as_none(told_s: float) -> None:
    it = policy(0.5, per_deployment=2)
    error = RateLimited("x", retry_after_s=told_s)
    assert it.delay_s(failed(error)) == pytest.approx(0.605)
    assert it.delay_s(failed(error)) == pytest.approx(0.705)


@pytest.mark.parametrize("others_left", [True, False])
def test_after_a_useless_reply_the_model_is_asked_again_at_once_and_only_once(
    others_left: bool,
) -> None:
    it = policy(1.0, per_deployment=5)
    assert it.delay_s(failed(USELESS, others_left=others_left)) == 0.0
    assert it.delay_s(failed(USELESS, others_left=others_left)) is None
    assert it.delay_s(failed(ServerError("x"))) is not None
    assert policy().delay_s(failed(USELESS, ready_in_s=1.0)) is None


@pytest.mark.parametrize(("told_s", "waits"), [(60.0, True), (60.1, False)])
def test_more_than_a_minute_is_never_waited_out(told_s: float, waits: bool) -> None:
    delay_s = policy().delay_s(failed(RateLimited("x", retry_after_s=told_s), remaining_s=900.0))
    assert (delay_s is not None) == waits


@pytest.mark.parametrize(("ready_in_s", "delay_s"), [(0.0, 0.605), (0.5, 0.605), (4.0, 4.105)])
def test_without_the_header_the_cool_down_is_waited_out_with_jitter(
    ready_in_s: float, delay_s: float
) -> None:
    given = failed(RateLimited("x"), ready_in_s=ready_in_s)
    assert policy(0.5).delay_s(given) == pytest.approx(delay_s)


def test_a_429_without_the_header_does_not_use_up_the_one_wait_with_it() -> None:
    it = policy(per_deployment=2)
    assert it.delay_s(failed(RateLimited("x"))) is not None
    assert it.delay_s(failed(RateLimited("x", retry_after_s=1.0))) is not None


@pytest.mark.parametrize(("remaining_s", "granted"), [(0.151, True), (0.149, False)])
def test_the_wait_must_leave_time_for_a_useful_try(remaining_s: float, granted: bool) -> None:
    delay_s = policy(0.5).delay_s(failed(ServerError("x"), remaining_s=remaining_s))
    assert (delay_s is not None) == granted


def test_exactly_the_least_useful_time_left_is_enough() -> None:
    given = failed(ServerError("x"), remaining_s=LEAST_USEFUL_S)
    assert policy(0.0).delay_s(given) == 0.0


def test_a_refused_retry_costs_neither_budget() -> None:
    it, budget = policy(), RetryBudget()
    for _ in range(50):
        assert it.delay_s(failed(ServerError("x"), remaining_s=0.0, budget=budget)) is None
    assert it.retries == 0
    assert repr(budget) == "<RetryBudget 0 retries of 0 calls>"


def test_all_requests_together_get_a_fifth_of_the_calls_and_three_a_second() -> None:
    budget = RetryBudget()
    for _ in range(100):
        budget.called(1.0)
    granted = sum(
        policy().delay_s(failed(ServerError("x"), now_s=1.0, budget=budget)) is not None
        for _ in range(200)
    )
    assert granted == 0.2 * 100 + 10 * 3.0
    assert repr(budget) == "<RetryBudget 50 retries of 100 calls>"
    assert not budget.take(9.9, RetryOptions())
    assert budget.take(11.1, RetryOptions())


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.booleans()), max_size=200),
    st.floats(0, 1),
    st.floats(0, 5),
)
def test_the_shared_budget_holds_in_every_ten_seconds(
    steps: list[tuple[float, bool]], share: float, per_second: float
) -> None:
    budget, now_s = RetryBudget(), 0.0
    options = RetryOptions(share_of_calls=share, per_second=per_second)
    calls: list[int] = []
    retries: list[int] = []
    for gap_s, is_call in steps:
        now_s += gap_s
        second = int(now_s)
        if is_call:
            calls.append(second)
            budget.called(now_s)
            continue
        recent = [sum(at > second - 10 for at in seen) for seen in (retries, calls)]
        may = recent[0] + 1 <= share * recent[1] + 10 * per_second
        assert budget.take(now_s, options) == may
        retries.extend([second] * may)


@given(
    options_of_all_kinds,
    seeds,
    st.lists(
        st.builds(
            failed,
            st.builds(
                lambda kind, told_s: kind("x", retry_after_s=told_s),
                st.sampled_from(KINDS),
                st.none() | st.floats(),
            )
            | st.just(USELESS),
            deployment=st.sampled_from("abc"),
            remaining_s=st.floats(0, 100),
            others_left=st.booleans(),
            ready_in_s=st.floats(0, 100),
        )
    ),
)
def test_no_history_of_failures_breaks_the_budgets(
    options: RetryOptions, seed: int, failures: list[FailedTry]
) -> None:
    it, granted = RetryPolicy(options, random.Random(seed)), Counter[str]()
    for failure in failures:
        delay_s = it.delay_s(failure)
        if delay_s is None:
            continue
        granted[failure.deployment] += 1
        assert failure.error.retry_here
        assert 0 <= delay_s <= failure.remaining_s - LEAST_USEFUL_S
        assert delay_s >= failure.ready_in_s
        told_s = failure.error.retry_after_s
        told = told_s is not None and told_s > 0
        if told or isinstance(failure.error, RateLimited):
            assert not failure.others_left
            assert delay_s >= (told_s if told and told_s else 0.5)
        else:
            assert delay_s <= options.cap_s
    assert it.retries == granted.total() <= options.per_request
    assert max(granted.values(), default=0) <= options.per_deployment


class Life:
    """One request at one deployment in virtual time: the moments of its tries."""

    def __init__(self, options: RetryOptions, seed: int) -> None:
        rng = random.Random(seed)
        self.policy = RetryPolicy(options, rng)
        self.health = Health(deployment(), rng)
        self.now_s = 100.0
        self.tries_s: list[float] = []

    def play(self, endings: Iterator[ProviderError | None], deadline_s: float) -> bool:
        """Whether it was answered by the deployment."""
        ends_s = self.now_s + deadline_s
        for error in endings:
            ticket = self.health.admit(self.now_s)
            if isinstance(ticket, Refusal):
                return False
            self.tries_s.append(self.now_s - 100.0)
            self.now_s += 0.02
            if error is None:
                return True
            told_s = error.retry_after_s
            self.health.settle(ticket, self.now_s, error.outcome, 0.02, told_s)
            delay_s = self.policy.delay_s(self.describe(error, ends_s))
            if delay_s is None:
                return False
            self.now_s += delay_s
        return False

    def describe(self, error: ProviderError, ends_s: float) -> FailedTry:
        return failed(
            error,
            now_s=self.now_s,
            remaining_s=ends_s - self.now_s,
            ready_in_s=self.health.ready_in_s(self.now_s),
            budget=self.health.retries,
        )


@given(seeds)
def test_a_429_that_says_2_s_is_tried_again_after_2_s_and_answered(seed: int) -> None:
    life = Life(RetryOptions(), seed)
    assert life.play(iter([RateLimited("x", retry_after_s=2.0), None]), deadline_s=30.0)
    first_s, second_s = life.tries_s
    assert 2.0 <= second_s - first_s <= 2.3


@given(seeds, options_of_all_kinds)
def test_429_for_ever_without_a_header_gets_at_most_four_tries_in_3_s_and_six_in_all(
    seed: int, options: RetryOptions
) -> None:
    life = Life(options, seed)
    assert not life.play(iter(lambda: RateLimited("x"), None), deadline_s=30.0)
    assert sum(at_s <= 3.0 for at_s in life.tries_s) <= 4
    assert len(life.tries_s) <= 6


@given(seeds, options_of_all_kinds)
def test_500_for_ever_gets_at_most_six_tries(seed: int, options: RetryOptions) -> None:
    life = Life(options, seed)
    assert not life.play(iter(lambda: ServerError("x"), None), deadline_s=30.0)
    assert len(life.tries_s) <= 6


@given(seeds, st.sampled_from([ServerError, ConnectionLost, ConnectFailed]))
def test_one_500_or_reset_is_answered_by_the_same_deployment(
    seed: int, kind: type[ProviderError]
) -> None:
    assert Life(RetryOptions(), seed).play(iter([kind("x"), None]), deadline_s=30.0)


class Tries:
    """Raises or returns what it is given, in turn; keeps the sleeps between."""

    def __init__(self, *endings: BaseException | str) -> None:
        self.endings = list(endings)
        self.slept_s: list[float] = []

    async def __call__(self) -> str:
        ending = self.endings.pop(0)
        if isinstance(ending, BaseException):
            raise ending
        return ending

    async def sleep(self, delay_s: float) -> None:
        self.slept_s.append(delay_s)


@pytest.mark.anyio
async def test_a_first_try_that_succeeds_asks_nobody() -> None:
    def never(error: ProviderError) -> FailedTry:
        raise AssertionError(error)

    tries = Tries("answer")
    assert await try_here(tries, policy(), never, tries.sleep) == "answer"
    assert tries.slept_s == []


@pytest.mark.anyio
async def test_the_loop_sleeps_as_the_policy_says_and_gives_the_answer() -> None:
    tries = Tries(ServerError("1"), ServerError("2"), "answer")
    it = policy(1.0, per_deployment=2)
    assert await try_here(tries, it, failed, tries.sleep) == "answer"
    assert tries.slept_s == pytest.approx([0.2, 0.4])
    assert it.retries == 2


@pytest.mark.anyio
async def test_a_delay_of_nothing_is_still_a_retry() -> None:
    tries = Tries(ServerError("1"), "answer")
    assert await try_here(tries, policy(0.0), failed, tries.sleep) == "answer"
    assert tries.slept_s == [0.0]


@pytest.mark.anyio
async def test_the_last_error_is_raised_as_it_is() -> None:
    last = ProviderTimeout("silent")
    tries = Tries(ServerError("1"), last, "never reached")
    with pytest.raises(ProviderTimeout) as caught:
        await try_here(tries, policy(), failed, tries.sleep)
    assert caught.value is last
    assert tries.endings == ["never reached"]
    assert len(tries.slept_s) == 1


@pytest.mark.anyio
async def test_an_error_not_worth_it_is_raised_after_one_try() -> None:
    first = AuthFailed("401")
    tries = Tries(first, "never reached")
    with pytest.raises(AuthFailed) as caught:
        await try_here(tries, policy(), failed, tries.sleep)
    assert caught.value is first
    assert tries.slept_s == []


@pytest.mark.anyio
@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("other", [asyncio.CancelledError(), NoAnswer("x"), ZeroDivisionError()])
async def test_whatever_is_no_providers_error_goes_through(
    place: int, other: BaseException
) -> None:
    tries = Tries(*[ServerError("1")] * place, other, "never reached")
    with pytest.raises(type(other)) as caught:
        await try_here(tries, policy(), failed, tries.sleep)
    assert caught.value is other
    assert len(tries.slept_s) == place


@pytest.mark.anyio
async def test_cancelling_ends_the_back_off_at_once() -> None:
    async def for_ever(_delay_s: float) -> None:
        await asyncio.Event().wait()

    tries = Tries(ServerError("1"), "never reached")
    task = asyncio.ensure_future(try_here(tries, policy(), failed, for_ever))
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert tries.endings == ["never reached"]


@pytest.mark.anyio
async def test_the_bare_loop_works_alone() -> None:
    tries = Tries(ConnectFailed("1"), "answer")
    assert await retrying(policy(0.5), failed, tries.sleep)(tries) == "answer"
    assert tries.slept_s == pytest.approx([0.1])
