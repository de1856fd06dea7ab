"""The health of a deployment: one table of effects, no stuck probe, state that survives reloads."""

import asyncio
import math
import random
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.core import errors
from gateway.core.breaker import BreakerState
from gateway.core.effects import EFFECTS, Effect
from gateway.core.errors import ProviderError
from gateway.core.health import (
    Health,
    HealthBoard,
    HealthSnapshot,
    Refusal,
    Ticket,
    Why,
)
from gateway.core.model import Outcome
from gateway.core.options import BreakerOptions, ConcurrencyOptions, Plan, Secret
from tests.core.samples import Fixed, deployment

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ProviderError) and kind is not ProviderError
]


def health(**fields: Any) -> Health:
    return Health(deployment(**fields), Fixed())


def leave(it: Health, now_s: float) -> Ticket:
    ticket = it.admit(now_s)
    assert isinstance(ticket, Ticket), ticket
    return ticket


def end(it: Health, now_s: float, outcome: Outcome, told_s: float | None = None) -> None:
    it.settle(leave(it, now_s), now_s, outcome, 0.1, told_s)


def test_every_outcome_has_its_effect() -> None:
    assert EFFECTS.keys() == set(Outcome)


def test_the_table_agrees_with_the_errors_on_what_counts() -> None:
    counted = {kind.outcome for kind in KINDS if kind.counts}
    assert {o for o, effect in EFFECTS.items() if Effect.FAILURE in effect} == counted


def test_only_an_answer_is_a_success() -> None:
    assert [o for o, effect in EFFECTS.items() if Effect.SUCCESS in effect] == [Outcome.OK]


def test_what_says_nothing_about_the_deployment_has_no_effect_at_all() -> None:
    assert {outcome for outcome, effect in EFFECTS.items() if effect is Effect.NONE} == {
        Outcome.DEADLINE,
        Outcome.REQUEST_REJECTED,
        Outcome.CONTEXT_TOO_LONG,
        Outcome.CONTENT_FILTERED,
        Outcome.SKIPPED,
        Outcome.LIMITED,
        Outcome.ABANDONED,
        Outcome.ANSWER_REFUSED,
    }


@pytest.mark.parametrize("outcome", Outcome)
def test_each_ending_does_what_the_table_says(outcome: Outcome) -> None:
    it, effect = health(), EFFECTS[outcome]
    for _ in range(4):
        end(it, 0.0, Outcome.SERVER_ERROR)
    end(it, 0.0, outcome, 7.0)
    cools = Effect.COOL_DOWN in effect or Effect.COOL_DOWN_IF_TOLD in effect
    seen = it.snapshot(0.0)
    assert (seen.breaker is BreakerState.OPEN) == (Effect.FAILURE in effect)
    assert seen.alarm == (Effect.ALARM in effect)
    assert (seen.limit < 256) == (Effect.SHRINK in effect)
    assert ("<Cooldown until 7.000, 1 in a row>" in repr(it)) == cools
    assert ("of 1 calls" in repr(it.latency)) == (Effect.SUCCESS in effect)
    assert seen.in_flight == 0


def test_a_429_cools_down_without_counting_as_a_failure() -> None:
    it, now_s = health(), 0.0
    for _ in range(50):
        end(it, now_s, Outcome.RATE_LIMITED, 2.0)
        assert it.admit(now_s + 1.9) == Refusal(Why.COOLING, now_s + 2.0)
        now_s += 2.0
    assert it.snapshot(now_s).breaker is BreakerState.CLOSED


def test_an_overload_cools_down_only_when_told() -> None:
    it = health()
    end(it, 0.0, Outcome.OVERLOADED)
    end(it, 0.0, Outcome.OVERLOADED, 0.0)
    assert it.refusal(0.0) is None
    end(it, 0.0, Outcome.OVERLOADED, 4.0)
    assert it.refusal(0.0) == Refusal(Why.COOLING, 4.0)


