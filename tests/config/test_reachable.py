"""Which routes can never match, against asking every caller of a small world."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from gateway.config.reachable import takers_of_all
from gateway.core.model import Call, Caller, Deadline
from gateway.core.options import Match, Plan, Route
from gateway.core.routing import choose_route

TENANTS = ["a", "b", "nobody's"]
LOCALES = ["", "zh", "zh-CN", "zh-TW", "fr"]
VERSIONS = ["", "1", "1.2", "1.2.7", "3"]
LABELS: list[dict[str, str]] = [{}, {"k": "1"}, {"k": "2"}, {"k": "1", "l": "1"}]


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


MATCHES = st.builds(
    Match,
    calls=some([call.value for call in Call]),
    tenants=some(["a", "b"]),
    locales=some(["zh", "zh-CN"]),
    erp_versions=some(["1", "1.2"]),
    labels=st.sampled_from(LABELS[:2]),
)


def reaches(routes: tuple[Route, ...], wanted: str) -> bool:
    plan = Plan(version="", deployments={}, routes=routes)
    for call, tenant, locale, version, labels in product(Call, TENANTS, LOCALES, VERSIONS, LABELS):
        caller = Caller(
            request_id="",
            deadline=Deadline(0.0),
            tenant=tenant,
            locale=locale,
            erp_version=version,
            labels=labels,
        )
        chosen = choose_route(plan, call, caller)
        if chosen and chosen.name == wanted:
            return True
    return False


@given(st.lists(MATCHES, max_size=3), MATCHES)
def test_a_route_is_called_unreachable_exactly_when_no_caller_reaches_it(
    earlier: list[Match], last: Match
) -> None:
    before = tuple(Route(name=str(i), match=match) for i, match in enumerate(earlier))
    everything = (*before, Route(name="last", match=last))
    assert bool(takers_of_all(last, before)) != reaches(everything, "last")
