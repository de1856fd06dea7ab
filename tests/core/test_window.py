"""The sliding window against a list of everything that ever happened."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.window import BUCKETS, Window

events = st.lists(st.tuples(st.floats(0, 12), st.integers(0, 3), st.integers(0, 3)))


@given(st.floats(0, 1e6), events)
def test_exactly_the_last_ten_pieces_count(
    start_s: float, events: list[tuple[float, int, int]]
) -> None:
    window, kept, now_s = Window(5.0), [], start_s
    for gap_s, hits, total in events:
        now_s += gap_s
        window.add(now_s, hits=hits, total=total)
        kept.append((int(now_s // 0.5), hits, total))
        recent = [e for e in kept if e[0] > kept[-1][0] - BUCKETS]
        assert window.hits == sum(hits for _, hits, _ in recent)
        assert window.total == sum(total for _, _, total in recent)


@given(st.floats(0, 1e6), st.floats(0, 8.9), st.floats(10.01, 1e6))
def test_an_event_counts_for_nine_tenths_of_the_window_and_never_longer_than_it(
    start_s: float, soon_s: float, late_s: float
) -> None:
    window = Window(10.0)
    window.add(start_s, hits=1, total=2)
    window.advance(start_s + soon_s)
    assert (window.hits, window.total) == (1, 2)
    window.advance(start_s + late_s)
    assert (window.hits, window.total) == (0, 0)


def test_a_clock_that_goes_back_is_read_as_standing() -> None:
    window = Window(10.0)
    window.add(100.0, total=1)
    window.add(50.0, total=1)
    assert window.total == 2
    window.advance(109.5)
    assert window.total == 2
    window.advance(110.5)
    assert window.total == 0


def test_clearing_forgets_everything() -> None:
    window = Window(10.0)
    window.add(5.0, hits=1, total=1)
    window.clear()
    window.advance(5.0)
    assert (window.hits, window.total) == (0, 0)
    window.add(6.0, total=1)
    assert (window.hits, window.total) == (0, 1)


def test_it_shows_what_it_holds() -> None:
    window = Window(30.0)
    window.add(1.0, hits=2, total=3)
    assert repr(window) == "<Window 2 of 3 in 30 s>"
