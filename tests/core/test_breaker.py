"""The breaker, example by example and against a simple model of its rules."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.core.breaker import Breaker, BreakerState, Ticket
from gateway.core.options import BreakerOptions
from tests.core.samples import Fixed

OPTIONS = BreakerOptions()


def breaker(draw: float = 0.0, **options: Any) -> Breaker:
    return Breaker(BreakerOptions(**options), Fixed(draw))


def leave(breaker: Breaker, now_s: float) -> Ticket:
    ticket = breaker.admit(now_s)
    assert ticket is not None
    return ticket


def fail(breaker: Breaker, now_s: float, times: int = 1) -> None:
    for _ in range(times):
        breaker.failed(leave(breaker, now_s), now_s)


def succeed(breaker: Breaker, now_s: float, times: int = 1) -> None:
    for _ in range(times):
        breaker.succeeded(leave(breaker, now_s), now_s)


def test_five_failures_in_a_row_open_it() -> None:
    it = breaker()
    fail(it, 1.0, times=4)
    assert it.state(1.0) is BreakerState.CLOSED
    fail(it, 1.0)
    assert it.state(1.0) is BreakerState.OPEN
    assert it.admit(1.0) is None


def test_a_success_between_failures_starts_the_row_again() -> None:
    it = breaker(failure_ratio=1.0)
    for _ in range(20):
        fail(it, 1.0, times=4)
        succeed(it, 1.0)
    assert it.state(1.0) is BreakerState.CLOSED


def test_half_of_ten_calls_in_the_window_open_it_and_half_of_nine_do_not() -> None:
    it = breaker(consecutive_failures=99)
    succeed(it, 1.0, times=4)
    fail(it, 1.0, times=5)
    assert it.state(1.0) is BreakerState.CLOSED
    fail(it, 1.0)
    assert it.state(1.0) is BreakerState.OPEN


def test_exactly_the_ratio_opens_it() -> None:
    it = breaker(consecutive_failures=99)
    succeed(it, 1.0, times=5)
    fail(it, 1.0, times=4)
    fail(it, 1.0)
    assert it.state(1.0) is BreakerState.OPEN


def test_failures_that_left_the_window_count_no_more() -> None:
    it = breaker(consecutive_failures=99)
    fail(it, 1.0, times=9)
    succeed(it, 40.0, times=9)
    fail(it, 40.0)
    assert it.state(40.0) is BreakerState.CLOSED


@pytest.mark.parametrize(("draw", "out_s"), [(0.0, 3.0), (0.5, 2.7), (1.0, 2.4)])
def test_the_first_time_out_is_three_seconds_less_up_to_a_fifth(draw: float, out_s: float) -> None:
    it = breaker(draw)
    fail(it, 10.0, times=5)
    assert it.open_until_s == pytest.approx(10.0 + out_s)
    assert it.admit(10.0 + out_s - 0.01) is None
    assert leave(it, 10.0 + out_s + 0.01).probe


def test_each_failed_probe_adds_three_seconds_up_to_the_cap() -> None:
    it, now_s, times_out = breaker(), 0.0, []
    fail(it, now_s, times=5)
    for _ in range(12):
        assert it.open_until_s is not None
        times_out.append(it.open_until_s - now_s)
        now_s = it.open_until_s
        fail(it, now_s)
    assert times_out == pytest.approx([3, 6, 9, 12, 15, 18, 21, 24, 25, 25, 25, 25])


def test_half_open_admits_exactly_one_probe() -> None:
    it = breaker()
    fail(it, 0.0, times=5)
    assert it.state(3.0) is BreakerState.HALF_OPEN
    assert leave(it, 3.0) == Ticket(1, probe=True)
    assert it.admit(3.0) is None
    assert not it.admits(3.0)
    assert it.admit(1e9) is None


def test_a_probe_that_succeeds_closes_it_and_forgives() -> None:
    it = breaker()
    fail(it, 0.0, times=5)
    fail(it, 3.0)
    assert it.ejections == 2
    succeed(it, 9.0)
    assert it.state(9.0) is BreakerState.CLOSED
    assert it.ejections == 0
    assert it.open_until_s is None
    fail(it, 9.0, times=4)
    assert it.state(9.0) is BreakerState.CLOSED
    fail(it, 9.0)
    assert it.open_until_s == 12.0


def test_an_abandoned_probe_makes_room_for_the_next() -> None:
    it = breaker()
    fail(it, 0.0, times=5)
    it.abandoned(leave(it, 3.0), 3.5)
    assert it.state(3.5) is BreakerState.HALF_OPEN
    assert leave(it, 3.5).probe


def test_an_abandoned_call_counts_for_nothing() -> None:
    it = breaker()
    fail(it, 0.0, times=4)
    for _ in range(20):
        it.abandoned(leave(it, 0.0), 0.0)
    assert it.state(0.0) is BreakerState.CLOSED
    fail(it, 0.0)
    assert it.state(0.0) is BreakerState.OPEN


@pytest.mark.parametrize("verdict", ["succeeded", "failed", "abandoned"])
def test_a_late_verdict_of_an_earlier_generation_changes_nothing(verdict: str) -> None:
    it = breaker()
    late = leave(it, 0.0)
    fail(it, 0.0, times=5)
    probe = leave(it, 3.0)
    before = repr(it)
    getattr(it, verdict)(late, 3.0)
    assert repr(it) == before
    assert it.admit(3.0) is None
    it.succeeded(probe, 3.0)
    before = repr(it)
    for ticket in (late, probe):
        getattr(it, verdict)(ticket, 3.0)
        assert repr(it) == before


def test_new_options_keep_the_state_and_a_new_window_starts_empty() -> None:
    it = breaker(consecutive_failures=99)
    fail(it, 1.0, times=9)
    it.options = BreakerOptions(consecutive_failures=99, minimum_calls=20)
    fail(it, 1.0, times=10)
    assert it.state(1.0) is BreakerState.CLOSED
    fail(it, 1.0)
    assert it.state(1.0) is BreakerState.OPEN
    succeed(it, 4.0)
    fail(it, 4.0, times=9)
    it.options = BreakerOptions(consecutive_failures=99, window_s=5.0)
    assert it.options.window_s == 5.0
    fail(it, 4.0)
    assert it.state(4.0) is BreakerState.CLOSED


def test_it_shows_its_state() -> None:
    it = breaker()
    fail(it, 1.0, times=2)
    assert repr(it) == "<Breaker closed, 2 failures in a row, <Window 2 of 2 in 30 s>>"
    fail(it, 1.0, times=3)
    assert repr(it) == "<Breaker open until 4.000, ejections 1>"
    leave(it, 4.0)
    assert repr(it) == "<Breaker open until 4.000, ejections 1, probing>"


@given(st.integers(), st.floats(1, 600), st.floats(0.05, 4))
def test_a_recovered_deployment_is_used_again_within_the_cap_and_one_call(
    seed: int, outage_s: float, every_s: float
) -> None:
    it, now_s, probes_failed = Breaker(OPTIONS, random.Random(seed)), 0.0, 0
    while True:
        ticket = it.admit(now_s)
        if ticket and now_s >= outage_s:
            break
        if ticket:
            it.failed(ticket, now_s)
            probes_failed += ticket.probe
        now_s += every_s
    assert now_s - outage_s <= OPTIONS.open_cap_s + every_s
    assert probes_failed <= 1 + outage_s / (OPTIONS.open_base_s * (1 - OPTIONS.jitter))
    it.succeeded(ticket, now_s)
    assert it.state(now_s) is BreakerState.CLOSED


@given(st.integers(), st.floats(0, 4))
def test_after_a_minute_down_and_a_call_every_4_s_it_is_used_within_30_s(
    seed: int, offset_s: float
) -> None:
    it, now_s = Breaker(OPTIONS, random.Random(seed)), offset_s
    while not (ticket := it.admit(now_s)) or now_s < 60.0:
        if ticket:
            it.failed(ticket, now_s)
        now_s += 4.0
    assert now_s - 60.0 <= 30.0


class Model(RuleBasedStateMachine):
    """A list of events since the last change of state, counted afresh each time."""

    def __init__(self) -> None:
        super().__init__()
        self.options = BreakerOptions(minimum_calls=4, consecutive_failures=3, window_s=20.0)
        self.rng = random.Random(3)
        self.twin = random.Random(3)
        self.it = Breaker(self.options, self.rng)
        self.now_s = 0.0
        self.era = 0
        self.events: list[tuple[int, bool]] = []
        self.open_until_s: float | None = None
        self.ejections = 0
        self.probe: tuple[int, Ticket] | None = None
        self.tickets: list[tuple[int, Ticket]] = []

    def change(self) -> None:
        self.era += 1
        self.events = []
        self.probe = None

    def opens(self) -> bool:
        piece = int(self.now_s // 2.0)
        recent = [bad for at, bad in self.events if at > piece - 10]
        row = [bad for _, bad in self.events[-3:]]
        ratio_met = len(recent) >= 4 and sum(recent) / len(recent) >= 0.5
        return ratio_met or (len(row) == 3 and all(row))

    @rule(step_s=st.sampled_from([0.0, 0.1, 1.0, 3.0, 7.0, 31.0]))
    def wait(self, step_s: float) -> None:
        self.now_s += step_s

    @rule()
    def ask(self) -> None:
        closed = self.open_until_s is None
        may = closed or (self.now_s >= (self.open_until_s or 0) and self.probe is None)
        ticket = self.it.admit(self.now_s)
        assert (ticket is not None) == may
        if ticket is not None:
            assert ticket.probe == (not closed)
            self.tickets.append((self.era, ticket))
            if ticket.probe:
                self.probe = self.tickets[-1]

    @precondition(lambda self: self.tickets)
    @rule(data=st.data(), verdict=st.sampled_from(["succeeded", "failed", "failed", "abandoned"]))
    def settle(self, data: st.DataObject, verdict: str) -> None:
        place = data.draw(st.integers(0, len(self.tickets) - 1))
        era, ticket = self.tickets.pop(place)
        getattr(self.it, verdict)(ticket, self.now_s)
        if era != self.era:
            return
        if verdict == "abandoned":
            self.probe = None if ticket.probe else self.probe
            return
        if ticket.probe and verdict == "succeeded":
            self.ejections, self.open_until_s = 0, None
            self.change()
        self.events.append((int(self.now_s // 2.0), verdict == "failed"))
        if verdict == "failed" and (ticket.probe or self.opens()):
            self.ejections += 1
            longest_s = min(25.0, 3.0 * self.ejections)
            self.open_until_s = self.now_s + longest_s * (1 - 0.2 * self.twin.random())
            self.change()

    @invariant()
    def agrees(self) -> None:
        assert self.it.open_until_s == self.open_until_s
        assert self.it.ejections == self.ejections
        if self.open_until_s is None:
            assert self.it.state(self.now_s) is BreakerState.CLOSED
        elif self.now_s < self.open_until_s:
            assert self.it.state(self.now_s) is BreakerState.OPEN
        else:
            assert self.it.state(self.now_s) is BreakerState.HALF_OPEN

    def teardown(self) -> None:
        """Whatever happened: once all is settled and time has passed, a call is admitted."""
        for _, ticket in self.tickets:
            self.it.abandoned(ticket, self.now_s)
        assert self.it.admits(self.now_s + 30.0)


TestAgainstTheModel = Model.TestCase
