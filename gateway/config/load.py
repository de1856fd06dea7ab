"""From text to `Config`: parse, merge defaults, validate, cross-check, find the keys.

One function for every use: start, `erp-gateway check`, and a reload off the event loop.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path

from gateway.config.approvals import ApprovalsUnreadable, read_approvals
from gateway.config.crosscheck import crosscheck
from gateway.config.errors import ConfigError, Problem, Spot
from gateway.config.limits import price_in_usd, with_each_tenant
from gateway.config.mcp_tools import mcp_servers, mcp_tools
from gateway.config.node import Node, merged
from gateway.config.redis import redis_access, with_long_redis
from gateway.config.schema import Config, Defaults, DeploymentEntry, File, ToolEntry
from gateway.config.secrets import KeyMissing, KeySource, find_key, looks_secret
from gateway.config.tree import read_tree
from gateway.config.validate import Validated, validate
from gateway.core.described import Approvals
from gateway.core.options import (
    Deployment,
    DeploymentOptions,
    Plan,
    Route,
    Secret,
    Tool,
    ToolOptions,
)

VERSION_CHARS = 12
TOKEN_KEY_ENV = "ERP_GATEWAY_TOKEN_KEY"  # noqa: S105 # the variable's name
"""Environment variable of the key that signs confirm tokens; not set: random for each process."""
MIN_TOKEN_KEY_CHARACTERS = 32
"""About 128 bits when it was made with `openssl rand -hex 16`."""


def load_text(text: str, path: str, env: Mapping[str, str]) -> Config:
    """The configuration in `text`. Raises ConfigError with every fault of the file.

    `path` is for messages, and paths inside the file are relative to its folder. Reads the key
    files that the text names and the file of approvals, and nothing else.
    """
    tree, problems = read_tree(text)
    if tree is None:
        raise ConfigError(path, problems)
    problems += _secrets_in(tree)
    long = _spelled_out(with_long_redis(tree))
    effective = with_each_tenant(_with_defaults(long))
    checked = validate(effective)
    problems += [*checked.problems, *crosscheck(checked, effective), *_token_key(env)]
    approved, unreadable = _approved(checked, Path(path).parent)
    problems += unreadable
    if problems:
        raise ConfigError(path, problems)
    return _config(checked.file, path, env, approved)


def _approved(checked: Validated, folder: Path) -> tuple[Approvals, list[Problem]]:
    """What was approved of MCP servers' tools; read only where there are any."""
    if not checked.file.mcp_servers:
        return {}, []
    try:
        return read_approvals(folder / checked.file.mcp_approvals), []
    except ApprovalsUnreadable as error:
        return {}, [Problem(checked.tree.spot_of(("mcp_servers",), key=True), str(error))]


def content_version(file: File, on: frozenset[str], tools: frozenset[str] = frozenset()) -> str:
    """A short hash of everything that decides: the file with its defaults, and what is on."""
    seen = [_canonical(file), sorted(on), sorted(tools)]
    text = json.dumps(seen, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_CHARS]


def _config(file: File, path: str, env: Mapping[str, str], approved: Approvals) -> Config:
    folder = Path(path).parent
    on: dict[str, Deployment] = {}
    off: dict[str, str] = {}
    for name, entry in file.deployments.items():
        try:
            deployment = _deployment(name, entry, env, folder)
            on[name] = replace(deployment, price=price_in_usd(entry.price, file.cny_per_usd))
        except KeyMissing as reason:
            off[name] = str(reason)
    tools, tools_off = _tools(file, env, folder)
    servers, servers_off = mcp_servers(file, env, folder)
    theirs, theirs_off = mcp_tools(file, servers_off, approved)
    tools |= theirs
    tools_off |= theirs_off
    version = content_version(file, frozenset(on), frozenset(map(_versioned, tools.values())))
    return Config(
        plan=Plan(
            version=version,
            deployments=on,
            routes=file.routes,
            off=off,
            tools=tools,
            tools_off=tools_off,
            limits=file.limits,
        ),
        server=file.server,
        security=file.security,
        cache=file.cache,
        knowledge=folder / file.knowledge,
        question_log=file.question_log,
        metrics=file.metrics,
        traces=file.traces,
        log=file.log,
        redis=redis_access(file.redis, env, folder),
        lexicons=folder / file.lexicons,
        conversations=file.conversations,
        state=Path(file.state) if file.state else None,
        path=path,
        live=file.live,
        admin=file.admin,
        key_files=tuple(_key_files(file, folder)),
        token_key=Secret(env.get(TOKEN_KEY_ENV, "")),
        mcp_servers=servers,
        mcp_approvals=folder / file.mcp_approvals,
        mcp_used={
            server: tuple(tool.tool or name for name, tool in entry.tools.items())
            for server, entry in file.mcp_servers.items()
        },
    )


def _key_files(file: File, folder: Path) -> Iterator[Path]:
    entries: tuple[KeySource, ...] = (
        *file.deployments.values(),
        *file.tools.values(),
        *file.mcp_servers.values(),
    )
    for entry in entries:
        if entry.api_key_file:
            yield folder / entry.api_key_file
    if file.mcp_servers:
        yield folder / file.mcp_approvals


