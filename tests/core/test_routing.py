"""Routing: the first match wins, weights hold, and the explanation never disagrees."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.model import Call, Caller
from gateway.core.options import Match, Plan, Route, Target
from gateway.core.routing import (
    DeploymentVerdict,
    Explanation,
    RouteVerdict,
    choose_route,
    explain,
    order,
)
from tests.core.samples import Fixed, caller, deployment

NAMES = ("a", "b", "c", "d", "e")
TENANTS = ("shop", "outlet")
LOCALES = ("zh", "zh-CN", "zh_TW", "ZH-cn", "z", "en-US", "")
VERSIONS = ("1", "1.2", "1.2.7", "1.20", "2", "")
LABELS = st.dictionaries(st.sampled_from("xy"), st.sampled_from("01"), max_size=2)
matches = st.builds(
    Match,
    calls=st.lists(st.sampled_from([c.value for c in Call]), max_size=2).map(tuple),
    locales=st.lists(st.sampled_from(LOCALES[:4]), max_size=2).map(tuple),
    tenants=st.lists(st.sampled_from(TENANTS), max_size=1).map(tuple),
    labels=LABELS,
    erp_versions=st.lists(st.sampled_from(VERSIONS[:5]), max_size=2).map(tuple),
)
callers = st.builds(
    caller,
    tenant=st.sampled_from(TENANTS),
    locale=st.sampled_from(LOCALES),
    labels=LABELS,
    erp_version=st.sampled_from(VERSIONS),
)
tiers = st.lists(
    st.lists(st.builds(Target, st.sampled_from(NAMES), st.floats(0.01, 100)), max_size=4).map(
        tuple
    ),
    max_size=3,
).map(tuple)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    on = draw(st.sets(st.sampled_from(NAMES)))
    off = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["no key", ""])))
    routes = draw(st.lists(st.tuples(matches, tiers), max_size=4))
    return Plan(
        version="1",
        deployments={name: deployment(name) for name in on - off.keys()},
        routes=tuple(
            Route(name=f"r{i}", match=match, tiers=tiers) for i, (match, tiers) in enumerate(routes)
        ),
        off=off,
    )


def plan(*routes: Route, on: str = "abcde", off: dict[str, str] | None = None) -> Plan:
    deployments = {name: deployment(name) for name in on}
    return Plan(version="1", deployments=deployments, routes=routes, off=off or {})


def route(name: str = "r", **match: object) -> Route:
    return Route(name=name, match=Match(**match))  # type: ignore[arg-type]


def under(value: str, prefixes: tuple[str, ...], dot: str) -> bool:
    """The simple model of a prefix: the whole value, or followed by the separator."""
    return not prefixes or any(value == p or value.startswith(p + dot) for p in prefixes)


def holds(match: Match, call: Call, who: Caller) -> bool:
    locale = who.locale.lower().replace("_", "-")
    locales = tuple(p.lower().replace("_", "-") for p in match.locales)
    return (
        (not match.calls or call in match.calls)
        and (not match.tenants or who.tenant in match.tenants)
        and under(locale, locales, "-")
        and under(who.erp_version, match.erp_versions, ".")
        and match.labels.items() <= who.labels.items()
    )


@given(plans(), st.sampled_from(Call), callers)
def test_the_first_route_whose_conditions_all_hold_is_chosen(
    plan: Plan, call: Call, who: Caller
) -> None:
    expected = next((r for r in plan.routes if holds(r.match, call, who)), None)
    assert choose_route(plan, call, who) is expected


@given(plans(), st.sampled_from(Call), callers, st.integers())
def test_the_explanation_agrees_with_the_decision(
    plan: Plan, call: Call, who: Caller, seed: int
) -> None:
    told = explain(plan, call, who)
    assert told.route is choose_route(plan, call, who)
    assert [v.route for v in told.routes] == [r.name for r in plan.routes]
    chosen = [v.route for v in told.routes if not v.why_not]
    assert chosen == ([told.route.name] if told.route else [])
    if told.route is None:
        assert told.deployments == ()
        return
    tried = order(told.route, plan, random.Random(seed))
    assert Counter((d.name, tier) for d, tier in tried) == Counter(
        (v.deployment, v.tier) for v in told.deployments if v.on
    )
    assert all(v.share == 0 for v in told.deployments if not v.on)
    for tier in {tier for _, tier in tried}:
        assert sum(v.share for v in told.deployments if v.tier == tier) == pytest.approx(1)


@given(plans(), tiers, st.integers())
def test_every_switched_on_deployment_is_tried_once_in_its_first_tier(
    plan: Plan, tiers: tuple[tuple[Target, ...], ...], seed: int
) -> None:
    tried = order(Route(name="r", tiers=tiers), plan, random.Random(seed))
    expected: dict[str, int] = {}
    for tier, targets in enumerate(tiers):
        for target in targets:
            if target.deployment in plan.deployments:
                expected.setdefault(target.deployment, tier)
    assert {d.name: tier for d, tier in tried} == expected
    assert len(tried) == len(expected)
    assert [tier for _, tier in tried] == sorted(tier for _, tier in tried)
    assert all(plan.deployments[d.name] is d for d, _ in tried)


def test_inside_a_tier_calls_are_shared_by_weight_to_the_last_place() -> None:
    shared = Route(name="r", tiers=((Target("a", 6), Target("b", 3), Target("c", 1)),))
    rng = random.Random(7)
    drawn = [[d.name for d, _ in order(shared, plan(), rng)] for _ in range(20_000)]
    first = Counter(names[0] for names in drawn)
    assert first["a"] / 20_000 == pytest.approx(0.6, abs=0.02)
    assert first["b"] / 20_000 == pytest.approx(0.3, abs=0.02)
    second = Counter(names[1] for names in drawn if names[0] == "a")
    assert second["b"] / first["a"] == pytest.approx(0.75, abs=0.02)  # 3 of the 4 that are left


def test_a_tier_of_two_is_shuffled_too() -> None:
    shared = Route(name="r", tiers=((Target("a", 1), Target("b", 3)),))
    rng = random.Random(7)
    first = Counter(order(shared, plan(), rng)[0][0].name for _ in range(4_000))
    assert first["b"] / 4_000 == pytest.approx(0.75, abs=0.03)


def test_a_tier_of_one_draws_no_number() -> None:
    class Dry(Fixed):
        def random(self) -> float:
            raise AssertionError("drew a number")

    one = Route(name="r", tiers=((Target("a"),), (Target("b"),)))
    assert [d.name for d, _ in order(one, plan(), Dry())] == ["a", "b"]


def test_the_smallest_draw_is_no_trouble() -> None:
    tied = Route(name="r", tiers=((Target("a"), Target("b")),))
    assert [d.name for d, _ in order(tied, plan(), Fixed(0.0))] == ["a", "b"]


@pytest.mark.parametrize(
    ("match", "why_not"),
    [
        ({"calls": ("chat",)}, "call is 'extract_keywords', not one of 'chat'"),
        ({"tenants": ("a", "b")}, "tenant is 'shop', not one of 'a', 'b'"),
        ({"locales": ("zh",)}, "locale is 'en-US', not under 'zh'"),
        ({"erp_versions": ("1.2",)}, "ERP version is '1.20', not under '1.2'"),
        ({"labels": {"tier": "gold"}}, "label 'tier' is 'tin', not 'gold'"),
        ({"labels": {"desk": "1"}}, "label 'desk' is not sent, must be '1'"),
        (
            {"tenants": ("b",), "locales": ("zh",)},
            "tenant is 'shop', not one of 'b'; locale is 'en-US', not under 'zh'",
        ),
    ],
)
def test_a_route_that_does_not_match_says_every_reason(
    match: dict[str, object], why_not: str
) -> None:
    who = caller(tenant="shop", locale="en-US", erp_version="1.20", labels={"tier": "tin"})
    told = explain(plan(route("r", **match)), Call.EXTRACT_KEYWORDS, who)
    assert told == Explanation(route=None, routes=(RouteVerdict(route="r", why_not=why_not),))


def test_routes_behind_the_chosen_one_and_deployments_say_why() -> None:
    chosen = Route(
        name="main",
        tiers=(
            (Target("a", 3), Target("b", 1), Target("off", 5)),
            (Target("a"), Target("gone"), Target("mute"), Target("c", 2)),
        ),
    )
    config = plan(chosen, route("rest"), off={"off": "no key OFF_KEY", "mute": ""})
    told = explain(config, Call.CHAT, caller())
    assert told.routes == (
        RouteVerdict(route="main"),
        RouteVerdict(route="rest", why_not="route 'main' matched before it"),
    )
    verdict = DeploymentVerdict
    assert told.deployments == (
        verdict(deployment="a", tier=0, share=0.75),
        verdict(deployment="b", tier=0, share=0.25),
        verdict(deployment="off", tier=0, share=0.0, why_off="no key OFF_KEY"),
        verdict(deployment="a", tier=1, share=0.0, why_off="already named in tier 0"),
        verdict(
            deployment="gone",
            tier=1,
            share=0.0,
            why_off="no deployment 'gone' in this configuration",
        ),
        verdict(deployment="mute", tier=1, share=0.0, why_off="switched off"),
        verdict(deployment="c", tier=1, share=1.0),
    )
