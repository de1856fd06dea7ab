"""One customer's message never holds the event loop: whatever it repeats, reading it is linear."""

import re
from collections.abc import Callable

import pytest

from gateway.rules.checks import Figures, figures, links, links_in, unknown_figures, words
from tests.hostile import growing

SHORT_TEXTS_ONLY = {"_SCALE"}
"""Sees sixteen characters behind a number."""
PATTERNS = [
    pytest.param(pattern, id=f"{module.__name__.rpartition('.')[2]}.{name}")
    for module in (figures, links, words)
    for name, pattern in vars(module).items()
    if isinstance(pattern, re.Pattern) and name not in SHORT_TEXTS_ONLY
]
READERS: list[Callable[[str], object]] = [
    links_in,
    lambda text: Figures(text).readings,
    lambda text: unknown_figures(text, ()),
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_pattern_takes_more_than_linear_time(pattern: re.Pattern[str]) -> None:
    assert growing(lambda text: sum(1 for _ in pattern.finditer(text))) == []


@pytest.mark.parametrize("reader", READERS, ids=["links", "figures", "unknown_figures"])
def test_no_reader_takes_more_than_linear_time(reader: Callable[[str], object]) -> None:
    assert growing(reader) == []


def test_a_quadratic_pattern_would_be_noticed() -> None:
    careless = re.compile(r"[a-z0-9_.+-]+@x")
    assert "1." in growing(lambda text: sum(1 for _ in careless.finditer(text)))


@pytest.mark.parametrize("text", ["一" * 5_000 + "天", "亿" * 600 + "天", "百分之" + "九" * 5_000])
def test_numerals_beyond_what_python_converts_are_read_without_an_error(text: str) -> None:
    assert Figures(text).readings
    assert unknown_figures(text, ())


def test_bounded_runs_lose_no_real_link_and_no_real_figure() -> None:
    text = "to a.b+c@mail.shop.example, git+ssh://x.co/y, foo  [.] bar.de, 百分之三十五, 十五天"
    assert links_in(text).mails == {"a.b+c@mail.shop.example"}
    assert links_in(text).hosts == {"x.co", "foo.bar.de"}
    assert {("n", "35"), ("n", "15")} <= Figures(text).readings
