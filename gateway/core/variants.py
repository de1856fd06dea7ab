"""Which variant of its route a caller gets. Pure, and the same in every process and after restarts.

A caller has a place in [0, 100) by a hash of the route's name and of who it is. The variants that
are open to it lie one after the other from 0 on, each as wide as its `percent`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.core.model import Caller
from gateway.core.options import Route, StickyBy, Variant
from gateway.core.prefixes import version_in

WHOLE = 100.0


@dataclass(frozen=True, slots=True)
class Possible:
    """A variant that callers of this kind can get (empty: the route itself), and its share."""

    variant: str
    share: float


def varied(route: Route, caller: Caller) -> tuple[Route, str]:
    """The route as this caller gets it, and the name of the variant; empty for the route itself."""
    if not route.variants:
        return route, ""
    place = place_of(route, caller)
    until = 0.0
    for variant in _open_to(route, caller):
        until += variant.percent
        if place < until:
            return as_variant(route, variant), variant.name
    return route, ""


def as_variant(route: Route, variant: Variant) -> Route:
    """The route with what the variant says otherwise."""
    return replace(
        route,
        tiers=variant.tiers or route.tiers,
        model_version=variant.model_version or route.model_version,
    )


def possible(route: Route, caller: Caller) -> tuple[Possible, ...]:
    """What callers of this kind can get, whoever they are; only what some of them do get."""
    shares: list[Possible] = []
    left = WHOLE
    for variant in _open_to(route, caller):
        width = min(left, variant.percent)
        left -= width
        shares.append(Possible(variant.name, width / WHOLE))
    shares.append(Possible("", left / WHOLE))
    return tuple(one for one in shares if one.share > 0)


def place_of(route: Route, caller: Caller) -> float:
    """The caller's place in [0, 100), by the first 64 bits of a SHA-256."""
    parts = (route.name, caller.tenant, *_who(route.sticky_by, caller))
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") / 2**64 * WHOLE


def is_sticky(route: Route, caller: Caller) -> bool:
    """Whether the caller says who it is; else each of its calls is drawn anew."""
    return _who(route.sticky_by, caller)[0] != "call"


def _who(by: StickyBy, caller: Caller) -> tuple[str, str]:
    """What the caller is known by: the wanted id, else the next best, else the single call."""
    if by is StickyBy.TENANT:
        return ("tenant", "")
    ids = [("end_user", caller.end_user_id), ("conversation", caller.conversation_id)]
    if by is StickyBy.CONVERSATION:
        ids.reverse()
    return next((one for one in ids if one[1]), ("call", caller.request_id))


def _open_to(route: Route, caller: Caller) -> Iterator[Variant]:
    for variant in route.variants:
        if not variant.erp_versions or version_in(caller.erp_version, variant.erp_versions):
            yield variant
