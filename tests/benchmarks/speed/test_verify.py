"""A measurement counts only when the work was really done."""

import pytest

from benchmarks.speed.h2load import Sent
from benchmarks.speed.upstream import TEXT
from benchmarks.speed.verify import Wrong, right

CALLS = 1_000
WHOLE = Sent(CALLS, 1.0, (), CALLS * (len(TEXT) + 20))


@pytest.mark.parametrize(
    ("work", "asked"), [("plain", CALLS), ("cached", 2), ("fallback", 2 * CALLS), ("stream", CALLS)]
)
def test_the_model_is_asked_as_often_as_the_work_needs(work: str, asked: int) -> None:
    right(work, WHOLE, asked)


@pytest.mark.parametrize(
    ("work", "asked"),
    [("plain", 0), ("cached", CALLS), ("fallback", CALLS), ("stream", 500)],
)
def test_a_cheaper_way_than_the_one_measured_is_found_out(work: str, asked: int) -> None:
    with pytest.raises(Wrong, match=f"{work}: the model was asked {asked} times"):
        right(work, WHOLE, asked)


def test_errors_that_look_like_successes_are_too_short_for_the_text() -> None:
    with pytest.raises(Wrong, match="too few for the texts"):
        right("plain", Sent(CALLS, 1.0, (), 60 * CALLS), CALLS)
