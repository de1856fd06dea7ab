"""From configured limits to checks with keys."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.limits.checks import Grant, Places, Rate, Refusal, Window
from gateway.core.limits.ledger import Ledger
from gateway.core.limits.rules import Knob, Moment, Need, Owner, Scope, at_the_door, of_a_try
from gateway.core.options import CallerLimitOptions, LimitOptions, OnExhausted

ALL = CallerLimitOptions(
    calls_per_minute=60,
    burst=5,
    concurrent_calls=2,
    tokens_per_minute=1000,
    cost_usd_per_day=0.5,
    cost_usd_per_month=10,
)
NOON = Moment(1_795_233_600.0, ZoneInfo("Asia/Shanghai"), 30.0)  # 2026-11-21 12:00 in Shanghai


def tenant(name: str = "t", options: LimitOptions = ALL) -> Owner:
    return Owner(Scope.TENANT, name, options)


def test_at_the_door_pace_and_place_are_taken_and_amounts_only_looked_at() -> None:
    checks = [rule.check for rule in at_the_door(tenant(), NOON, asks_models=True)]
    assert checks == [
        Rate(key="tenant/t/calls_per_minute", interval_s=1.0, burst=5),
        Places(key="tenant/t/concurrent_calls", limit=2, ttl_s=30.0),
        Window(key="tenant/t/tokens_per_minute/29920560", limit=1000, amount=0, left_s=60.0),
        Window(
            key="tenant/t/cost_usd_per_day/2026-11-21", limit=500_000, amount=0, left_s=43_200.0
        ),
        Window(
            key="tenant/t/cost_usd_per_month/2026-11",
            limit=10_000_000,
            amount=0,
            left_s=43_200.0 + 9 * 86_400,
        ),
    ]


def test_a_call_for_the_rules_needs_neither_tokens_nor_money() -> None:
    knobs = [rule.knob for rule in at_the_door(tenant(), NOON, asks_models=False)]
    assert knobs == [Knob.CALLS_PER_MINUTE, Knob.CONCURRENT_CALLS]


def test_money_for_cheaper_models_bars_nobody_at_the_door() -> None:
    soft = CallerLimitOptions(
        tokens_per_minute=5, cost_usd_per_day=1, on_exhausted=OnExhausted.CHEAPER
    )
    rules = list(at_the_door(tenant(options=soft), NOON, asks_models=True))
    assert [(rule.knob, rule.check.shadow) for rule in rules] == [
        (Knob.TOKENS_PER_MINUTE, False),
        (Knob.COST_USD_PER_DAY, True),
    ]


def test_a_try_reserves_what_it_may_need_and_of_money_nothing_when_it_is_free() -> None:
    def amounts(need: Need) -> dict[Knob, int]:
        rules = of_a_try(tenant(), NOON, need)
        return {r.knob: r.check.amount for r in rules if isinstance(r.check, Window)}

    assert amounts(Need(700, 600_000)) == {
        Knob.TOKENS_PER_MINUTE: 700,
        Knob.COST_USD_PER_DAY: 500_000,
        Knob.COST_USD_PER_MONTH: 600_000,
    }
    assert amounts(Need(700, 0)) == {Knob.TOKENS_PER_MINUTE: 700}


def test_calls_of_a_deployment_are_counted_at_the_try() -> None:
    owner = Owner(Scope.DEPLOYMENT, "d", LimitOptions(calls_per_minute=6, concurrent_calls=1))
    assert [rule.name for rule in of_a_try(owner, NOON, Need())] == [
        "deployment.d.calls_per_minute",
        "deployment.d.concurrent_calls",
    ]


def test_callers_are_not_shown_the_names_of_tenants() -> None:
    rules = at_the_door(tenant("secret name"), NOON, asks_models=True)
    assert all(rule.name == f"tenant.{rule.knob}" for rule in rules)


@given(names=st.lists(st.text(max_size=20), min_size=2, max_size=2, unique=True))
def test_whatever_one_tenant_uses_another_has_all_of_its_own(names: list[str]) -> None:
    ledger = Ledger()

    def ask(name: str) -> Grant | Refusal:
        rules = at_the_door(tenant(name), NOON, asks_models=True)
        return ledger.reserve([rule.check for rule in rules], 0.0)

    while isinstance(ask(names[0]), Grant):
        pass
    granted = ask(names[1])
    assert isinstance(granted, Grant)
    assert granted.levels[:2] == (1 / 5, 1 / 2)


@given(name=st.text(max_size=20), other=st.sampled_from([Scope.ROUTE, Scope.DEPLOYMENT]))
def test_owners_of_one_name_but_another_kind_are_counted_apart(name: str, other: Scope) -> None:
    keys = [
        {rule.check.key for rule in of_a_try(Owner(scope, name, ALL), NOON, Need(1, 1))}
        for scope in (Scope.TENANT, other)
    ]
    assert not keys[0] & keys[1]
