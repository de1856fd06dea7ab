"""`explain` tells the decision of the routing in words."""

from gateway.cli.explained import report
from gateway.config import Config, load_text
from gateway.core.model import Call, Caller, Deadline

TEXT = """
deployments:
  a: {provider: openai, model: m1, base_url: "http://a"}
  b: {provider: openai, model: m2, base_url: "http://b"}
  c: {provider: openai, model: m3, api_key_env: C_KEY}
routes:
  - {name: zh, match: {calls: [chat], locales: [zh]}, tiers: [[{deployment: a, weight: 3}, b], c]}
  - {name: strict, match: {calls: [chat], tenants: [t]}, tiers: [c], rules: {allowed: false}}
  - {name: otherwise, tiers: [c]}
"""


def told(**caller: str) -> list[str]:
    config = load_text(TEXT, "gateway.yaml", {})
    return list(report(config, Call.CHAT, Caller(request_id="", deadline=Deadline(0), **caller)))  # type: ignore[arg-type] # text fields only


def test_tiers_weights_and_reasons_are_told_in_the_order_of_trying() -> None:
    assert told(locale="zh-CN")[3:12] == [
        "route 'zh' takes it and tries, in this order:",
        "  tier 1: a (openai/m1), first for 75.0% of calls",
        "  tier 1: b (openai/m2), first for 25.0% of calls",
        "  tier 2: c is not tried: environment variable C_KEY is not set",
        "  then: the rules answer",
        "",
        "other routes:",
        "  strict: route 'zh' matched before it",
        "  otherwise: route 'zh' matched before it",
    ]


def test_with_every_model_off_the_rules_answer_and_the_reason_is_named() -> None:
    lines = told(locale="en")
    assert "  so the rules answer, degraded with reason NO_MODEL_CONFIGURED" in lines
    assert "  zh: locale is 'en', not under 'zh'" in lines
    assert "not in this route: a, b" in lines


def test_a_route_that_forbids_the_rules_ends_as_unavailable() -> None:
    assert "  then: UNAVAILABLE, for this route forbids the rules" in told(tenant="t")


def test_the_described_call_is_repeated() -> None:
    assert told(tenant="t", locale="en", erp_version="1.2")[1] == (
        "a chat call of tenant 't', locale 'en', ERP version '1.2'"
    )


def test_a_call_that_no_route_takes_is_said_to_be_refused() -> None:
    loaded = load_text(TEXT, "gateway.yaml", {})
    plan = type(loaded.plan)(version="v", deployments={}, routes=())
    config = Config(
        plan=plan,
        server=loaded.server,
        cache=loaded.cache,
        knowledge=loaded.knowledge,
        path="x",
    )
    lines = list(report(config, Call.CHAT, Caller(request_id="", deadline=Deadline(0))))
    assert lines[-1] == "no route takes it: the call is refused as UNAVAILABLE"
