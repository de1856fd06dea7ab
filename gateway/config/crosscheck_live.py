"""Checks of what is tuned while running: variants, mirrors, and the port for ops."""

import ipaddress
import re
from collections.abc import Iterator
from itertools import accumulate

from gateway.config.node import Loc, Node
from gateway.config.validate import Validated, nearest
from gateway.core.options import Route

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
WHOLE = 100.0

_LISTEN = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):(\d{1,5})")

Finding = tuple[Loc, str]


def admin(checked: Validated) -> Iterator[Finding]:
    """The port for ops."""
    if fault := admin_fault(checked.file.admin.listen):
        yield ("admin", "listen"), fault


def admin_fault(listen: str) -> str:
    """Why the port for ops cannot be there, for it knows no keys; empty: it can."""
    if not listen or _is_loopback(listen):
        return ""
    return (
        f"admin.listen must be a loopback ADDRESS:PORT such as 127.0.0.1:50052, not {listen!r}:"
        " it knows no keys; from elsewhere use `ssh -L` or `kubectl port-forward`"
    )


def _is_loopback(listen: str) -> bool:
    match = _LISTEN.fullmatch(listen)
    if match is None or int(match[2]) > 65535:  # noqa: PLR2004 # the largest port
        return False
    host = match[1].strip("[]")
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def variants(route: Route, loc: Loc) -> Iterator[Finding]:
    """Names that differ, and shares that fit into the whole."""
    seen: set[str] = set()
    sums = accumulate(0 if variant.erp_versions else variant.percent for variant in route.variants)
    for i, (variant, until) in enumerate(zip(route.variants, sums, strict=True)):
        at = (*loc, "variants", i)
        if not NAME.fullmatch(variant.name):
            told = "must be 1 to 63 letters, digits, '-', '_' or '.'"
            yield (*at, "name"), f"variant name {variant.name!r} {told}"
        if variant.name in seen:
            yield (
                (*at, "name"),
                f"variant {variant.name!r} of {route.name!r} is used twice; names must differ",
            )
        seen.add(variant.name)
        if until > WHOLE and not variant.erp_versions:
            yield (
                (*at, "percent"),
                f"the variants of route {route.name!r} that take every ERP release add up to"
                f" {until:g} percent; at most 100 (percent is 100 where it is not said)",
            )


def mirror(route: Route, loc: Loc, whole: Node) -> Iterator[Finding]:
    """A candidate that exists."""
    if route.mirror is None:
        return
    deployments = whole.child("deployments")
    known = list(deployments.value) if deployments and isinstance(deployments.value, dict) else []
    name = route.mirror.deployment
    if name not in known:
        yield (
            (*loc, "mirror", "deployment"),
            f"the mirror of route {route.name!r} names the unknown deployment {name!r}"
            f"{nearest(name, known)} (there are: {', '.join(known) or 'none'})",
        )