def _versioned(tool: Tool) -> str:
    """A tool's name, and what was approved of it: that decides, too."""
    return f"{tool.name} {tool.mcp.approved}" if tool.mcp else tool.name


def _tools(
    file: File, env: Mapping[str, str], folder: Path
) -> tuple[dict[str, Tool], dict[str, str]]:
    """The tools that are on, and why the others are off."""
    on: dict[str, Tool] = {}
    off: dict[str, str] = {}
    for name, entry in file.tools.items():
        try:
            on[name] = _tool(name, entry, env, folder)
        except KeyMissing as reason:
            off[name] = str(reason)
    return on, off


def _tool(name: str, entry: ToolEntry, env: Mapping[str, str], folder: Path) -> Tool:
    if not entry.enabled:
        raise KeyMissing("switched off in the file (enabled: false)")
    options = {f.name: getattr(entry, f.name) for f in fields(ToolOptions)}
    return Tool(name=name, api_key=find_key(entry, env, folder), **options)


def _token_key(env: Mapping[str, str]) -> Iterator[Problem]:
    key = env.get(TOKEN_KEY_ENV, "")
    if key and len(key) < MIN_TOKEN_KEY_CHARACTERS:
        yield Problem(
            Spot(1, 1),
            f"the environment variable {TOKEN_KEY_ENV} holds fewer than"
            f" {MIN_TOKEN_KEY_CHARACTERS} characters; make one with `openssl rand -hex 32`",
        )


def _deployment(
    name: str, entry: DeploymentEntry, env: Mapping[str, str], folder: Path
) -> Deployment:
    if not entry.enabled:
        raise KeyMissing("switched off in the file (enabled: false)")
    options = {f.name: getattr(entry, f.name) for f in fields(DeploymentOptions)}
    return Deployment(name=name, api_key=find_key(entry, env, folder), **options)


def _secrets_in(tree: Node) -> Iterator[Problem]:
    """Keys do not belong into files that are copied, committed and mailed."""
    for leaf in tree.scalars():
        if isinstance(leaf.value, str) and looks_secret(leaf.value):
            yield Problem(
                leaf.spot,
                "this looks like a secret (not shown); put it into an environment variable and name"
                " that: api_key_env: NAME (or api_key_file: /run/secrets/...); replace the key, for"
                " others may have read it here",
            )


def _spelled_out(tree: Node) -> Node:
    """Tiers in their long form: `deepseek` stands for `[{deployment: deepseek}]`."""
    routes = tree.child("routes")
    if routes is None or not isinstance(routes.value, list):
        return tree
    spelled = [_long_variants(_long_tiers(route)) for route in routes.value]
    return _with(tree, "routes", Node(spelled, routes.spot, {}))


def _long_variants(route: Node) -> Node:
    variants = route.child("variants")
    if variants is None or not isinstance(variants.value, list):
        return route
    spelled = [_long_tiers(variant) for variant in variants.value]
    return _with(route, "variants", Node(spelled, variants.spot, {}))


def _long_tiers(route: Node) -> Node:
    tiers = route.child("tiers")
    if tiers is None or not isinstance(tiers.value, list):
        return route
    return _with(route, "tiers", Node([_long_tier(tier) for tier in tiers.value], tiers.spot, {}))


def _long_tier(tier: Node) -> Node:
    if not isinstance(tier.value, list):
        return Node([_long_target(tier)], tier.spot, {})
    return Node([_long_target(target) for target in tier.value], tier.spot, {})


def _long_target(target: Node) -> Node:
    if not isinstance(target.value, str):
        return target
    return Node({"deployment": target}, target.spot, {"deployment": target.spot})


def _with_defaults(tree: Node) -> Node:
    """Deployments and routes with what `defaults` says where they do not say otherwise."""
    defaults, deployments, routes = (tree.child(k) for k in ("defaults", "deployments", "routes"))
    if defaults is None or not isinstance(defaults.value, dict):
        return tree
    if deployments and isinstance(deployments.value, dict):
        base = _shared(defaults, DeploymentOptions)
        value = {k: merged(base, node) or node for k, node in deployments.value.items()}
        tree = _with(tree, "deployments", Node(value, deployments.spot, deployments.keys))
    if routes and isinstance(routes.value, list):
        base = _shared(defaults, Route)
        merged_routes = [merged(base, node) or node for node in routes.value]
        tree = _with(tree, "routes", Node(merged_routes, routes.spot, {}))
    return tree


def _shared(defaults: Node, kind: type) -> Node:
    """The defaults that concern this kind of thing. No place of their own: they stand above."""
    names = {f.name for f in fields(Defaults)} & {f.name for f in fields(kind)}
    value = {name: node for name in sorted(names) if (node := defaults.child(name))}
    return Node(value, defaults.spot, {name: defaults.keys[name] for name in value})


def _with(tree: Node, key: str, node: Node) -> Node:
    if not isinstance(tree.value, dict):
        return tree
    return Node({**tree.value, key: node}, tree.spot, tree.keys)


def _canonical(value: object) -> object:
    """Data for hashing: dataclasses as mappings, enums as values, never a secret."""
    if is_dataclass(value):
        return {f.name: _canonical(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_canonical(item) for item in value]
    if isinstance(value, Secret):
        return None
    return value.value if isinstance(value, Enum) else value
