"""The limits' part of `erp-gateway explain`: what a call counts against, and what it costs."""

from collections.abc import Iterator

from gateway.core.limits.rules import Owner, Scope, deployment_owner, owners
from gateway.core.options import CallerLimitOptions, Deployment, OnExhausted, Plan, Route

_THEN = {
    OnExhausted.REJECT: "then RESOURCE_EXHAUSTED",
    OnExhausted.RULES: "then the rules answer",
    OnExhausted.CHEAPER: "then the rules answer",
}


def limit_lines(plan: Plan, route: Route, tenant: str) -> Iterator[str]:
    """One line for each limit that counts a call of this route and tenant, one for each price."""
    yield "limits:"
    found = [*owners(plan, route, tenant)]
    named = [plan.deployments[name] for name in route.deployments() if name in plan.deployments]
    found += [owner for deployment in named if (owner := deployment_owner(deployment))]
    yield from (f"  {_owner(owner)}" for owner in found)
    if not found:
        yield "  none"
    if named:
        yield ""
        yield "prices for a million tokens, in and out:"
        yield from (f"  {deployment.name}: {_price(deployment)}" for deployment in named)
    if any(owner.options.counts_money for owner in found):
        yield f"  days and months begin at midnight of {plan.limits.time_zone}"


def _owner(owner: Owner) -> str:
    options = owner.options
    told = [
        _calls(owner),
        f"{options.concurrent_calls} at once" if options.concurrent_calls else "",
        f"{options.tokens_per_minute} tokens a minute" if options.tokens_per_minute else "",
        f"{options.cost_usd_per_day:g} USD a day" if options.cost_usd_per_day else "",
        f"{options.cost_usd_per_month:g} USD a month" if options.cost_usd_per_month else "",
    ]
    words = ", ".join(word for word in told if word)
    return f"{owner.scope} {owner.name!r}: {words}; {_then(owner)}"


def _calls(owner: Owner) -> str:
    options = owner.options
    if not options.calls_per_minute:
        return ""
    return f"{options.calls_per_minute} calls a minute ({options.calls_at_once} after a rest)"


def _then(owner: Owner) -> str:
    options = owner.options
    if options.shadow:
        return "only measured (shadow)"
    if owner.scope is Scope.DEPLOYMENT or not isinstance(options, CallerLimitOptions):
        return "then it is not tried"
    if options.on_exhausted is OnExhausted.CHEAPER:
        return (
            f"from {options.cheaper_from:.0%} of the money on the cheapest model first, "
            f"{_THEN[options.on_exhausted]}"
        )
    return _THEN[options.on_exhausted]


def _price(deployment: Deployment) -> str:
    # here, for the adapter's room loads aiohttp: 0.3 s that `explain --help` and `check` do without
    from gateway.adapters.litellm.price_file import shipped_prices  # noqa: PLC0415
    from gateway.adapters.litellm.pricing import tariff_of  # noqa: PLC0415

    tariff = tariff_of(deployment, shipped_prices())
    if not tariff:
        return "not known, counts as free: give it a `price`"
    whose = "from the file" if deployment.price else "from LiteLLM's map"
    first = tariff[0]
    tiers = ", dearer for long prompts" if len(tariff) > 1 else ""
    return f"{first.input_usd * 1e6:g} and {first.output_usd * 1e6:g} USD, {whose}{tiers}"
