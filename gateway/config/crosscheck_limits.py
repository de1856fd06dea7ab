"""Checks of limits and prices: between knobs that each are right."""

from collections.abc import Iterator
from dataclasses import fields
from zoneinfo import ZoneInfo

from gateway.config.node import Loc, Node
from gateway.config.schema import PriceEntry
from gateway.config.validate import Validated, place
from gateway.core.options import CallerLimitOptions, LimitOptions, OnExhausted, Route

MAX_TENANT = 128
"""Most characters of a tenant's name."""

Finding = tuple[Loc, str]


def limits(checked: Validated, whole: Node) -> Iterator[Finding]:
    """Every fault of limits and prices whose types are right."""
    file = checked.file
    yield from _time_zone(file.limits.time_zone)
    yield from _caller_limits(file.limits.each_tenant, ("limits", "each_tenant"))
    for name, options in file.limits.tenants.items():
        loc: Loc = ("limits", "tenants", name)
        if not 1 <= len(name) <= MAX_TENANT:
            yield loc, f"a tenant's name must be 1 to {MAX_TENANT} characters"
        yield from _caller_limits(options, loc)
    for index, route in enumerate(file.routes):
        yield from _route_limits(route, ("routes", index, "limits"))
    for name, entry in file.deployments.items():
        yield from _limits(entry.limits, ("deployments", name, "limits"))
        if entry.price is not None:
            yield from _price(("deployments", name, "price"), whole)


def _time_zone(name: str) -> Iterator[Finding]:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield (
            ("limits", "time_zone"),
            f"limits.time_zone {name!r} is no IANA time zone such as 'Asia/Shanghai' or 'UTC'",
        )


def _limits(options: LimitOptions, loc: Loc) -> Iterator[Finding]:
    if options.burst is not None and options.calls_per_minute is None:
        yield (*loc, "burst"), f"{place(loc)}.burst needs calls_per_minute beside it"
    day, month = options.cost_usd_per_day, options.cost_usd_per_month
    if day is not None and month is not None and day > month:
        yield (
            (*loc, "cost_usd_per_day"),
            f"{place(loc)}.cost_usd_per_day ({day:g}) must be at most cost_usd_per_month"
            f" ({month:g})",
        )


def _caller_limits(options: CallerLimitOptions, loc: Loc) -> Iterator[Finding]:
    yield from _limits(options, loc)
    if options.on_exhausted is OnExhausted.CHEAPER and not options.counts_money:
        at = (*loc, "on_exhausted")
        yield (
            at,
            f"{place(at)}: `cheaper` is about money; add cost_usd_per_day or cost_usd_per_month,"
            " or choose `rules`",
        )


def _route_limits(route: Route, loc: Loc) -> Iterator[Finding]:
    options = route.limits
    yield from _caller_limits(options, loc)
    if options.on_exhausted is not OnExhausted.REJECT and not route.rules.allowed:
        yield (
            (*loc, "on_exhausted"),
            f"route {route.name!r} forbids the rules, so its limits can only `reject`",
        )
    tokens = options.tokens_per_minute
    if tokens is not None and tokens < route.max_output_tokens:
        yield (
            (*loc, "tokens_per_minute"),
            f"{place(loc)}.tokens_per_minute ({tokens}) is less than one answer of route"
            f" {route.name!r} may take (max_output_tokens {route.max_output_tokens})",
        )


def _price(loc: Loc, whole: Node) -> Iterator[Finding]:
    given = [field.name for field in fields(PriceEntry) if whole.find((*loc, field.name))]
    currencies = {unit for unit in ("usd", "cny") if any(f"_{unit}_" in name for name in given)}
    if len(currencies) > 1:
        yield loc, f"{place(loc)} must be in one currency, usd or cny, not in both"
        return
    for unit in currencies or {"usd"}:
        for name in (f"input_{unit}_per_million", f"output_{unit}_per_million"):
            if name not in given:
                yield loc, f"{place(loc)} needs the key {name!r}"
    if "cny" in currencies and not whole.child("cny_per_usd"):
        yield loc, f"{place(loc)} is in yuan; give the rate at the top of the file: cny_per_usd"
