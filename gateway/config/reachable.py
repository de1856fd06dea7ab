"""Whether earlier routes leave anything for a later one, asked of the routing itself."""

from collections.abc import Iterator
from itertools import product
from math import prod

from gateway.core.model import Call, Caller, Deadline
from gateway.core.options import Match, Plan, Route
from gateway.core.routing import choose_route

MAX_CASES = 5_000
"""A match with more combinations of its values is not checked."""


def takers_of_all(match: Match, earlier: tuple[Route, ...]) -> tuple[str, ...]:
    """Names of the earlier routes that together take every call of `match`; empty if they do not.

    Every combination of the match's own values is routed over the earlier routes. A condition
    left open is tried with a value nobody names, and a prefix stands for all that begins with it.
    """
    if _count(match) > MAX_CASES:
        return ()
    plan = Plan(version="", deployments={}, routes=earlier)
    takers: dict[str, None] = {}
    for call, caller in _cases(match):
        taker = choose_route(plan, call, caller)
        if taker is None:
            return ()
        takers[taker.name] = None
    return tuple(takers)


def _cases(match: Match) -> Iterator[tuple[Call, Caller]]:
    known = [call for call in Call if call.value in match.calls]
    for call, tenant, locale, version in product(
        known if match.calls else Call,
        match.tenants or ("\0",),
        match.locales or ("\0",),
        match.erp_versions or ("\0",),
    ):
        yield (
            call,
            Caller(
                request_id="",
                deadline=Deadline(0.0),
                tenant=tenant,
                locale=locale,
                erp_version=version,
                labels=match.labels,
            ),
        )


def _count(match: Match) -> int:
    return prod(
        max(1, len(v)) for v in (match.calls, match.tenants, match.locales, match.erp_versions)
    )
