"""From what is configured to what a store checks: limits with owners become checks with keys. Pure.

A call is checked twice. At the door: the pace, a place, and whether anything is left of tokens and
money, for its tenant and route. At every try: tokens and money as that try may need at most, for
tenant, route and deployment, and the deployment's pace and places.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from gateway.core.limits.calendar import Period, span
from gateway.core.limits.checks import Check, Places, Rate, Window
from gateway.core.options import (
    CallerLimitOptions,
    Deployment,
    LimitOptions,
    OnExhausted,
    Plan,
    Route,
)

MICROS = 1_000_000


class Scope(StrEnum):
    """Whose limit it is."""

    TENANT = "tenant"
    ROUTE = "route"
    DEPLOYMENT = "deployment"


class Knob(StrEnum):
    """Which limit it is: the key in the configuration."""

    CALLS_PER_MINUTE = "calls_per_minute"
    CONCURRENT_CALLS = "concurrent_calls"
    TOKENS_PER_MINUTE = "tokens_per_minute"
    COST_USD_PER_DAY = "cost_usd_per_day"
    COST_USD_PER_MONTH = "cost_usd_per_month"

    @property
    def is_money(self) -> bool:
        """Whether it counts money, in millionths of a dollar."""
        return self in (Knob.COST_USD_PER_DAY, Knob.COST_USD_PER_MONTH)


_PERIOD = {
    Knob.TOKENS_PER_MINUTE: Period.MINUTE,
    Knob.COST_USD_PER_DAY: Period.DAY,
    Knob.COST_USD_PER_MONTH: Period.MONTH,
}


@dataclass(frozen=True, slots=True)
class Owner:
    """A tenant, route or deployment with its limits."""

    scope: Scope
    name: str
    options: LimitOptions

    @property
    def on_exhausted(self) -> OnExhausted | None:
        """What a call gets when a limit is used up; None for a deployment, which is not tried."""
        options = self.options
        return options.on_exhausted if isinstance(options, CallerLimitOptions) else None


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit as it is checked at one moment of a call."""

    owner: Owner
    knob: Knob
    check: Check

    @property
    def name(self) -> str:
        """As callers see it. They know which tenant they are, and need not see the name."""
        owner = self.owner
        whose = owner.scope.value if owner.scope is Scope.TENANT else f"{owner.scope}.{owner.name}"
        return f"{whose}.{self.knob}"


@dataclass(frozen=True, slots=True)
class Need:
    """What a try may use at most, or has used."""

    tokens: int = 0
    cost_usd_micros: int = 0

    def of(self, knob: Knob) -> int:
        """The part that a limit counts."""
        return self.cost_usd_micros if knob.is_money else self.tokens


@dataclass(frozen=True, slots=True)
class Moment:
    """When a call is checked: the wall's seconds, the zone of days, how long it may still last."""

    wall_s: float
    zone: ZoneInfo
    lasts_s: float


def owners(plan: Plan, route: Route, tenant: str) -> tuple[Owner, ...]:
    """Tenant and route of a call, where they have limits."""
    found: tuple[Owner, ...] = ()
    if (options := plan.limits.of(tenant)).given:
        found += (Owner(Scope.TENANT, tenant, options),)
    if route.limits.given:
        found += (Owner(Scope.ROUTE, route.name, route.limits),)
    return found


def deployment_owner(deployment: Deployment) -> Owner | None:
    """A deployment, where it has limits."""
    if not deployment.limits.given:
        return None
    return Owner(Scope.DEPLOYMENT, deployment.name, deployment.limits)


def at_the_door(owner: Owner, moment: Moment, *, asks_models: bool) -> Iterator[Rule]:
    """What a tenant or route has to say before any work.

    Money that goes to cheaper deployments bars nobody here: a free one may still answer, so that
    limit is only looked at. Calls that ask no model need neither tokens nor money.
    """
    yield from _calls(owner, moment)
    if asks_models:
        for rule in _amounts(owner, moment, Need()):
            yield _only_looked_at(rule) if is_soft(rule) else rule


def of_a_try(owner: Owner, moment: Moment, need: Need) -> Iterator[Rule]:
    """What the owner has to say to one try. Calls were counted at the door, except deployments'.

    A try that needs no money asks for none, so that free deployments go on when it is used up.
    """
    if owner.scope is Scope.DEPLOYMENT:
        yield from _calls(owner, moment)
    for rule in _amounts(owner, moment, need):
        if not (rule.knob.is_money and not need.cost_usd_micros):
            yield rule


def is_soft(rule: Rule) -> bool:
    """Whether this is money whose end leads to cheaper deployments first."""
    return rule.knob.is_money and rule.owner.on_exhausted is OnExhausted.CHEAPER


def _calls(owner: Owner, moment: Moment) -> Iterator[Rule]:
    options = owner.options
    if options.calls_per_minute is not None:
        rate = Rate(
            key=_key(owner, Knob.CALLS_PER_MINUTE),
            interval_s=60 / options.calls_per_minute,
            burst=options.calls_at_once,
            shadow=options.shadow,
        )
        yield Rule(owner, Knob.CALLS_PER_MINUTE, rate)
    if options.concurrent_calls is not None:
        places = Places(
            key=_key(owner, Knob.CONCURRENT_CALLS),
            limit=options.concurrent_calls,
            ttl_s=moment.lasts_s,
            shadow=options.shadow,
        )
        yield Rule(owner, Knob.CONCURRENT_CALLS, places)


def _amounts(owner: Owner, moment: Moment, need: Need) -> Iterator[Rule]:
    for knob, period in _PERIOD.items():
        limit = _limit(owner.options, knob)
        if limit is None:
            continue
        now = span(period, moment.wall_s, moment.zone)
        window = Window(
            key=f"{_key(owner, knob)}/{now.name}",
            limit=limit,
            amount=min(need.of(knob), limit),  # else a need above the limit would wait for ever
            left_s=now.left_s,
            shadow=owner.options.shadow,
        )
        yield Rule(owner, knob, window)


def _limit(options: LimitOptions, knob: Knob) -> int | None:
    """A limit in what its window counts: tokens, or millionths of a dollar."""
    if knob is Knob.TOKENS_PER_MINUTE:
        return options.tokens_per_minute
    day = knob is Knob.COST_USD_PER_DAY
    usd = options.cost_usd_per_day if day else options.cost_usd_per_month
    return None if usd is None else max(1, round(usd * MICROS))


def _only_looked_at(rule: Rule) -> Rule:
    window = rule.check
    if not isinstance(window, Window):
        return rule
    looked = Window(key=window.key, limit=window.limit, amount=0, left_s=window.left_s, shadow=True)
    return Rule(rule.owner, rule.knob, looked)


def _key(owner: Owner, knob: Knob) -> str:
    return f"{_prefix(owner.scope, owner.name)}/{knob}"


@lru_cache(maxsize=10_000)
def _prefix(scope: Scope, name: str) -> str:
    """Names are quoted, so that no name can reach into another's key."""
    return f"{scope}/{quote(name, safe='')}"
