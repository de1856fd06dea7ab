"""Checks over several values at once: names that must exist, routes that can never match."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from gateway.config.crosscheck_dify import dify_deployment, dify_routes
from gateway.config.crosscheck_lexicons import lexicons
from gateway.config.crosscheck_limits import limits
from gateway.config.crosscheck_live import admin, mirror, variants
from gateway.config.crosscheck_mcp import mcp_servers
from gateway.config.crosscheck_security import is_address, security
from gateway.config.crosscheck_tools import route_tools, tools
from gateway.config.errors import Problem, Spot
from gateway.config.node import Loc, Node
from gateway.config.reachable import takers_of_all
from gateway.config.redis import redis_faults
from gateway.config.schema import DeploymentEntry
from gateway.config.secrets import looks_secret
from gateway.config.validate import Validated, nearest, place
from gateway.core.model import Call
from gateway.core.options import Match, Route

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
MAX_COMPARED = 500
"""More routes are not compared with one another: 500 take 0.2 s, and it grows with the square."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
OWN_FIELDS = ("model", "messages", "stream", "tools", "response_format")
"""Fields of a request body that the gateway writes itself."""

Finding = tuple[Loc, str]


def crosscheck(checked: Validated, whole: Node) -> list[Problem]:
    """Every fault between the values of a file whose types are right.

    `whole` is the file before faulty values were left out: what is there but wrong is not told
    again as missing.
    """
    found = [
        *_server(checked),
        *security(checked),
        *admin(checked),
        *redis_faults(checked),
        *_deployments(checked, whole),
        *tools(checked),
        *mcp_servers(checked),
        *_routes(checked, whole),
        *lexicons(checked),
        *limits(checked, whole),
        *dify_routes(checked.file),
    ]
    told: dict[tuple[Spot, str], Problem] = {}
    for loc, message in found:
        spot = checked.tree.spot_of(loc)
        # what stands in `defaults` is told once, not for every deployment
        words = message.removeprefix(place(loc))
        told.setdefault((spot, words), Problem(spot, message))
    return list(told.values())


def _server(checked: Validated) -> Iterator[Finding]:
    server = checked.file.server
    if not is_address(server.listen):
        yield ("server", "listen"), f"server.listen must be ADDRESS:PORT, not {server.listen!r}"
    if server.http_listen and not is_address(server.http_listen):
        told = f"must be ADDRESS:PORT or empty, not {server.http_listen!r}"
        yield ("server", "http_listen"), f"server.http_listen {told}"
    if server.mcp and not server.http_listen:
        yield ("server", "mcp"), "server.mcp needs the HTTP door: give server.http_listen"
    metrics, traces = checked.file.metrics, checked.file.traces
    if metrics.listen and not is_address(metrics.listen):
        told = f"must be ADDRESS:PORT or empty, not {metrics.listen!r}"
        yield ("metrics", "listen"), f"metrics.listen {told}"
    if traces.endpoint and not _is_http(traces.endpoint):
        told = "must be http(s)://host[:port], the collector's OTLP gRPC address"
        yield ("traces", "endpoint"), f"traces.endpoint {told}, not {traces.endpoint!r}"


def _deployments(checked: Validated, whole: Node) -> Iterator[Finding]:
    for name, entry in checked.file.deployments.items():
        loc = ("deployments", name)
        if not NAME.fullmatch(name):
            yield loc, f"deployment name {name!r} must be 1 to 63 letters, digits, '-', '_' or '.'"
        yield from _key_source(name, entry, whole)
        yield from _address(entry, loc)
        yield from dify_deployment(entry, loc, whole)
        yield from _clocks(entry, loc, checked.tree)
        for field in sorted(entry.quirks.extra_body.keys() & set(OWN_FIELDS)):
            at = (*loc, "quirks", "extra_body", field)
            yield at, f"{place(at)}: the gateway writes {field!r} itself; remove it"


def _key_source(name: str, entry: DeploymentEntry, whole: Node) -> Iterator[Finding]:
    loc = ("deployments", name)
    variable = entry.api_key_env
    if variable and not looks_secret(variable) and not _VARIABLE.fullmatch(variable):
        yield (
            (*loc, "api_key_env"),
            f"{place(loc)}.api_key_env must name an environment variable, such as OPENAI_API_KEY",
        )
    said = [whole.find((*loc, key)) for key in ("api_key_env", "api_key_file", "base_url")]
    if not any(node and node.value != "" for node in said):
        yield (
            loc,
            f"{place(loc)} needs api_key_env (or api_key_file); only a self-hosted deployment with"
            " a base_url may go without a key",
        )


def _address(entry: DeploymentEntry, loc: Loc) -> Iterator[Finding]:
    if not entry.base_url or looks_secret(entry.base_url):
        return
    at = (*loc, "base_url")
    if not _is_http(entry.base_url):
        yield at, f"{place(at)} must be http(s)://host[:port][/path], not {entry.base_url!r}"


def _is_http(address: str) -> bool:
    try:
        parts = urlsplit(address)
        extra = parts.query or parts.fragment or parts.username
        return bool(
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.port != 0
            and not extra
            and not re.search(r"\s", address)
        )
    except ValueError:
        return False


