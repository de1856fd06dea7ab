"""Limits and prices of the file, as the engine gets them."""

import pytest

from gateway.config import load_text
from gateway.core.options import CallerLimitOptions, LimitOptions, OnExhausted, Plan, Price

FILE = """
cny_per_usd: 7.0
limits:
  time_zone: Asia/Shanghai
  each_tenant: {calls_per_minute: 600, cost_usd_per_day: 20.0, on_exhausted: rules}
  tenants:
    erp-a: {calls_per_minute: 6000, burst: 50}
deployments:
  own:
    provider: openai
    model: m
    base_url: http://127.0.0.1:9
    limits: {concurrent_calls: 8}
    price:
      input_cny_per_million: 7
      output_cny_per_million: 14
      cached_input_cny_per_million: 0.875
  dollars:
    provider: openai
    model: m
    base_url: http://127.0.0.1:9
    price: {input_usd_per_million: 1, output_usd_per_million: 2}
  listed: {provider: openai, model: m, base_url: "http://127.0.0.1:9"}
routes:
  - name: all
    limits: {tokens_per_minute: 100000, shadow: true}
    tiers: [own]
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_text(FILE, "x.yaml", {}).plan


def test_what_a_tenant_does_not_say_is_as_in_each_tenant(plan: Plan) -> None:
    assert plan.limits.of("erp-a") == CallerLimitOptions(
        calls_per_minute=6000, burst=50, cost_usd_per_day=20.0, on_exhausted=OnExhausted.RULES
    )
    assert plan.limits.of("anybody") == CallerLimitOptions(
        calls_per_minute=600, cost_usd_per_day=20.0, on_exhausted=OnExhausted.RULES
    )
    assert plan.limits.time_zone == "Asia/Shanghai"


def test_routes_and_deployments_have_their_own(plan: Plan) -> None:
    assert plan.routes[0].limits == CallerLimitOptions(tokens_per_minute=100_000, shadow=True)
    assert plan.deployments["own"].limits == LimitOptions(concurrent_calls=8)
    assert not plan.deployments["listed"].limits.given


def test_a_price_in_yuan_becomes_dollars_by_the_rate_of_the_file(plan: Plan) -> None:
    assert plan.deployments["own"].price == Price(
        input_usd_per_million=1, output_usd_per_million=2, cached_input_usd_per_million=0.125
    )
    assert plan.deployments["dollars"].price == Price(
        input_usd_per_million=1, output_usd_per_million=2
    )
    assert plan.deployments["listed"].price is None


def test_another_rate_is_another_version_of_the_configuration() -> None:
    other = FILE.replace("7.0", "7.1")
    versions = {load_text(text, "x.yaml", {}).plan.version for text in (FILE, other)}
    assert len(versions) == 2


@pytest.mark.parametrize(("per_minute", "at_once"), [(600, 60), (5, 1), (14, 1), (15, 2)])
def test_the_burst_is_a_tenth_of_a_minutes_calls_by_default(per_minute: int, at_once: int) -> None:
    assert LimitOptions(calls_per_minute=per_minute).calls_at_once == at_once
