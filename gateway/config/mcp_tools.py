"""From the section `mcp_servers` and what was approved to the tools that are on."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from gateway.config.crosscheck_tools import placeholders
from gateway.config.schema import File, McpServerEntry, McpToolEntry
from gateway.config.secrets import KeyMissing, find_key
from gateway.core.described import Approvals, Described
from gateway.core.options import (
    Fact,
    McpBinding,
    McpServer,
    McpServerOptions,
    Secret,
    Tool,
    ToolUseOptions,
)
from gateway.core.options.binding import visible

APPROVE = "`erp-gateway mcp approve`"


def mcp_servers(
    file: File, env: Mapping[str, str], folder: Path
) -> tuple[dict[str, McpServer], dict[str, str]]:
    """The servers that are on, and why the others are off."""
    on: dict[str, McpServer] = {}
    off: dict[str, str] = {}
    for name, entry in file.mcp_servers.items():
        try:
            on[name] = _server(name, entry, env, folder)
        except KeyMissing as reason:
            off[name] = str(reason)
    return on, off


def _server(name: str, entry: McpServerEntry, env: Mapping[str, str], folder: Path) -> McpServer:
    if not entry.enabled:
        raise KeyMissing(f"MCP server {name!r} is switched off in the file (enabled: false)")
    missing = [variable for variable in entry.env if variable not in env]
    if missing:
        raise KeyMissing(f"environment variable {missing[0]} is not set")
    options = {f.name: getattr(entry, f.name) for f in fields(McpServerOptions)}
    variables = {variable: Secret(env[variable]) for variable in entry.env}
    key = find_key(entry, env, folder)
    return McpServer(name=name, api_key=key, variables=variables, **options)


def mcp_tools(
    file: File, servers_off: Mapping[str, str], approved: Approvals
) -> tuple[dict[str, Tool], dict[str, str]]:
    """The tools of MCP servers that are on, and why the others are off."""
    on: dict[str, Tool] = {}
    off: dict[str, str] = {}
    for server, entry in file.mcp_servers.items():
        for name, tool in entry.tools.items():
            described = approved.get(server, {}).get(tool.tool or name)
            why = servers_off.get(server) or _why_off(tool, described)
            if why or described is None:
                off[name] = why
            else:
                on[name] = _tool(name, server, tool, described)
    return on, off


def _why_off(entry: McpToolEntry, described: Described | None) -> str:
    if not entry.enabled:
        return "switched off in the file (enabled: false)"
    if described is None:
        return f"nobody has approved it; read it and run {APPROVE}"
    return next(misfits(entry, described), "")


def misfits(entry: McpToolEntry, described: Described) -> Iterator[str]:
    """Where the file expects other arguments than the approved ones."""
    known = described.arguments.get("properties", {})
    for fact, argument in entry.inject.items():
        if argument not in known:
            yield f"`inject` fills {argument!r} with {fact.value}, but it has no such argument"
    required = _visible(entry, described).get("required", ())
    if entry.serves and len(required) != 1:
        yield f"`serves` needs exactly one required argument, it has {len(required)}"
    for text in entry.confirm.values():
        for name in sorted(set(placeholders(text)) - set(required)):
            yield f"`confirm` says {{{name}}}, which is no required argument of it"


def _visible(entry: McpToolEntry, described: Described) -> dict[str, Any]:
    return visible(described.arguments, frozenset(entry.inject.values()))


def _tool(name: str, server: str, entry: McpToolEntry, described: Described) -> Tool:
    options = {f.name: getattr(entry, f.name) for f in fields(ToolUseOptions)}
    return Tool(
        name=name,
        description=described.description,
        url=f"mcp:{server}/{described.name}",
        arguments=_visible(entry, described),
        mcp=McpBinding(
            server=server,
            tool=described.name,
            approved=described.fingerprint,
            inject={Fact(fact): argument for fact, argument in entry.inject.items()},
            not_found=entry.not_found,
        ),
        **options,
    )
