"""What `explain` prints is what the engine's own routing does, for any configuration."""

import json
import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli.explained import report
from gateway.config import load_text
from gateway.core.errors import PermissionDenied
from gateway.core.model import Call, Caller, Deadline
from gateway.core.options import Route
from gateway.core.permits import permit_call, permit_route
from gateway.core.routing import choose_route, order
from gateway.core.scopes import Scopes

NAMES = ["a", "b", "c", "d"]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2)


MATCHES = st.fixed_dictionaries(
    {
        "calls": some([call.value for call in Call]),
        "tenants": some(["t", "u"]),
        "locales": some(["zh", "de-DE"]),
        "labels": st.sampled_from([{}, {"k": "v"}]),
    }
)
TIERS = st.permutations(NAMES).flatmap(
    lambda names: st.lists(st.integers(1, 3), min_size=1, max_size=2).map(
        lambda sizes: [names[sum(sizes[:i]) :][:size] for i, size in enumerate(sizes)]
    )
)
CALLERS = st.builds(
    Caller,
    request_id=st.just("r"),
    deadline=st.just(Deadline(0.0)),
    tenant=st.sampled_from(["t", "u", "x"]),
    locale=st.sampled_from(["", "zh-CN", "de-DE", "de"]),
    labels=st.sampled_from([{}, {"k": "v"}, {"k": "w"}]),
    scopes=st.builds(
        Scopes,
        calls=some([call.value for call in Call]).map(tuple),
        routes=some(["narrow", "rest"]).map(tuple),
        knowledge_bases=some(["shop", "eu"]).map(tuple),
    ),
)


def document(match: dict[str, object], tiers: list[list[str]]) -> str:
    full = [tier for tier in tiers if tier]
    deployments = {n: {"provider": "openai", "model": "m", "api_key_env": n.upper()} for n in NAMES}
    narrow = {"name": "narrow", "match": match, "tiers": full}
    rest = {"name": "rest", "tiers": list(reversed(full))}
    # a match of nothing takes all, and the route after it would be refused as unreachable
    routes = [narrow, rest] if any(match.values()) else [rest]
    return json.dumps({"deployments": deployments, "routes": routes})


def refused(call: Call, caller: Caller, route: Route, base: str) -> str:
    """What edge and walk refuse, in their order."""
    used = (base or route.knowledge_base) if call is Call.CHAT else ""
    try:
        permit_call(caller.scopes, call.value)
        permit_route(caller.scopes, route.name, used)
    except PermissionDenied as error:
        return str(error)
    return ""


@settings(max_examples=300)
@given(
    match=MATCHES,
    tiers=TIERS,
    keys=some(["A", "B", "C", "D"]),
    caller=CALLERS,
    base=st.sampled_from(["", "shop", "eu"]),
)
def test_explain_names_the_route_and_the_deployments_that_the_engine_tries(
    match: dict[str, object], tiers: list[list[str]], keys: list[str], caller: Caller, base: str
) -> None:
    config = load_text(document(match, tiers), "gateway.yaml", dict.fromkeys(keys, "key"))
    for call in Call:
        told = "\n".join(report(config, call, caller, base))
        route = choose_route(config.plan, call, caller)
        assert route is not None
        if refusal := refused(call, caller, route, base):
            assert f"refused as PERMISSION_DENIED: {refusal}" in told
            assert "tier" not in told
            continue
        assert f"route {route.name!r} takes it" in told
        tried = order(route, config.plan, random.Random(1))
        shown = re.findall(r"tier (\d): (\w) \(", told)
        assert sorted(shown) == sorted((str(tier + 1), d.name) for d, tier in tried)
        assert [tier for tier, _ in shown] == [str(tier + 1) for _, tier in tried]
