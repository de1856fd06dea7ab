"""`explain` tells the limits that a real call is counted against, and what models cost."""

import json
from typing import Any

import pytest

from gateway.adapters.memory_limits import MemoryLimits
from gateway.cli.explain import report
from gateway.config import Config, load_text
from gateway.core.engine import Engine
from gateway.core.model import Call
from tests.core.limits.fakes import FakeClock, FakePrices
from tests.fakes import EchoTask, FakeProvider, caller, rooms

pytestmark = pytest.mark.anyio

MANY = {
    "calls_per_minute": 600,
    "concurrent_calls": 9,
    "tokens_per_minute": 50_000,
    "cost_usd_per_day": 2.5,
    "cost_usd_per_month": 40,
}


def document(**parts: Any) -> Config:
    deployment = {"provider": "openai", "model": "gpt-5.4-mini", "base_url": "http://a"}
    own = {"input_usd_per_million": 0, "output_usd_per_million": 0}
    file = {
        "limits": parts.get("limits", {}),
        "deployments": {
            "a": deployment | {"limits": parts.get("deployment", {})},
            "own": deployment | {"model": "m", "price": own},
            "odd": deployment | {"model": "m"},
        },
        "routes": [{"name": "all", "tiers": ["a", "own", "odd"], "limits": parts.get("route", {})}],
    }
    return load_text(json.dumps(file), "gateway.yaml", {})


def told(config: Config, tenant: str = "t") -> list[str]:
    lines = list(report(config, Call.CHAT, caller(tenant=tenant)))
    return lines[lines.index("limits:") + 1 :]


async def test_every_limit_of_the_call_is_told_with_what_comes_after_it() -> None:
    config = document(
        limits={
            "time_zone": "Asia/Shanghai",
            "tenants": {"t": MANY | {"on_exhausted": "cheaper"}, "u": {"concurrent_calls": 1}},
        },
        route={"calls_per_minute": 60, "burst": 3, "shadow": True},
        deployment={"concurrent_calls": 4},
    )
    assert told(config)[:3] == [
        "  tenant 't': 600 calls a minute (60 after a rest), 9 at once, 50000 tokens a minute,"
        " 2.5 USD a day, 40 USD a month; from 80% of the money on the cheapest model first, then"
        " the rules answer",
        "  route 'all': 60 calls a minute (3 after a rest); only measured (shadow)",
        "  deployment 'a': 4 at once; then it is not tried",
    ]
    assert told(config)[-1] == "  days and months begin at midnight of Asia/Shanghai"
    assert told(config, "u")[0] == "  tenant 'u': 1 at once; then RESOURCE_EXHAUSTED"


async def test_prices_are_those_of_the_file_or_of_the_locked_map() -> None:
    assert told(document()) == [
        "  none",
        "",
        "prices for a million tokens, in and out:",
        "  a: 0.75 and 4.5 USD, from LiteLLM's map",
        "  own: 0 and 0 USD, from the file",
        "  odd: not known, counts as free: give it a `price`",
    ]


@pytest.mark.parametrize("tenant", ["t", "u", "x"])
@pytest.mark.parametrize("scope", ["limits", "route", "deployment"])
async def test_what_explain_tells_is_what_a_real_call_is_counted_against(
    tenant: str, scope: str
) -> None:
    parts: dict[str, Any] = {
        "limits": {"each_tenant": {"calls_per_minute": 9}, "tenants": {"t": MANY}},
        "route": MANY,
        "deployment": MANY,
    }
    config = document(**{scope: parts[scope]})
    given = rooms(
        FakeProvider({"a": ["hello"]}),
        config.plan,
        limits=MemoryLimits(FakeClock()),
        prices=FakePrices({"a": 1}),
    )
    await Engine(given).answer(EchoTask(), "hi", caller(tenant=tenant))
    counted = {f"  {s.scope} {s.owner!r}" for s in given.limit_board}
    shown = {line.partition(":")[0] for line in told(config, tenant) if "; " in line}
    assert shown == counted
    assert all(s.passed for s in given.limit_board)
