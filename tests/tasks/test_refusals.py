"""Requests that keep every field's limit, but that no rule engine can make sense of."""

import pickle

import pytest

from gateway.core.errors import InvalidRequest, Violation
from gateway.core.options import Route
from gateway.tasks.anomaly import AnomalyTask
from gateway.tasks.keywords import KeywordsTask
from gateway.tasks.nouns import DetectRequest, Interval, KeywordRequest, Listing, Point, Series

ROUTE = Route(name="r")


@pytest.mark.parametrize("title", ["🐶🛏️", "!!! ---", "<b></b>"])
def test_a_listing_without_a_word_is_the_callers_fault(title: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        KeywordsTask().draft(KeywordRequest(Listing(title=title)), ROUTE)
    assert [violation.field for violation in caught.value.violations] == ["listing"]


def test_a_series_of_a_hundred_years_of_hours_is_the_callers_fault() -> None:
    points = (Point(631_152_000, 1.0), Point(4_000_000_000, 2.0))
    series = Series(points, interval=Interval.HOUR)
    with pytest.raises(InvalidRequest) as caught:
        AnomalyTask().draft(DetectRequest(series), ROUTE)
    assert [violation.field for violation in caught.value.violations] == ["series"]


def test_a_refusal_comes_whole_out_of_another_process() -> None:
    error = InvalidRequest([Violation("listing", "holds no word"), Violation("a", "b")])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 # our own
    assert again.violations == error.violations
    assert str(again) == str(error)
