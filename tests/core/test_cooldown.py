"""Cool-downs and alarms: times out that are no failures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.breaker import Ticket
from gateway.core.cooldown import Alarm, Cooldown


@pytest.mark.parametrize(
    ("told_s", "out_s"), [(2.0, 2.0), (0.1, 0.1), (60.0, 60.0), (3600.0, 60.0)]
)
def test_a_429_is_waited_out_as_told_up_to_a_minute(told_s: float, out_s: float) -> None:
    it = Cooldown()
    it.limited(10.0, told_s)
    assert it.until_s == pytest.approx(10.0 + out_s)
    assert not it.admits(10.0 + out_s - 0.01)
    assert it.admits(10.0 + out_s)


@pytest.mark.parametrize("told_s", [None, 0.0, -5.0, float("nan")])
def test_without_a_usable_header_the_first_cool_down_is_half_a_second(told_s: float | None) -> None:
    it = Cooldown()
    it.limited(10.0, told_s)
    assert it.until_s == 10.5


def test_without_the_header_the_time_doubles_up_to_thirty_seconds() -> None:
    it, now_s, times_out = Cooldown(), 0.0, []
    for _ in range(30):
        it.limited(now_s)
        times_out.append(it.until_s - now_s)
        now_s = it.until_s
    assert times_out[:9] == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30, 30])
    assert max(times_out) == pytest.approx(30)


def test_a_burst_of_429s_counts_once() -> None:
    it = Cooldown()
    for _ in range(50):
        it.limited(10.0)
    assert it.until_s == 10.5
    it.limited(10.4)
    assert it.until_s == 10.9


def test_a_shorter_word_never_ends_a_longer_cool_down() -> None:
    it = Cooldown()
    it.limited(10.0, 20.0)
    it.limited(11.0, 1.0)
    assert it.until_s == 30.0


def test_an_answer_starts_again_from_the_shortest() -> None:
    it = Cooldown()
    it.limited(0.0)
    it.limited(0.5)
    it.answered(started_s=0.5)
    it.limited(2.0)
    assert it.until_s == 2.5


def test_an_answer_to_a_call_from_before_the_429_proves_nothing() -> None:
    it = Cooldown()
    it.limited(0.0)
    it.answered(started_s=-1.0)
    it.limited(0.5)
    assert it.until_s == 1.5


def test_a_fresh_one_admits_and_needs_no_answer() -> None:
    it = Cooldown()
    it.answered(started_s=0.0)
    assert it.admits(0.0)
    assert Alarm().admits(0.0)


@given(st.lists(st.tuples(st.floats(0, 90), st.none() | st.floats(0, 1e4)), min_size=1))
def test_no_cool_down_lasts_longer_than_a_minute_or_ends_before_its_word(
    events: list[tuple[float, float | None]],
) -> None:
    it, now_s = Cooldown(), 0.0
    for gap_s, told_s in events:
        now_s += gap_s
        before_s = it.until_s
        it.limited(now_s, told_s)
        least_s = min(60.0, told_s) if told_s else 0.5
        assert max(before_s, now_s + least_s) <= it.until_s <= now_s + 60.0


def test_a_cool_down_shows_its_state() -> None:
    it = Cooldown()
    it.limited(1.0, 2.0)
    assert repr(it) == "<Cooldown until 3.000, 1 in a row>"


def test_a_refused_key_takes_the_deployment_out_for_half_a_minute() -> None:
    it = Alarm()
    assert not it.raised
    it.refused(it.admit(), 100.0)
    assert it.raised
    assert it.until_s == 130.0
    assert not it.admits(129.9)
    assert it.admits(130.0)


def test_each_refused_check_doubles_the_time_up_to_ten_minutes() -> None:
    it, now_s, times_out = Alarm(), 0.0, []
    for _ in range(20):
        it.refused(it.admit(), now_s)
        assert it.until_s is not None
        times_out.append(it.until_s - now_s)
        now_s = it.until_s
    assert times_out[:6] == pytest.approx([30, 60, 120, 240, 480, 600])
    assert max(times_out) == pytest.approx(600)


def test_one_real_request_checks_and_its_answer_clears_the_alarm() -> None:
    it = Alarm()
    it.refused(it.admit(), 0.0)
    check = it.admit()
    assert check == Ticket(1, probe=True)
    assert not it.admits(31.0)
    it.answered(check)
    assert not it.raised
    assert it.until_s is None
    assert it.admits(31.0)
    it.refused(it.admit(), 40.0)
    assert it.until_s == 70.0


def test_a_check_that_says_nothing_of_the_key_leaves_the_alarm_to_the_next() -> None:
    it = Alarm()
    it.refused(it.admit(), 0.0)
    it.abandoned(it.admit())
    assert it.raised
    assert it.admits(31.0)


def test_calls_from_before_the_alarm_neither_lengthen_nor_clear_it() -> None:
    it = Alarm()
    first, refused_too, answered = it.admit(), it.admit(), it.admit()
    it.refused(first, 0.0)
    it.refused(refused_too, 45.0)
    it.answered(answered)
    assert it.until_s == 30.0
    check = it.admit()
    it.abandoned(answered)
    assert not it.admits(31.0)
    it.refused(check, 31.0)
    assert it.until_s == 91.0


def test_a_call_with_the_old_key_does_not_raise_the_alarm_for_the_new() -> None:
    it = Alarm()
    old = it.admit()
    it.clear()
    it.refused(old, 5.0)
    assert not it.raised


def test_an_answer_without_an_alarm_changes_nothing() -> None:
    it = Alarm()
    ticket, other = it.admit(), it.admit()
    it.answered(ticket)
    it.abandoned(ticket)
    it.refused(other, 5.0)
    assert it.raised


def test_a_late_answer_of_an_old_check_does_not_clear_a_newer_alarm() -> None:
    it = Alarm()
    it.refused(it.admit(), 0.0)
    old_check = it.admit()
    it.clear()
    it.refused(it.admit(), 50.0)
    it.answered(old_check)
    assert it.until_s == 80.0
    it.admit()
    it.abandoned(old_check)
    assert not it.admits(90.0)


def test_an_alarm_shows_its_state() -> None:
    it = Alarm()
    assert repr(it) == "<Alarm off>"
    it.refused(it.admit(), 1.0)
    assert repr(it) == "<Alarm raised, 1 refusals, check at 31.000>"
