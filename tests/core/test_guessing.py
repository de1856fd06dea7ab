"""Who guesses at a key is refused that key from there, and nobody else is."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.guessing import BURST, FORGET_S, Guesses


def after(misses: int, now_s: float = 0.0) -> Guesses:
    guesses = Guesses()
    for _ in range(misses):
        guesses.missed("1.2.3.4", "k1", now_s)
    return guesses


def test_a_key_is_refused_from_an_address_after_ten_wrong_secrets() -> None:
    assert not after(BURST - 1).too_many("1.2.3.4", "k1", 0.0)
    assert after(BURST).too_many("1.2.3.4", "k1", 0.0)


def test_other_keys_and_other_addresses_go_on() -> None:
    guesses = after(1_000)
    assert not guesses.too_many("1.2.3.4", "k2", 0.0)
    assert not guesses.too_many("1.2.3.5", "k1", 0.0)


def test_one_guess_more_is_let_through_whenever_one_is_forgotten() -> None:
    guesses = after(BURST)
    assert not guesses.too_many("1.2.3.4", "k1", FORGET_S)
    guesses.missed("1.2.3.4", "k1", FORGET_S)
    assert guesses.too_many("1.2.3.4", "k1", FORGET_S)


@given(st.lists(st.floats(0, 5), max_size=300))
def test_at_most_the_burst_and_ten_a_minute_are_ever_let_through(gaps: list[float]) -> None:
    guesses, now_s, tried = Guesses(), 0.0, 0
    for gap_s in gaps:
        now_s += gap_s
        if not guesses.too_many("a", "k", now_s):
            guesses.missed("a", "k", now_s)
            tried += 1
    assert tried <= BURST + now_s / FORGET_S + 1


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 100)), max_size=200))
def test_memory_is_bounded(misses: list[tuple[int, float]]) -> None:
    guesses, now_s = Guesses(most=8), 0.0
    for address, gap_s in misses:
        now_s += gap_s
        guesses.missed(str(address), "k", now_s)
        assert len(guesses) <= 8


def test_what_is_forgotten_is_dropped() -> None:
    guesses = after(3)
    guesses.missed("other", "k1", 1_000.0)
    assert len(guesses) == 1
