"""A figure of an answer is known in whatever dress; one that was never said is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.checks import figures_in, unknown_figures

SOURCE = (
    "Returns within 30 days. Order SO20251104001 of 2026-12-01: 1,299.00 EUR, 3.5kg, 七天, "
    "3万, open from 14:30."
)


@pytest.mark.parametrize(
    "said",
    [
        "You have 30 days.",
        "三十天内可退",
        "You have thirty days, or seven working days.",
        "It costs 1299 EUR, 1.299,00 € or $1,299.00.",
        "Das macht 1\u00a0299,00 €.",
        "It ships on 2026-12-01, December 1, 1 December 2026, 01.12.2026 or 12/01/2026.",
        "12月1日发货，十二月一日到，2026年12月1日",
        "Lieferung am 1. Dezember, livraison le 1er décembre, el 1 de diciembre",
        "order so20251104001 weighs 3.5 kg",
        "30000 or 3万",
        "We are here 24/7, 30-day returns, B2B only.",
        "1. Open the page\n2. Pay\n- 3) Done",
        "一下就好，一个，十分感谢，千万别急",
        "no figure at all",
    ],
)
def test_a_known_figure_is_known_in_every_dress(said: str) -> None:
    assert unknown_figures(said, [figures_in(SOURCE)]) == ()


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("You have 60 days.", "60"),
        ("六十天内可退", "60"),
        ("sixty days", "sixty days"),
        ("It costs 1,298.00", "1,298.00"),
        ("It costs 12.99", "12.99"),
        ("It ships on December 2.", "december 2"),
        ("11月1日", "11月1日"),
        ("2025-12-01", "2025-12-01"),
        ("with the code FREE100", "free100"),
        ("order SO20251104002", "so20251104002"),
        ("打七五折，百分之四十", "75"),
    ],
)
def test_a_figure_that_was_never_said_is_found(said: str, unknown: str) -> None:
    assert unknown in unknown_figures(said, [figures_in(SOURCE)])


def test_days_and_months_of_different_dates_make_no_new_date() -> None:
    known = [figures_in("2026-12-01 and 2026-11-05")]
    assert unknown_figures("on November 5", known) == ()
    assert unknown_figures("on November 1", known) != ()


def test_figures_of_several_texts_count_together() -> None:
    known = [figures_in("30"), figures_in("40")]
    assert unknown_figures("30 or 40", known) == ()


@given(st.text(max_size=300))
def test_whatever_is_written_is_known_to_itself(text: str) -> None:
    assert unknown_figures(text, [figures_in(text)]) == ()


@given(st.integers(0, 10**9), st.integers(0, 99))
def test_an_amount_is_the_same_with_and_without_marks(whole: int, cents: int) -> None:
    known = [figures_in(f"{whole}.{cents:02}")]
    english = f"{whole:,}.{cents:02}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    assert unknown_figures(f"{english} / {german}".replace(" / ", " x y "), known) == ()
