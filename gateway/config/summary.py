"""A configuration in a few lines, for `check` and for the log at the start."""

from collections.abc import Iterator

from gateway.config.schema import Config
from gateway.core.options import Match, Plan, Route, redis_address


def summary(config: Config) -> str:
    """Which deployments are on, which are off and why, and what each route does."""
    return "\n".join(_lines(config))


def _lines(config: Config) -> Iterator[str]:
    plan = config.plan
    yield f"{config.path} is right, version {plan.version}"
    yield "deployments:"
    for name, deployment in plan.deployments.items():
        yield f"  on   {name}: {deployment.provider}/{deployment.model}"
    for name, reason in plan.off.items():
        yield f"  off  {name}: {reason}"
    yield from _tools(plan)
    if config.redis.url:
        off = config.redis.off
        yield f"redis:\n  {f'off  {off}' if off else f'on   {redis_address(config.redis.url)}'}"
    yield "routes:"
    for route in plan.routes:
        yield f"  {route.name}: {_conditions(route.match)} -> {_tiers(route)}"


def _tools(plan: Plan) -> Iterator[str]:
    if plan.tools or plan.tools_off:
        yield "tools:"
    for name, tool in plan.tools.items():
        where = tool.url if tool.mcp else f"{tool.method.value} {tool.url}"
        yield f"  on   {name}: {where}{' (writes)' if tool.writes else ''}"
    for name, reason in plan.tools_off.items():
        yield f"  off  {name}: {reason}"


def _conditions(match: Match) -> str:
    labels = " ".join(f"{key}={value}" for key, value in match.labels.items())
    parts = {
        "tenant": "/".join(match.tenants),
        "locale": "/".join(match.locales),
        "ERP": "/".join(match.erp_versions),
        "label": labels,
    }
    given = [f"{name} {value}" for name, value in parts.items() if value]
    return ", ".join(["/".join(match.calls) or "every call", *given])


def _tiers(route: Route) -> str:
    tiers = [" | ".join(target.deployment for target in tier) for tier in route.tiers]
    last = "rules" if route.rules.allowed else "UNAVAILABLE"
    return ", then ".join([*tiers, last])
