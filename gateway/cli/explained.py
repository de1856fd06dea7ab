"""Where a described call goes, in words; for `explain` and for the port for ops."""

from collections.abc import Iterator

from gateway.cli.explain_limits import limit_lines
from gateway.config import Config
from gateway.core.model import Call, Caller, DegradeReason
from gateway.core.options import Plan, Route, Variant
from gateway.core.routing import DeploymentVerdict, Explanation, explain, verdicts_on
from gateway.core.variants import as_variant


def report(config: Config, call: Call, caller: Caller, knowledge_base: str = "") -> Iterator[str]:
    """The decision as lines of text, taken from the routing that serves real calls."""
    found = explain(config.plan, call, caller, knowledge_base)
    yield f"{config.path}, version {config.plan.version}"
    article = "an" if call.value[0] in "aeiou" else "a"
    yield f"{article} {call.value} call of tenant {caller.tenant!r}{_conditions(caller)}"
    yield ""
    yield from _decision(found, config.plan)
    others = [verdict for verdict in found.routes if verdict.why_not]
    if others:
        yield ""
        yield "other routes:"
        yield from (f"  {verdict.route}: {verdict.why_not}" for verdict in others)
    if found.route is not None:
        yield ""
        yield from limit_lines(config.plan, found.route, caller.tenant)


def _decision(found: Explanation, plan: Plan) -> Iterator[str]:
    if found.refused:
        yield f"refused as PERMISSION_DENIED: {found.refused}"
        return
    if found.route is None:
        yield "no route takes it: the call is refused as UNAVAILABLE"
        return
    yield from _ways(found, found.route, plan)
    yield from (_tool_line(name, plan) for name in found.route.tools)
    if mirror := found.route.mirror:
        yield f"  copies of {mirror.percent:g}% of the calls go to {mirror.deployment}, on the side"
    named = {verdict.deployment for verdict in found.deployments}
    strangers = [name for name in (*plan.deployments, *plan.off) if name not in named]
    if strangers:
        yield ""
        yield f"not in this route: {', '.join(strangers)}"


def _ways(found: Explanation, route: Route, plan: Plan) -> Iterator[str]:
    """The route as this caller gets it; all its variants for one who is drawn anew each time."""
    if found.sticky or len(found.possible) == 1:
        yield from _way(route, found.variant, found.deployments, plan)
        return
    yield (
        f"route {route.name!r} takes it; it has variants, and this caller sends nothing to be kept"
        f" on one by ({route.sticky_by.value}): each call is drawn anew"
    )
    base = next(one for one in plan.routes if one.name == route.name)
    named = {variant.name: variant for variant in base.variants}
    for one in found.possible:
        yield f"for {one.share:.1%} of calls:"
        way = _as(base, named.get(one.variant))
        yield from _way(way, one.variant, verdicts_on(base, plan, one.variant), plan)


def _as(route: Route, variant: Variant | None) -> Route:
    return route if variant is None else as_variant(route, variant)


def _way(
    route: Route, variant: str, verdicts: tuple[DeploymentVerdict, ...], plan: Plan
) -> Iterator[str]:
    label = f" (model_version {route.model_version})" if route.model_version else ""
    if variant:
        yield f"route {route.name!r} takes it, by its variant {variant!r}{label}, and tries:"
    else:
        yield f"route {route.name!r} takes it and tries, in this order{label}:"
    yield from (_deployment_line(verdict, plan) for verdict in verdicts)
    yield _rules_line(route, any(verdict.on for verdict in verdicts))


def _deployment_line(verdict: DeploymentVerdict, plan: Plan) -> str:
    start = f"  tier {verdict.tier + 1}: {verdict.deployment}"
    if not verdict.on:
        return f"{start} is not tried: {verdict.why_off}"
    deployment = plan.deployments[verdict.deployment]
    model = f"{start} ({deployment.provider}/{deployment.model})"
    return model if verdict.share == 1 else f"{model}, first for {verdict.share:.1%} of calls"


def _tool_line(name: str, plan: Plan) -> str:
    tool = plan.tools.get(name)
    if tool is None:
        return f"  tool {name} is off: {plan.tools_off.get(name, 'it is not in this file')}"
    return f"  tool {name}{' (writes: after the customer says yes)' if tool.writes else ''}"


def _rules_line(route: Route, has_models: bool) -> str:  # noqa: FBT001 # a fact, not a switch
    if not route.rules.allowed:
        return "  then: UNAVAILABLE, for this route forbids the rules"
    if has_models:
        return "  then: the rules answer"
    reason = DegradeReason.NO_MODEL_CONFIGURED.name
    return f"  so the rules answer, degraded with reason {reason}"


def _conditions(caller: Caller) -> str:
    given = [
        f"key {caller.key_id!r}" if caller.key_id else "",
        f"locale {caller.locale!r}" if caller.locale else "",
        f"ERP version {caller.erp_version!r}" if caller.erp_version else "",
        f"end user {caller.end_user_id!r}" if caller.end_user_id else "",
        f"conversation {caller.conversation_id!r}" if caller.conversation_id else "",
        *(f"label {key}={value}" for key, value in caller.labels.items()),
    ]
    return "".join(f", {condition}" for condition in given if condition)