def test_a_refused_key_raises_the_alarm_until_one_request_is_answered() -> None:
    it = health()
    end(it, 0.0, Outcome.AUTH_FAILED)
    assert it.refusal(29.0) == Refusal(Why.ALARM, 30.0)
    check = leave(it, 30.0)
    assert check.probe
    assert it.admit(30.0) == Refusal(Why.ALARM, 30.0)
    it.settle(check, 31.0, Outcome.ABANDONED, 1.0)
    assert it.snapshot(31.0).alarm
    end(it, 31.0, Outcome.OK)
    assert not it.snapshot(31.0).alarm
    assert not leave(it, 31.0).probe


def test_an_open_breaker_says_until_when_and_then_lets_one_in() -> None:
    it = health()
    for _ in range(5):
        end(it, 0.0, Outcome.TIMEOUT)
    assert it.admit(1.0) == Refusal(Why.OPEN, 3.0)
    assert it.ready_in_s(1.0) == 2.0
    probe = leave(it, 3.0)
    assert probe.probe
    assert it.admit(3.0) == Refusal(Why.PROBING, 3.0)
    assert it.admit(3.5) == Refusal(Why.PROBING, 3.5)
    assert it.ready_in_s(3.5) == 0.0
    it.settle(probe, 4.0, Outcome.OK, 1.0)
    assert it.refusal(4.0) is None
    assert it.ready_in_s(4.0) == 0.0


@pytest.mark.parametrize("outcome", [o for o, e in EFFECTS.items() if e is Effect.NONE])
def test_a_probe_that_says_nothing_makes_room_for_the_next(outcome: Outcome) -> None:
    it = health()
    for _ in range(5):
        end(it, 0.0, Outcome.CONNECT_FAILED)
    end(it, 3.0, outcome)
    assert leave(it, 3.0).probe


def test_asking_for_the_refusal_takes_no_probe() -> None:
    it = health()
    for _ in range(5):
        end(it, 0.0, Outcome.CONNECT_FAILED)
    for _ in range(3):
        assert it.refusal(3.0) is None
    assert leave(it, 3.0).probe


def test_a_second_verdict_on_the_same_ticket_changes_nothing() -> None:
    it = health()
    ticket = leave(it, 0.0)
    it.settle(ticket, 0.0, Outcome.OK, 0.1)
    before = repr(it)
    it.settle(ticket, 0.0, Outcome.AUTH_FAILED, 0.1)
    assert repr(it) == before


def test_drained_it_takes_no_call_until_the_switch_is_turned_back() -> None:
    it = health()
    it.drained = True
    assert it.admit(0.0) == Refusal(Why.DRAINED, math.inf)
    assert it.ready_in_s(0.0) == math.inf
    assert "<Health 'a' drained <Breaker" in repr(it)
    it.drained = False
    assert isinstance(it.admit(0.0), Ticket)


def test_the_limit_shrinks_once_for_the_calls_of_one_time_and_grows_under_load() -> None:
    it = health(concurrency=ConcurrencyOptions(maximum=20))
    tickets = [leave(it, 0.0) for _ in range(20)]
    for ticket in tickets[:10]:
        it.settle(ticket, 1.0, Outcome.RATE_LIMITED, 1.0)
    assert it.snapshot(1.0).limit == 14
    for ticket in tickets[10:]:
        it.settle(ticket, 1.0, Outcome.OK, 1.0)
    assert it.snapshot(1.0).limit == 14
    for _ in range(50):
        end(it, 2.0, Outcome.OK)
    assert it.snapshot(2.0).limit == 14
    for _ in range(2):
        for ticket in [leave(it, 2.0) for _ in range(14)]:
            it.settle(ticket, 2.0, Outcome.OK, 1.0)
    assert it.snapshot(2.0).limit == 15


@pytest.mark.parametrize(("pushes", "limit"), [(1, 3), (2, 3)])
def test_an_answer_counts_itself_among_the_calls_in_use(pushes: int, limit: int) -> None:
    it, now_s = health(concurrency=ConcurrencyOptions(maximum=5, minimum=1)), 0.0
    for _ in range(pushes):
        end(it, now_s, Outcome.TIMEOUT)
        now_s += 1.0
    assert it.snapshot(now_s).limit == 4 - pushes  # 5, 3.5, 2.45
    for _ in range(50):  # one at a time is half of two, not of three
        end(it, now_s, Outcome.OK)
    assert it.snapshot(now_s).limit == limit


