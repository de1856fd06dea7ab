"""When a dead worker is started again."""

from gateway.workers.restarts import LONGEST_DELAY_S, STEADY_S, Restarts


def test_each_death_in_a_row_waits_twice_as_long_up_to_a_bound() -> None:
    restarts = Restarts()
    waits = [restarts.died(lived_s=1.0) for _ in range(12)]
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == LONGEST_DELAY_S


def test_a_long_life_starts_the_count_anew() -> None:
    restarts = Restarts()
    for _ in range(5):
        restarts.died(lived_s=0.0)
    assert restarts.died(lived_s=STEADY_S) == 0.5
