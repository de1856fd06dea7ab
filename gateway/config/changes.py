"""Which knobs differ between two configurations, told by their paths."""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from gateway.config.schema import Config
from gateway.config.shown import plain
from gateway.core.options import Plan

SECTIONS = (
    *("server", "security", "cache", "redis", "question_log", "live", "admin"),
    *("metrics", "traces", "log", "conversations"),
    *("knowledge", "lexicons", "mcp_servers"),
)
NOT_SAID = "(not said)"

Flat = dict[str, object]


def knob_changes(old: Config, new: Config) -> Iterator[str]:
    """One line for each knob, deployment, tool or route that differs, in the order of the file."""
    for section in SECTIONS:
        before, after = (_flat(plain(getattr(one, section)), section) for one in (old, new))
        yield from _differences(before, after)
    limits = (_flat(plain(one.plan.limits), "limits") for one in (old, new))
    yield from _differences(*limits)
    yield from _named("deployments", _deployments(old.plan), _deployments(new.plan))
    yield from _named("tools", _tools(old.plan), _tools(new.plan))
    yield from _named("routes", _routes(old.plan), _routes(new.plan))
    before_order, after_order = (_common_order(a, b) for a, b in ((old, new), (new, old)))
    if before_order != after_order:
        yield f"the order of the routes: {', '.join(before_order)} -> {', '.join(after_order)}"


def _named(kind: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in [*old, *(name for name in new if name not in old)]:
        path = f"{kind}.{name}"
        if name not in new:
            yield f"{path} is gone"
        elif name not in old:
            yield f"{path} is new"
        else:
            yield from _differences(_flat(old[name], path), _flat(new[name], path))


def _differences(old: Flat, new: Flat) -> Iterator[str]:
    for path in [*old, *(path for path in new if path not in old)]:
        before, after = _told(old.get(path, NOT_SAID)), _told(new.get(path, NOT_SAID))
        if before != after:
            yield f"{path}: {before} -> {after}"


def _deployments(plan: Plan) -> dict[str, object]:
    on = {name: {"enabled": True, **_fields(one)} for name, one in plan.deployments.items()}
    return {**on, **{name: {"enabled": False} for name in plan.off}}


def _tools(plan: Plan) -> dict[str, object]:
    on = {name: {"enabled": True, **_fields(one)} for name, one in plan.tools.items()}
    return {**on, **{name: {"enabled": False} for name in plan.tools_off}}


def _routes(plan: Plan) -> dict[str, object]:
    return {route.name: _fields(route) for route in plan.routes}


def _fields(value: object) -> dict[str, object]:
    return cast("dict[str, object]", plain(value))


def _common_order(of: Config, other: Config) -> list[str]:
    known = {route.name for route in other.plan.routes}
    return [route.name for route in of.plan.routes if route.name in known]


def _flat(value: object, path: str) -> Flat:
    """Leaves by their path. Lists are leaves, but for a route's variants, which have names."""
    if isinstance(value, dict):
        return {
            deeper: leaf
            for key, item in value.items()
            for deeper, leaf in _flat(item, f"{path}.{key}").items()
        }
    if isinstance(value, list) and path.endswith(".variants"):
        return _flat({item["name"]: item for item in value}, path)
    return {path: _tiers(value) if path.endswith(".tiers") else value}


def _tiers(value: object) -> object:
    """Tiers as people write them: `[["a", "b"], "c"]`, weights where they are not all 1."""
    if not isinstance(value, list):
        return value
    return [[_target(target) for target in tier] for tier in value]


def _target(target: dict[str, object]) -> object:
    return target["deployment"] if target["weight"] == 1 else target


def _told(value: object) -> str:
    if value == NOT_SAID:
        return NOT_SAID
    return json.dumps(value, ensure_ascii=False)