def _clocks(entry: DeploymentEntry, loc: Loc, tree: Node) -> Iterator[Finding]:
    timeouts, breaker, concurrency = entry.timeouts, entry.breaker, entry.concurrency
    for name in ("connect_s", "first_token_s", "idle_s"):
        at = (*loc, "timeouts", name)
        if tree.find(at):  # a default is simply capped by a shorter total
            yield from _at_most((at, getattr(timeouts, name)), ("total_s", timeouts.total_s))
    base, cap = (*loc, "breaker", "open_base_s"), ("open_cap_s", breaker.open_cap_s)
    yield from _at_most((base, breaker.open_base_s), cap)
    minimum, maximum = (*loc, "concurrency", "minimum"), ("maximum", concurrency.maximum)
    yield from _at_most((minimum, concurrency.minimum), maximum)


def _at_most(small: tuple[Loc, float], large: tuple[str, float]) -> Iterator[Finding]:
    loc, value = small
    name, limit = large
    if value > limit:
        yield loc, f"{place(loc)} ({value:g}) must be at most {name} ({limit:g})"


def _routes(checked: Validated, whole: Node) -> Iterator[Finding]:
    routes = checked.file.routes
    names = Counter(route.name for route in routes)
    seen: set[str] = set()
    for index, route in enumerate(routes):
        loc = ("routes", index)
        if not NAME.fullmatch(route.name):
            yield (
                (*loc, "name"),
                f"route name {route.name!r} must be 1 to 63 letters, digits, '-', '_' or '.'",
            )
        if names[route.name] > 1 and route.name in seen:
            yield (*loc, "name"), f"route name {route.name!r} is used twice; names must differ"
        seen.add(route.name)
        yield from _match(route.match, (*loc, "match"))
        yield from _targets(route, loc, whole)
        yield from route_tools(route, loc, whole)
        yield from _route_knobs(route, loc)
        for i, variant in enumerate(route.variants):
            at = (*loc, "variants", i)
            yield from _match(Match(erp_versions=variant.erp_versions), at)
            yield from _targets(replace(route, tiers=variant.tiers), at, whole)
        yield from variants(route, loc)
        yield from mirror(route, loc, whole)
    if not any(where.startswith("routes") or not where for where in checked.faulty):
        yield from _unreachable(routes)
        yield from _untaken(routes)


def _match(match: Match, loc: Loc) -> Iterator[Finding]:
    calls = [call.value for call in Call]
    for i, call in enumerate(match.calls):
        if call not in calls:
            hint = f"{nearest(call, calls)} (allowed: {', '.join(calls)})"
            yield (*loc, "calls", i), f"unknown call {call!r}{hint}"
    for i, locale in enumerate(match.locales):
        if not _LOCALE.fullmatch(locale):
            yield (*loc, "locales", i), f"{locale!r} is no BCP-47 prefix such as 'zh' or 'pt-BR'"
    for i, version in enumerate(match.erp_versions):
        if not version or version.endswith((".", "*")):
            at = (*loc, "erp_versions", i)
            yield (
                at,
                f"{version!r}: write the prefix without a dot or star at its end, such as '1.2'",
            )


def _targets(route: Route, loc: Loc, whole: Node) -> Iterator[Finding]:
    deployments = whole.child("deployments")
    known = list(deployments.value) if deployments and isinstance(deployments.value, dict) else []
    first_tier: dict[str, int] = {}
    for tier, targets in enumerate(route.tiers):
        if not targets:
            yield (*loc, "tiers", tier), f"tier {tier + 1} of route {route.name!r} is empty"
        for i, target in enumerate(targets):
            at = (*loc, "tiers", tier, i, "deployment")
            name = target.deployment
            if name not in known:
                listed = f" (there are: {', '.join(known) or 'none'})"
                hint = nearest(name, known) + listed
                yield at, f"route {route.name!r} names the unknown deployment {name!r}{hint}"
            elif name in first_tier:
                yield at, f"route {route.name!r} names deployment {name!r} twice; once is enough"
            first_tier.setdefault(name, tier)


def _route_knobs(route: Route, loc: Loc) -> Iterator[Finding]:
    yield from _at_most(
        ((*loc, "retry", "base_s"), route.retry.base_s), ("cap_s", route.retry.cap_s)
    )
    if not route.tiers and not route.rules.allowed:
        yield (
            loc,
            f"route {route.name!r} can never answer: it has no deployments and forbids the rules",
        )
    if route.hedge.enabled and len(set(route.deployments())) < 2:  # noqa: PLR2004 # a pair
        yield (
            (*loc, "hedge", "enabled"),
            f"route {route.name!r} cannot hedge with fewer than two deployments",
        )


def _unreachable(routes: tuple[Route, ...]) -> Iterator[Finding]:
    if len(routes) > MAX_COMPARED:
        return
    for index, route in enumerate(routes):
        if takers := takers_of_all(route.match, routes[:index]):
            named = ", ".join(map(repr, takers))
            yield (
                ("routes", index, "name"),
                f"route {route.name!r} can never match: {named} before it takes all of its calls;"
                " move it up or narrow the other",
            )


def _untaken(routes: tuple[Route, ...]) -> Iterator[Finding]:
    """A call that no route takes would be refused, models or not."""
    untaken = [call.value for call in Call if not takers_of_all(Match(calls=(call.value,)), routes)]
    if untaken:
        yield (
            ("routes",),
            f"some calls are taken by no route and would be refused: {', '.join(untaken)}; end"
            " `routes` with one that has no match: `- {name: otherwise}` lets the rules answer",
        )
