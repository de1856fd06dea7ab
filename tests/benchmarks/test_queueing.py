"""The simulation against what queueing theory knows."""

from random import Random

import pytest

from benchmarks.queueing import Outcome, Scene, as_seen, closed_loop, exponential, open_loop, steady

CALLS = 60_000
SERVICE_S = 0.001


def mean_s(outcome: Outcome) -> float:
    return sum(outcome.latencies_s) / len(outcome.latencies_s)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_one_worker_with_exponential_work_is_an_m_m_1_queue(load: float) -> None:
    scene = Scene(cores=4, shares=[1.0], gateway_s=SERVICE_S, factor=exponential)
    outcome = open_loop(scene, load / SERVICE_S, CALLS, Random(1))
    assert mean_s(outcome) == pytest.approx(SERVICE_S / (1 - load), rel=0.08)


@pytest.mark.parametrize("load", [0.3, 0.6, 0.8])
def test_one_worker_with_steady_work_is_an_m_d_1_queue(load: float) -> None:
    scene = Scene(cores=4, shares=[1.0], gateway_s=SERVICE_S, factor=steady)
    outcome = open_loop(scene, load / SERVICE_S, CALLS, Random(2))
    foretold_s = SERVICE_S * (1 + load / (2 * (1 - load)))  # Pollaczek and Khinchine
    assert mean_s(outcome) == pytest.approx(foretold_s, rel=0.05)


def test_many_workers_on_two_cores_are_an_m_m_2_queue() -> None:
    load = 0.7
    scene = Scene(cores=2, shares=[1.0] * 300, gateway_s=SERVICE_S, factor=exponential)
    outcome = open_loop(scene, 2 * load / SERVICE_S, CALLS, Random(3))
    assert mean_s(outcome) == pytest.approx(SERVICE_S / (1 - load**2), rel=0.08)


def test_a_call_that_waits_for_its_model_takes_no_core_meanwhile() -> None:
    scene = Scene(cores=1, shares=[1.0], gateway_s=SERVICE_S, model_wait_s=2.0)
    outcome = open_loop(scene, 0.2 / SERVICE_S, 5_000, Random(4))
    assert outcome.latencies_s[0] == pytest.approx(2.0 + SERVICE_S)
    assert mean_s(outcome) == pytest.approx(2.0, rel=0.01)


def test_the_worker_with_more_connections_has_the_longer_queue() -> None:
    def p99_s(shares: list[float]) -> float:
        scene = Scene(cores=2, shares=shares, gateway_s=SERVICE_S)
        return open_loop(scene, 1.2 / SERVICE_S, 20_000, Random(5)).latencies_s[-200]

    assert p99_s([0.75, 0.25]) > 2 * p99_s([0.5, 0.5])


def test_callers_that_ask_again_at_once_fill_the_cores() -> None:
    scene = Scene(cores=2, shares=[0.5, 0.5], gateway_s=SERVICE_S)
    assert closed_loop(scene, 64, 10_000, Random(6)).rate == pytest.approx(2 / SERVICE_S, rel=0.01)


def test_the_load_generator_takes_its_share_of_the_same_cores() -> None:
    scene = Scene(cores=2, shares=[0.5, 0.5], gateway_s=SERVICE_S, load_s=SERVICE_S / 2)
    rate = closed_loop(scene, 64, 10_000, Random(7)).rate
    assert rate == pytest.approx(2 / (1.5 * SERVICE_S), rel=0.03)


def test_measured_spread_keeps_the_mean() -> None:
    factor, rng = as_seen([1.0, 1.0, 1.0, 5.0]), Random(8)
    drawn = [factor(rng) for _ in range(20_000)]
    assert sum(drawn) / len(drawn) == pytest.approx(1.0, rel=0.03)
    assert set(drawn) == {0.5, 2.5}


def test_chance_alone_decides_so_one_seed_gives_one_outcome() -> None:
    scene = Scene(cores=2, shares=[0.5, 0.5], gateway_s=SERVICE_S, factor=exponential)
    first, second = (open_loop(scene, 900, 2_000, Random(9)).told() for _ in range(2))
    assert first == second
