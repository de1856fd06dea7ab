"""Which deployments answer a call, in which order, and why not the others. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.core.model import Call, Caller
from gateway.core.options import Deployment, Match, Plan, Route, Target
from gateway.core.ports import Shuffle
from gateway.core.prefixes import locale_in, version_in
from gateway.core.variants import Possible, as_variant, is_sticky, possible, varied


def choose_route(plan: Plan, call: Call, caller: Caller) -> Route | None:
    """The first route of the plan that matches, or None."""
    for route in plan.routes:
        if not _mismatches(route.match, call, caller):
            return route
    return None


def order(route: Route, plan: Plan, rng: Shuffle) -> tuple[tuple[Deployment, int], ...]:
    """Every switched-on deployment of the route once, with its tier counted from 0.

    Tiers keep their order; inside a tier the order is a weighted shuffle without replacement, so
    the first of a tier is drawn with the chance weight / sum of weights. A deployment named in
    two tiers is tried in the earlier one only.
    """
    chosen: dict[str, tuple[Deployment, int]] = {}
    for tier, targets in enumerate(route.tiers):
        on = [target for target in targets if target.deployment in plan.deployments]
        for target in _shuffled(on, rng):
            chosen.setdefault(target.deployment, (plan.deployments[target.deployment], tier))
    return tuple(chosen.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteVerdict:
    """What became of one route: `why_not` is empty for the chosen one."""

    route: str
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentVerdict:
    """One deployment of the chosen route.

    `share`: the part of calls that try it first in its tier, 0 to 1. `why_off` is empty when on.
    """

    deployment: str
    tier: int
    share: float
    why_off: str = ""

    @property
    def on(self) -> bool:
        """Whether it may be tried."""
        return not self.why_off


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a call goes where it goes; routes and deployments in the order of the plan.

    `route` is as this caller gets it, by `variant` (empty: the route itself). `sticky`: whether
    the caller is kept on it; `possible`: what callers of this kind can get. `refused`: what the
    caller's key may not do; then no deployment is tried.
    """

    route: Route | None
    routes: tuple[RouteVerdict, ...]
    deployments: tuple[DeploymentVerdict, ...] = ()
    variant: str = ""
    sticky: bool = True
    possible: tuple[Possible, ...] = ()
    refused: str = ""


def explain(plan: Plan, call: Call, caller: Caller, knowledge_base: str = "") -> Explanation:
    """What `choose_route` and `varied` decide, and the odds of `order`; a reason for each no.

    `knowledge_base`: the one that a chat call asks for; empty: the route's.
    """
    chosen: Route | None = None
    verdicts = []
    for route in plan.routes:
        if chosen is not None:
            why_not = f"route {chosen.name!r} matched before it"
        else:
            why_not = "; ".join(_mismatches(route.match, call, caller))
            chosen = None if why_not else route
        verdicts.append(RouteVerdict(route=route.name, why_not=why_not))
    refused = _refused(call, caller, chosen, knowledge_base)
    if chosen is None:
        return Explanation(route=None, routes=tuple(verdicts), refused=refused)
    route, variant = varied(chosen, caller)
    return Explanation(
        route=route,
        routes=tuple(verdicts),
        deployments=() if refused else verdicts_on(route, plan),
        variant=variant,
        sticky=is_sticky(chosen, caller),
        possible=possible(chosen, caller),
        refused=refused,
    )


def verdicts_on(route: Route, plan: Plan, variant: str = "") -> tuple[DeploymentVerdict, ...]:
    """What becomes of each deployment of the route, or of one of its variants."""
    named = next((one for one in route.variants if one.name == variant), None)
    return tuple(_deployment_verdicts(as_variant(route, named) if named else route, plan))


def _refused(call: Call, caller: Caller, route: Route | None, knowledge_base: str) -> str:
    if told := caller.scopes.why_not(call=call.value):
        return told
    if route is None:
        return ""
    asked = (knowledge_base or route.knowledge_base) if call is Call.CHAT else ""
    return caller.scopes.why_not(route=route.name, knowledge_base=asked)


def _mismatches(match: Match, call: Call, caller: Caller) -> list[str]:
    """One reason per condition that does not hold; empty when the route matches."""
    reasons = []
    if match.calls and call.value not in match.calls:
        reasons.append(f"call is {call.value!r}, not one of {_names(match.calls)}")
    if match.tenants and caller.tenant not in match.tenants:
        reasons.append(f"tenant is {caller.tenant!r}, not one of {_names(match.tenants)}")
    if match.locales and not locale_in(caller.locale, match.locales):
        reasons.append(f"locale is {caller.locale!r}, not under {_names(match.locales)}")
    if match.erp_versions and not version_in(caller.erp_version, match.erp_versions):
        reasons.append(
            f"ERP version is {caller.erp_version!r}, not under {_names(match.erp_versions)}"
        )
    if match.labels:
        reasons.extend(_label_mismatches(match.labels, caller.labels))
    return reasons


def _label_mismatches(wanted: Mapping[str, str], sent: Mapping[str, str]) -> Iterator[str]:
    for key, value in wanted.items():
        if key not in sent:
            yield f"label {key!r} is not sent, must be {value!r}"
        elif sent[key] != value:
            yield f"label {key!r} is {sent[key]!r}, not {value!r}"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


def _shuffled(targets: list[Target], rng: Shuffle) -> list[Target]:
    """Weighted shuffle by exponential keys (Efraimidis and Spirakis, 2006)."""
    if len(targets) < 2:  # noqa: PLR2004 - one target has one order; saves the draw
        return targets
    return sorted(targets, key=lambda target: -math.log(1.0 - rng.random()) / target.weight)


def _deployment_verdicts(route: Route, plan: Plan) -> Iterator[DeploymentVerdict]:
    first_tier: dict[str, int] = {}
    for tier, targets in enumerate(route.tiers):
        reasons = []
        for target in targets:
            reasons.append(_why_off(target.deployment, plan, first_tier))
            first_tier.setdefault(target.deployment, tier)
        total = sum(t.weight for t, why_off in zip(targets, reasons, strict=True) if not why_off)
        for target, why_off in zip(targets, reasons, strict=True):
            yield DeploymentVerdict(
                deployment=target.deployment,
                tier=tier,
                share=0.0 if why_off else target.weight / total,
                why_off=why_off,
            )


def _why_off(deployment: str, plan: Plan, first_tier: Mapping[str, int]) -> str:
    if deployment not in plan.deployments:
        if deployment in plan.off:
            return plan.off[deployment] or "switched off"
        return f"no deployment {deployment!r} in this configuration"
    if deployment in first_tier:
        return f"already named in tier {first_tier[deployment]}"
    return ""