def test_an_answer_after_the_429_starts_the_cool_downs_again_from_the_shortest() -> None:
    it = health()
    end(it, 0.0, Outcome.RATE_LIMITED)
    end(it, 0.5, Outcome.RATE_LIMITED)
    assert it.ready_in_s(0.5) == 1.0
    end(it, 2.0, Outcome.OK)
    end(it, 2.0, Outcome.RATE_LIMITED)
    assert it.ready_in_s(2.0) == 0.5


def test_an_answer_to_a_call_from_before_the_429_does_not_shorten_the_next_cool_down() -> None:
    it = health()
    old = leave(it, 0.0)
    end(it, 1.0, Outcome.RATE_LIMITED)
    it.settle(old, 1.2, Outcome.OK, 1.2)
    end(it, 1.5, Outcome.RATE_LIMITED)
    assert it.ready_in_s(1.5) == 1.0


@pytest.mark.parametrize(("latency_s", "fair_s"), [(2.0, 6.0), (0.1, 1.0)])
def test_a_fair_chance_is_thrice_the_usual_or_the_first_token_limit_while_unknown(
    latency_s: float, fair_s: float
) -> None:
    it = health()
    for sample_s in [*[latency_s] * 19, 9.0]:
        assert it.fair_s() == 8.0
        it.settle(leave(it, 0.0), 0.0, Outcome.OK, sample_s)
    assert it.fair_s() == pytest.approx(fair_s)


def test_each_admitted_try_feeds_the_retry_budget() -> None:
    it = health()
    end(it, 0.0, Outcome.OK)
    end(it, 0.0, Outcome.SERVER_ERROR)
    assert repr(it.retries) == "<RetryBudget 0 retries of 2 calls>"


def test_the_snapshot_tells_ops_everything() -> None:
    it = health()
    for _ in range(20):
        it.settle(leave(it, 0.0), 0.0, Outcome.OK, 0.5)
    leave(it, 0.0)
    assert it.snapshot(0.0) == HealthSnapshot(
        deployment="a",
        refusal="",
        ready_in_s=0.0,
        alarm=False,
        drained=False,
        breaker=BreakerState.CLOSED,
        ejections=0,
        in_flight=1,
        limit=256,
        waiting=0,
        p50_s=0.5,
        p95_s=0.5,
    )
    for _ in range(20):
        if it.refusal(0.0) is None:
            end(it, 0.0, Outcome.AUTH_FAILED)
    it.drained = True
    seen = it.snapshot(10.0)
    assert (seen.refusal, seen.ready_in_s, seen.alarm, seen.drained) == (
        "drained",
        math.inf,
        True,
        True,
    )


def test_it_shows_its_state() -> None:
    it = health()
    leave(it, 0.0)
    assert repr(it) == (
        "<Health 'a' <Breaker closed, 0 failures in a row, <Window 0 of 0 in 30 s>> "
        "<Cooldown until -inf, 0 in a row> <Alarm off> <AdaptiveLimit 256 of 256> "
        "in flight 1 <Latency p95 unknown of 0 calls>>"
    )


@pytest.mark.anyio
async def test_its_slots_follow_the_limit_and_a_new_configuration_lets_the_waiting_in() -> None:
    it = health(concurrency=ConcurrencyOptions(maximum=1))
    assert await it.slots.acquire(0.0)
    waiting = asyncio.ensure_future(it.slots.acquire(1e6))
    await asyncio.sleep(0)
    assert it.snapshot(0.0).waiting == 1
    it.deployment = deployment(concurrency=ConcurrencyOptions(maximum=2))
    assert await waiting


def plan(*deployments: Any, off: tuple[str, ...] = ()) -> Plan:
    return Plan(
        version="2",
        deployments={d.name: d for d in deployments},
        routes=(),
        off=dict.fromkeys(off, "no key"),
    )


