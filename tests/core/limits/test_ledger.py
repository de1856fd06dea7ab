"""The counts of one process, against a naive model and by their promises."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from gateway.core.limits.checks import Check, Grant, Places, Rate, Refusal, Refused, Window
from gateway.core.limits.ledger import Ledger
from tests.core.limits.model import Model

WINDOW_S = 8.0
AMOUNTS = st.integers(0, 12)


def rate(key: str = "calls", *, shadow: bool = False) -> Rate:
    return Rate(key=key, interval_s=0.5, burst=3, shadow=shadow)


def window(now_s: float, amount: int, *, key: str = "tokens", shadow: bool = False) -> Window:
    number, into_s = divmod(now_s, WINDOW_S)
    return Window(
        key=f"{key}/{number}", limit=20, amount=amount, left_s=WINDOW_S - into_s, shadow=shadow
    )


def places(key: str = "places", *, shadow: bool = False) -> Places:
    return Places(key=key, limit=2, ttl_s=4.0, shadow=shadow)


class AgainstModel(RuleBasedStateMachine):
    """The ledger and the model see the same; times are exact in binary, so no rounding."""

    grants = Bundle("grants")

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()
        self.model = Model()

    @rule(eighths=st.integers(0, 80))
    def time_passes(self, eighths: int) -> None:
        self.model.now_s += eighths / 8

    @rule(
        target=grants,
        kinds=st.lists(st.sampled_from("rRwWpPvq"), min_size=1, unique=True),
        amount=AMOUNTS,
    )
    def reserve(self, kinds: list[str], amount: int) -> Grant | None:
        now_s = self.model.now_s
        known: dict[str, Check] = {
            "r": rate(),
            "R": rate("shadow calls", shadow=True),
            "q": rate("other calls"),
            "w": window(now_s, amount),
            "W": window(now_s, amount, key="shadow tokens", shadow=True),
            "v": window(now_s, amount, key="other tokens"),
            "p": places(),
            "P": places("shadow places", shadow=True),
        }
        checks = [known[kind] for kind in kinds]
        refusing, exceeded = self.model.refusing(checks), self.model.exceeded(checks)
        verdict = self.ledger.reserve(checks, now_s)
        assert verdict.exceeded == exceeded
        if isinstance(verdict, Refusal):
            assert [refused.index for refused in verdict.refused] == refusing
            assert all(refused.retry_after_s > 0 for refused in verdict.refused)
            return None
        assert not refusing
        self.model.take(verdict)
        return verdict

    @rule(grant=consumes(grants), calls=st.integers(0, 1), amount=AMOUNTS, told=st.booleans())
    def settle(self, grant: Grant | None, calls: int, amount: int, told: bool) -> None:
        if grant is None:
            return
        actual = {c.key: calls if isinstance(c, Rate) else amount for c in grant.checks}
        self.ledger.settle(grant, self.model.now_s, actual if told else {})
        self.model.settle(grant, actual if told else {})

    @invariant()
    def memory_is_bounded_by_what_is_alive(self) -> None:
        assert len(self.ledger) <= 5 + 3 * (self.model.now_s // WINDOW_S + 1)


AgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAgainstModel = AgainstModel.TestCase


@given(
    burst=st.integers(1, 20),
    per_minute=st.integers(1, 6000),
    gaps_ms=st.lists(st.integers(0, 400), min_size=1, max_size=300),
)
@settings(max_examples=100, deadline=None)
def test_no_stretch_of_time_sees_more_calls_than_the_burst_and_the_pace(
    burst: int, per_minute: int, gaps_ms: list[int]
) -> None:
    ledger, now_s, passed = Ledger(), 0.0, []
    check = Rate(key="k", interval_s=60 / per_minute, burst=burst)
    for gap_ms in gaps_ms:
        now_s += gap_ms / 1000
        if isinstance(ledger.reserve([check], now_s), Grant):
            passed.append(now_s)
    for first in range(len(passed)):
        stretch_s = passed[-1] - passed[first]
        assert len(passed) - first <= burst + stretch_s * per_minute / 60 + 1e-6


@given(burst=st.integers(2, 20), per_minute=st.integers(60, 6000))
@settings(max_examples=20, deadline=None)
def test_a_greedy_caller_gets_exactly_the_burst_and_the_pace(burst: int, per_minute: int) -> None:
    ledger, check = Ledger(), Rate(key="k", interval_s=60 / per_minute, burst=burst)
    passed = sum(
        isinstance(ledger.reserve([check], now_ms / 1000), Grant) for now_ms in range(6000)
    )
    assert abs(passed - (burst + 5.999 * per_minute / 60)) <= 1


def test_who_waits_as_told_passes_and_who_comes_earlier_does_not() -> None:
    ledger, check = Ledger(), Rate(key="k", interval_s=0.3, burst=2)
    for _ in range(2):
        assert isinstance(ledger.reserve([check], 10.0), Grant)
    refusal = ledger.reserve([check], 10.1)
    assert isinstance(refusal, Refusal)
    [refused] = refusal.refused
    assert refused.retry_after_s == pytest.approx(0.2)
    assert isinstance(ledger.reserve([check], 10.1 + refused.retry_after_s - 0.01), Refusal)
    assert isinstance(ledger.reserve([check], 10.1 + refused.retry_after_s), Grant)


def test_a_refused_call_consumes_nothing_anywhere() -> None:
    ledger = Ledger()
    full = Window(key="full", limit=1, amount=2, left_s=60.0)
    others: list[Check] = [rate(), window(0.0, 5), places(), rate("shadow", shadow=True)]
    for _ in range(50):
        assert isinstance(ledger.reserve([*others, full], 0.0), Refusal)
    granted = ledger.reserve(others, 0.0)
    assert isinstance(granted, Grant)
    assert granted.levels == (1 / 3, 5 / 20, 1 / 2, 1 / 3)


def test_every_check_that_refuses_is_named_with_its_own_wait() -> None:
    ledger = Ledger()
    checks: list[Check] = [places(), window(2.0, 15)]
    for _ in range(2):
        ledger.reserve([places()], 2.0)
    ledger.reserve([window(2.0, 10)], 2.0)
    refusal = ledger.reserve(checks, 2.0)
    assert isinstance(refusal, Refusal)
    assert refusal.refused == (Refused(0, 1.0), Refused(1, 6.0))
    assert refusal.levels == (1.0, 0.5)


def test_an_amount_of_nothing_asks_whether_anything_is_left() -> None:
    ledger = Ledger()
    assert isinstance(ledger.reserve([window(0.0, 20)], 0.0), Grant)
    assert isinstance(ledger.reserve([window(0.0, 0)], 0.0), Refusal)
    assert isinstance(ledger.reserve([window(8.0, 0)], 8.0), Grant)


def test_a_shadow_check_sees_what_an_enforced_one_would_let_through() -> None:
    ledger = Ledger()
    verdicts = [ledger.reserve([rate(shadow=True)], 0.0) for _ in range(5)]
    assert [sorted(v.exceeded) for v in verdicts] == [[], [], [], [0], [0]]


def test_a_place_that_nobody_gave_back_is_free_when_its_time_is_over() -> None:
    ledger = Ledger()
    assert all(isinstance(ledger.reserve([places()], 0.0), Grant) for _ in range(2))
    assert isinstance(ledger.reserve([places()], 3.9), Refusal)
    assert isinstance(ledger.reserve([places()], 4.0), Grant)


def test_a_late_settlement_of_an_expired_place_takes_nobody_elses() -> None:
    ledger = Ledger()
    late = ledger.reserve([places()], 0.0)
    assert isinstance(late, Grant)
    assert all(isinstance(ledger.reserve([places()], 5.0), Grant) for _ in range(2))
    ledger.settle(late, 5.0)
    assert isinstance(ledger.reserve([places()], 5.0), Refusal)


def test_more_than_was_reserved_is_counted_even_beyond_the_limit() -> None:
    ledger = Ledger()
    grant = ledger.reserve([window(0.0, 5)], 0.0)
    assert isinstance(grant, Grant)
    ledger.settle(grant, 0.0, {"tokens/0.0": 50})
    refusal = ledger.reserve([window(0.0, 1)], 0.0)
    assert isinstance(refusal, Refusal)
    assert refusal.levels == (2.5,)


def test_keys_that_are_over_are_forgotten_first_and_memory_is_bounded() -> None:
    ledger = Ledger(max_keys=100)
    held = ledger.reserve([Window(key="day", limit=9, amount=9, left_s=1e6)], 0.0)
    assert isinstance(held, Grant)
    for number in range(1000):
        ledger.reserve([Window(key=str(number), limit=9, amount=1, left_s=1.0)], number / 10)
        assert len(ledger) <= 101
    assert isinstance(
        ledger.reserve([Window(key="day", limit=9, amount=1, left_s=1.0)], 100.0), Refusal
    )


def test_the_ledger_shows_its_state() -> None:
    assert repr(Ledger("p1")) == "<Ledger 'p1' keys=0 grants=0>"
