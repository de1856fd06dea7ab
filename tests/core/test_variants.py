"""Who gets which variant: shares that hold, callers that stay, and the label in the answer."""

from collections import Counter
from dataclasses import replace

import pytest

from gateway.core.engine import Engine
from gateway.core.model import Caller, Deadline
from gateway.core.options import Plan, Route, StickyBy, Target, Variant
from gateway.core.routing import explain
from gateway.core.variants import possible, varied
from tests.fakes import EchoTask, FakeObserver, FakeProvider, caller, deployment, rooms

MANY = 20_000
NEW = Variant(name="new", percent=10.0, tiers=((Target("b"),),), model_version="v2")
OLD = Variant(name="old", erp_versions=("1.1",), tiers=((Target("a"),),), model_version="v0")
ROUTE = Route(name="chat", tiers=((Target("a"),),), model_version="v1", variants=(OLD, NEW))


def one(user: str = "u", **other: str) -> Caller:
    return Caller(request_id="r", deadline=Deadline(0.0), end_user_id=user, **other)  # type: ignore[arg-type] # text fields


def takers(route: Route) -> dict[int, str]:
    return {n: varied(route, one(f"user-{n}"))[1] for n in range(MANY)}


def test_the_share_holds_and_raising_it_keeps_whom_it_had() -> None:
    some = takers(ROUTE)
    more = takers(replace(ROUTE, variants=(OLD, replace(NEW, percent=25.0))))
    assert abs(Counter(some.values())["new"] / MANY - 0.10) < 0.01  # 4.7 sigma
    assert abs(Counter(more.values())["new"] / MANY - 0.25) < 0.015
    assert all(more[n] == "new" for n, variant in some.items() if variant == "new")


def test_none_and_all_are_exact() -> None:
    assert set(takers(replace(ROUTE, variants=(replace(NEW, percent=0.0),))).values()) == {""}
    assert set(takers(replace(ROUTE, variants=(replace(NEW, percent=100.0),))).values()) == {"new"}


def test_two_routes_draw_independently_of_each_other() -> None:
    route = replace(ROUTE, variants=(replace(NEW, percent=50.0),))
    one_route, other = takers(route), takers(replace(route, name="other"))
    both = sum(one_route[n] == other[n] == "new" for n in range(MANY))
    assert abs(both / MANY - 0.25) < 0.015


@pytest.mark.parametrize(
    ("by", "same", "other"),
    [
        (StickyBy.TENANT, {"end_user_id": "x", "conversation_id": "y"}, {"tenant": "t2"}),
        (StickyBy.END_USER, {"conversation_id": "y", "request_id": "z"}, {"end_user_id": "x"}),
        (StickyBy.CONVERSATION, {"end_user_id": "x", "request_id": "z"}, {"conversation_id": "d"}),
    ],
)
def test_a_caller_stays_by_what_the_route_says(
    by: StickyBy, same: dict[str, str], other: dict[str, str]
) -> None:
    route = replace(ROUTE, sticky_by=by, variants=(replace(NEW, percent=50.0),))
    base = [
        Caller(
            request_id="r",
            deadline=Deadline(0.0),
            tenant=f"t{n}",
            end_user_id=f"u{n}",
            conversation_id=f"c{n}",
        )
        for n in range(200)
    ]
    drawn = [varied(route, who)[1] for who in base]
    assert drawn == [varied(route, replace(who, **same))[1] for who in base]  # type: ignore[arg-type] # text fields
    assert drawn != [varied(route, replace(who, **other))[1] for who in base]  # type: ignore[arg-type]


def test_who_sends_nothing_to_be_known_by_is_drawn_for_each_call() -> None:
    route = replace(ROUTE, variants=(replace(NEW, percent=50.0),))
    drawn = Counter(
        varied(route, Caller(request_id=f"r{n}", deadline=Deadline(0.0)))[1] for n in range(1_000)
    )
    assert 400 < drawn["new"] < 600
    assert not explain(
        Plan(version="v", deployments={}, routes=(route,)),
        EchoTask.call,
        Caller(request_id="", deadline=Deadline(0.0)),
    ).sticky


def test_an_erp_release_gets_its_model_version_whoever_calls() -> None:
    found = {varied(ROUTE, one(f"u{n}", erp_version="1.1.9"))[1] for n in range(500)}
    assert found == {"old"}
    assert [p.variant for p in possible(ROUTE, one(erp_version="1.1"))] == ["old"]
    assert [(p.variant, p.share) for p in possible(ROUTE, one())] == [("new", 0.1), ("", 0.9)]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("version", "answered"), [("1.1", ("a", "v0", "old")), ("1.2", ("b", "v2", "new"))]
)
async def test_the_answer_carries_the_variants_deployment_and_label_cached_or_not(
    version: str, answered: tuple[str, str, str]
) -> None:
    variants = (OLD, replace(NEW, percent=100.0))
    plan = Plan(
        version="v",
        deployments={"a": deployment("a"), "b": deployment("b")},
        routes=(replace(ROUTE, variants=variants),),
    )
    provider = FakeProvider({"a": ["from a"], "b": ["from b"]})
    engine = Engine(rooms(provider, plan, observer=(observer := FakeObserver())))
    for _ in range(2):
        answer = await engine.answer(EchoTask(), "hello", caller(erp_version=version))
        assert (answer.deployment, answer.model_version, answer.variant) == answered
    assert [a.source.value for a in observer.answers] == ["model", "cache"]


@pytest.mark.anyio
async def test_variants_never_share_cached_answers() -> None:
    plan = Plan(
        version="v",
        deployments={"a": deployment("a"), "b": deployment("b")},
        routes=(replace(ROUTE, variants=(OLD, replace(NEW, percent=100.0))),),
    )
    provider = FakeProvider({"a": ["from a"], "b": ["from b"]})
    engine = Engine(rooms(provider, plan))
    texts = [
        (await engine.answer(EchoTask(), "hello", caller(erp_version=version))).value.text
        for version in ("1.1", "1.2")
    ]
    assert texts == ["from a", "from b"]
