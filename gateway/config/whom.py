"""Whom a change of the configuration touches: every kind of caller that either file tells apart.

Each combination of the values that the two files name, and of one that nobody names, is explained
by both; combinations with the same before and after are told together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from gateway.core.model import Call, Caller, Deadline
from gateway.core.options import Plan, Route
from gateway.core.routing import DeploymentVerdict, explain, verdicts_on
from gateway.core.variants import as_variant

MAX_KINDS = 20_000
"""Kinds of caller that are compared one by one: about 2 s."""
OTHER = "\0"
"""A value that no file names."""

DIMENSIONS = ("call", "tenant", "locale", "ERP version", "labels")
Kind = tuple[str, ...]
Box = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """Callers whose calls go another way: who, a text for each group, and how before and after."""

    who: tuple[str, ...]
    before: str
    after: str


def touched(old: Plan, new: Plan) -> tuple[Touched, ...]:
    """What changes for whom. Raises ValueError where the files tell too many kinds apart."""
    values = _values((*old.routes, *new.routes))
    if prod(map(len, values)) > MAX_KINDS:
        raise ValueError("the files tell too many kinds of callers apart to compare them all")
    groups: dict[tuple[str, str], list[Kind]] = defaultdict(list)
    for kind in product(*values):
        before, after = way(old, kind), way(new, kind)
        if before != after:
            groups[before, after].append(kind)
    return tuple(
        Touched(tuple(_who(box, values) for box in _boxes(kinds)), before, after)
        for (before, after), kinds in groups.items()
    )


def way(plan: Plan, kind: Kind) -> str:
    """Where calls of this kind go, in a line."""
    call, caller = _described(kind)
    found = explain(plan, call, caller)
    if found.route is None:
        return "refused: no route takes it"
    base = next(route for route in plan.routes if route.name == found.route.name)
    named = {variant.name: variant for variant in base.variants}
    ways = []
    for one in found.possible:
        variant = named.get(one.variant)
        route = base if variant is None else as_variant(base, variant)
        told = _order(route, verdicts_on(base, plan, one.variant))
        ways.append(told if one.share == 1 else f"{one.share:.4g} of callers: {told}")
    copies = base.mirror
    side = f"; {copies.percent:g}% copied to {copies.deployment}" if copies else ""
    return "; ".join(ways) + side


def _order(route: Route, verdicts: Sequence[DeploymentVerdict]) -> str:
    tiers: dict[int, list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.on:
            share = "" if verdict.share == 1 else f" {verdict.share:.0%}"
            tiers[verdict.tier].append(f"{verdict.deployment}{share}")
    names = [" | ".join(tier) for tier in tiers.values()]
    last = "rules" if route.rules.allowed else "UNAVAILABLE"
    label = f" as {route.model_version}" if route.model_version else ""
    return f"{', then '.join([*names, last])}{label}"


def _values(routes: Sequence[Route]) -> tuple[tuple[str, ...], ...]:
    matches = [route.match for route in routes]
    versions = [match.erp_versions for match in matches]
    versions += [variant.erp_versions for route in routes for variant in route.variants]
    return (
        tuple(Call),
        _named(match.tenants for match in matches),
        _named(match.locales for match in matches),
        _named(versions),
        _named((_labels_text(match.labels),) for match in matches if match.labels),
    )


def _named(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(name for group in groups for name in group), OTHER]))


def _labels_text(labels: Mapping[str, str]) -> str:
    return "\n".join(f"{key}={value}" for key, value in sorted(labels.items()))


def _described(kind: Kind) -> tuple[Call, Caller]:
    call, tenant, locale, version, labels = kind
    pairs = [] if labels == OTHER else [line.partition("=") for line in labels.split("\n")]
    return Call(call), Caller(
        request_id="",
        deadline=Deadline(0.0),
        tenant=tenant,
        locale=locale,
        erp_version=version,
        labels={key: value for key, _, value in pairs},
    )


def _boxes(kinds: Sequence[Kind]) -> list[Box]:
    """The kinds as few boxes: what differs in one dimension only is put together."""
    boxes: list[Box] = [tuple(frozenset([value]) for value in kind) for kind in kinds]
    for dimension in reversed(range(len(DIMENSIONS))):
        merged: dict[Box, frozenset[str]] = defaultdict(frozenset)
        for box in boxes:
            rest = box[:dimension] + box[dimension + 1 :]
            merged[rest] |= box[dimension]
        boxes = [(*rest[:dimension], own, *rest[dimension:]) for rest, own in merged.items()]
    return boxes


def _who(box: Box, values: tuple[tuple[str, ...], ...]) -> str:
    said = [
        f"{name} {_one_of(chosen, known)}"
        for name, chosen, known in zip(DIMENSIONS, box, values, strict=True)
        if len(chosen) < len(known)
    ]
    return ", ".join(said) or "every call"


def _one_of(chosen: frozenset[str], known: tuple[str, ...]) -> str:
    """The chosen values, or those left out where the unnamed one is among the chosen."""
    if OTHER in chosen:
        left_out = [value for value in known if value not in chosen]
        return f"other than {_listed(left_out)}"
    return _listed([value for value in known if value in chosen])


def _listed(values: list[str]) -> str:
    return " or ".join(value.replace("\n", "+") for value in values)