def test_health_is_made_on_demand_and_kept() -> None:
    board = HealthBoard(Fixed())
    it = board.of(deployment("a"))
    assert board.of(deployment("a")) is it
    assert board["a"] is it
    assert list(board) == [it]
    assert repr(board) == f"<HealthBoard [{it!r}]>"


def test_a_new_configuration_changes_options_in_place_and_keeps_the_state() -> None:
    board = HealthBoard(Fixed())
    it = board.of(deployment("a"))
    it.drained = True
    for _ in range(3):
        it.drained = False
        end(it, 0.0, Outcome.SERVER_ERROR)
    new = deployment("a", breaker=BreakerOptions(consecutive_failures=4))
    board.apply(plan(new, deployment("b")))
    assert board["a"] is it
    assert it.deployment is new
    assert {h.deployment.name for h in board} == {"a", "b"}
    end(it, 0.0, Outcome.SERVER_ERROR)
    assert it.snapshot(0.0).breaker is BreakerState.OPEN


def test_a_deployment_switched_off_keeps_its_state_and_a_vanished_one_is_dropped() -> None:
    board = HealthBoard(Fixed())
    kept = board.of(deployment("a"))
    board.of(deployment("b"))
    board.apply(plan(off=("a",)))
    assert list(board) == [kept]


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({"api_key": Secret("new")}, True),
        ({"base_url": "https://other"}, True),
        ({"api_key": Secret("old"), "breaker": BreakerOptions(jitter=0.1)}, False),
    ],
)
def test_a_changed_key_or_address_ends_the_alarm(change: dict[str, Any], ends: bool) -> None:
    board = HealthBoard(Fixed())
    it = board.of(deployment("a", api_key=Secret("old")))
    end(it, 0.0, Outcome.AUTH_FAILED)
    board.apply(plan(deployment("a", **({"api_key": Secret("old")} | change))))
    assert it.snapshot(0.0).alarm is not ends


class Life(RuleBasedStateMachine):
    """Any calls, endings and reloads: nothing may stick, and half open means one at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.it = Health(deployment(), random.Random(5))
        self.now_s = 0.0
        self.tickets: list[Ticket] = []

    @rule(step_s=st.sampled_from([0.0, 0.3, 2.0, 31.0, 700.0]))
    def wait(self, step_s: float) -> None:
        self.now_s += step_s

    @rule()
    def ask(self) -> None:
        expected = self.it.refusal(self.now_s)
        given = self.it.admit(self.now_s)
        if isinstance(given, Ticket):
            assert expected is None
            if given.probe:
                assert isinstance(self.it.admit(self.now_s), Refusal)
            self.tickets.append(given)
        else:
            assert given == expected
            assert given.until_s >= self.now_s

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), outcome=st.sampled_from(Outcome), told=st.none() | st.floats(0, 100))
    def settle(self, data: st.DataObject, outcome: Outcome, told: float | None) -> None:
        ticket = self.tickets.pop(data.draw(st.integers(0, len(self.tickets) - 1)))
        self.it.settle(ticket, self.now_s, outcome, self.now_s - ticket.started_s, told)

    @rule(outcome=st.sampled_from([Outcome.SERVER_ERROR, Outcome.AUTH_FAILED]))
    def fail_five_times(self, outcome: Outcome) -> None:
        for _ in range(5):
            if self.it.refusal(self.now_s) is None:
                end(self.it, self.now_s, outcome)

    @rule(key=st.sampled_from("xy"))
    def reload(self, key: str) -> None:
        self.it.deployment = deployment(api_key=Secret(key))

    @invariant()
    def counts(self) -> None:
        seen = self.it.snapshot(self.now_s)
        assert seen.in_flight == len(self.tickets)
        assert 4 <= seen.limit <= 256
        assert seen.ready_in_s <= 600.0

    def teardown(self) -> None:
        for ticket in self.tickets:
            self.it.settle(ticket, self.now_s, Outcome.ABANDONED, 0.0)
        assert isinstance(self.it.admit(self.now_s + 600.0), Ticket)


TestLife = Life.TestCase
