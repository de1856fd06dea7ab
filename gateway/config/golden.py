"""Cases beside a configuration: described calls, and where they must go.

`gateway.yaml` has its cases in `gateway.tests.yaml`. They are looked at as if every key were there,
so that they hold on any machine; what is switched off in the file stays off.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, cast

from pydantic import TypeAdapter, ValidationError

from gateway.config.errors import ConfigError, Problem
from gateway.config.shown import plain
from gateway.config.tree import read_tree
from gateway.config.validate import place
from gateway.core.model import Call, Caller, Deadline
from gateway.core.options import Plan, Route
from gateway.core.routing import Explanation, explain


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedCall:
    """A call, as `erp-gateway explain` takes it."""

    call: Call = Call.CHAT
    """chat, extract_keywords or detect_anomaly. Default chat."""
    tenant: str = "default"
    """Default `default`."""
    locale: str = ""
    """As in the request's options."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """As in the request's options."""
    erp_version: str = ""
    """As in the metadata `x-erp-version`."""
    end_user: str = ""
    """As in the request's options: `end_user_id`."""
    conversation: str = ""
    """As in the request: `conversation_id`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Where it must go; what is not said is not looked at."""

    route: str | None = None
    """Name of the route; empty: no route takes it."""
    variant: str | None = None
    """Name of the variant; empty: the route itself."""
    deployments: tuple[str | tuple[str, ...], ...] | None = None
    """Names by tier, in the order of tries; a list is a tier that several share."""
    rules: bool | None = None
    """Whether the rules may answer in the end."""
    model_version: str | None = None
    """The label of the route or variant."""
    mirror: str | None = None
    """The candidate that gets copies; empty: none."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Knobs of the route, as the file writes them: `{cache: {ttl_s: 86400}}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldenCase:
    """One case."""

    name: str
    """What it claims, in words."""
    when: DescribedCall
    """The call."""
    expect: Expected
    """Where it must go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """The whole file."""

    cases: tuple[GoldenCase, ...]
    """At least one."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"strict": True, "extra": "forbid"}


def cases_path(config: Path) -> Path:
    """Where the cases of a configuration stand."""
    return config.with_name(f"{config.stem}.tests{config.suffix}")


def read_cases(text: str, path: str) -> tuple[GoldenCase, ...]:
    """The cases in a text. Raises ConfigError with every fault."""
    tree, problems = read_tree(text)
    if tree is None or problems:
        raise ConfigError(path, problems)
    try:
        return _adapter().validate_json(json.dumps(tree.plain())).cases
    except ValidationError as error:
        found = [
            Problem(
                tree.spot_of(detail["loc"], key=True), f"{place(detail['loc'])}: {detail['msg']}"
            )
            for detail in error.errors()
        ]
        raise ConfigError(path, found) from error


def differences(case: GoldenCase, plan: Plan) -> list[str]:
    """What of the expectations does not hold; empty when the case passes."""
    when, expect = case.when, case.expect
    caller = Caller(
        request_id="",
        deadline=Deadline(0.0),
        tenant=when.tenant,
        locale=when.locale,
        labels=when.labels,
        erp_version=when.erp_version,
        end_user_id=when.end_user,
        conversation_id=when.conversation,
    )
    found = explain(plan, when.call, caller)
    if found.route is None:
        return [] if expect.route == "" else ["no route takes it"]
    if not found.sticky and len(found.possible) > 1:
        return ["the route has variants: say `end_user`, or each call is drawn anew"]
    return [*_named(expect, found, found.route), *_options(expect.options, found.route)]


def _named(expect: Expected, found: Explanation, route: Route) -> Iterator[str]:
    actual = {
        "route": route.name,
        "variant": found.variant,
        "rules": route.rules.allowed,
        "model_version": route.model_version,
        "mirror": route.mirror.deployment if route.mirror else "",
    }
    for name, value in actual.items():
        wanted = getattr(expect, name)
        if wanted is not None and wanted != value:
            yield f"{name} is {value!r}, not {wanted!r}"
    if expect.deployments is not None:
        wanted_tiers = [
            [tier] if isinstance(tier, str) else list(tier) for tier in expect.deployments
        ]
        tiers = _tiers(found)
        if [sorted(tier) for tier in tiers] != [sorted(tier) for tier in wanted_tiers]:
            yield f"deployments are {_shown(tiers)}, not {_shown(wanted_tiers)}"


def _tiers(found: Explanation) -> list[list[str]]:
    tiers: dict[int, list[str]] = {}
    for verdict in found.deployments:
        if verdict.on:
            tiers.setdefault(verdict.tier, []).append(verdict.deployment)
    return list(tiers.values())


def _shown(tiers: Sequence[Sequence[str]]) -> str:
    return ", then ".join(" | ".join(tier) for tier in tiers) or "none"


def _options(wanted: Mapping[str, Any], route: Route) -> Iterator[str]:
    yield from _below(wanted, cast("Mapping[str, Any]", plain(route)), "options")


def _below(wanted: Mapping[str, Any], actual: Mapping[str, Any], path: str) -> Iterator[str]:
    for key, value in wanted.items():
        at = f"{path}.{key}"
        if key not in actual:
            yield f"{at}: a route has no such option"
        elif isinstance(value, Mapping) and isinstance(actual[key], Mapping):
            yield from _below(value, actual[key], at)
        elif actual[key] != value:
            yield f"{at} is {actual[key]!r}, not {value!r}"


@cache
def _adapter() -> TypeAdapter[CaseFile]:
    return TypeAdapter(CaseFile)
