"""When Redis is of use, told by what operations and probes say. Pure."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.redis.availability import (
    BAD_IN_A_ROW,
    BAD_IN_WINDOW,
    PROBE_CAP_S,
    PROBE_FIRST_S,
    Availability,
    State,
)


def state(made: Availability) -> State:
    """As a call, for the type checker narrows attributes."""
    return made.state


def up(now_s: float = 0.0) -> Availability:
    made = Availability()
    made.probe_succeeded(now_s)
    return made


def test_nothing_goes_to_a_redis_that_was_not_reached_yet() -> None:
    made = Availability()
    assert state(made) is State.AWAY
    assert not made.takes(0.0, write=False)
    assert repr(made) == "<Availability away (not reached yet)>"


def test_one_operation_without_an_answer_is_enough_when_nobody_else_got_one() -> None:
    made = up()
    made.silent(1.0, 1.05)
    assert state(made) is State.AWAY
    assert made.reason == "no answer in 50 ms"


def test_one_lost_answer_among_others_is_not_enough() -> None:
    made = up()
    made.answered(1.02, write=False)
    made.silent(1.0, 1.05)
    assert state(made) is State.UP


def test_failures_in_a_row_take_it_out_and_an_answer_between_them_starts_anew() -> None:
    made = up()
    for n in range(BAD_IN_A_ROW - 1):
        made.failed(n, "refused")
    made.answered(5.0, write=False)
    for n in range(BAD_IN_A_ROW - 1):
        made.slow(10.0 + n, 10.1 + n)
    assert state(made) is State.UP
    made.failed(13.0, "refused")
    assert state(made) is State.AWAY


def test_a_node_that_fails_among_others_that_answer_takes_it_out_too() -> None:
    made = up()
    for n in range(BAD_IN_WINDOW):
        assert state(made) is State.UP
        made.failed(n, "refused")
        made.answered(n, write=False)
    assert state(made) is State.AWAY


def test_while_it_takes_no_writes_reads_go_on_and_one_write_a_second_tries() -> None:
    made = up()
    made.refused_write(10.0, "OOM")
    assert state(made) is State.FULL
    assert made.takes(10.5, write=False)
    assert not made.takes(10.5, write=True)
    assert [made.takes(11.0, write=True), made.takes(11.0, write=True)] == [True, False]
    made.answered(11.1, write=False)
    assert state(made) is State.FULL
    made.answered(11.1, write=True)
    assert state(made) is State.UP


def test_who_leaves_soon_after_coming_back_is_probed_less_often_up_to_a_cap() -> None:
    made = up()
    waits = []
    for n in range(8):
        made.leave(1.0 + n, "gone")
        waits.append(made.probe_wait_s)
        made.probe_succeeded(1.5 + n)
    assert waits == sorted(waits)
    assert waits[-1] == PROBE_CAP_S
    made.leave(1000.0, "gone")
    assert made.probe_wait_s == PROBE_FIRST_S


@given(st.lists(st.sampled_from(["answered", "slow", "failed", "silent", "full", "probe"])))
def test_it_is_up_only_after_a_probe_and_a_probe_always_brings_it_back(events: list[str]) -> None:
    made, now_s = Availability(), 0.0
    for event in events:
        now_s += 0.1
        before = made.state
        match event:
            case "answered":
                made.answered(now_s, write=True)
            case "slow":
                made.slow(now_s - 0.05, now_s)
            case "failed":
                made.failed(now_s, "refused")
            case "silent":
                made.silent(now_s - 0.05, now_s)
            case "full":
                made.refused_write(now_s, "OOM")
            case _:
                made.probe_succeeded(now_s)
                assert state(made) is State.UP
        assert before is not State.AWAY or made.state is State.AWAY or event == "probe"
        assert made.probe_wait_s <= PROBE_CAP_S
