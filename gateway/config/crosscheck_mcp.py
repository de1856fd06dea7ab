"""Checks of the section `mcp_servers`."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.config.crosscheck_tools import HEADER, NAME, Finding, confirm_faults
from gateway.config.node import Loc
from gateway.config.schema import McpServerEntry, McpToolEntry
from gateway.config.validate import Validated, place
from gateway.core.options import Fact

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def mcp_servers(checked: Validated) -> Iterator[Finding]:
    """Every fault of an MCP server, or of one of its tools, whose types are right."""
    seen = set(checked.file.tools)
    for name, entry in checked.file.mcp_servers.items():
        loc: Loc = ("mcp_servers", name)
        if not NAME.fullmatch(name):
            yield loc, f"server name {name!r} must be 1 to 63 letters, digits, '-' or '_'"
        yield from _reached(entry, loc)
        yield from _headers(entry, loc)
        for tool, options in entry.tools.items():
            at = (*loc, "tools", tool)
            if not NAME.fullmatch(tool):
                yield at, f"tool name {tool!r} must be 1 to 63 letters, digits, '-' or '_'"
            if tool in seen:
                yield (
                    at,
                    f"tool name {tool!r} is used twice; give it another here and say"
                    f" `tool: {options.tool or tool}`",
                )
            seen.add(tool)
            yield from _ownership(options, at)


def _reached(entry: McpServerEntry, loc: Loc) -> Iterator[Finding]:
    if bool(entry.url) == bool(entry.command):
        yield loc, f"{place(loc)} needs either `url` or `command`"
    if entry.url and not _is_endpoint(entry.url):
        yield (*loc, "url"), f"{place(loc)}.url must be http(s)://host[:port]/path"
    if entry.command and (entry.api_key_env or entry.api_key_file or entry.headers):
        yield loc, f"{place(loc)}: a command has no headers; hand its key over with `env`"
    for i, variable in enumerate(entry.env):
        if not _VARIABLE.fullmatch(variable):
            at = (*loc, "env", i)
            yield at, f"{place(at)} must name an environment variable, such as ERP_TOKEN"


def _is_endpoint(url: str) -> bool:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        return bool(good and not parts.username and not parts.fragment) and not re.search(
            r"\s", url
        )
    except ValueError:
        return False


def _headers(entry: McpServerEntry, loc: Loc) -> Iterator[Finding]:
    for name in (entry.api_key_header, *entry.headers):
        if not HEADER.fullmatch(name):
            yield loc, f"{place(loc)}: {name!r} is no name of a header"
    for name, value in entry.headers.items():
        if not re.fullmatch(r"[ -~]*", value):
            at = (*loc, "headers", name)
            yield at, f"{place(at)} must be one line of ASCII characters"


def _ownership(entry: McpToolEntry, loc: Loc) -> Iterator[Finding]:
    known = Fact.CUSTOMER_ID in entry.inject
    if entry.writes:
        if not entry.confirm:
            yield loc, f"{place(loc)} writes, so it needs `confirm`: the question before it is done"
        if entry.public:
            yield (*loc, "public"), f"{place(loc)} writes, so it cannot be public"
        if entry.serves:
            yield (*loc, "serves"), f"{place(loc)}.serves: a tool that writes serves no look-up"
        if not known:
            yield (
                loc,
                f"{place(loc)} writes, so its server must be told whose it is: give"
                " `inject: {customer_id: ARGUMENT}`",
            )
        yield from confirm_faults(entry.confirm, loc, None)
    elif not entry.public and not entry.owner_field and not known:
        yield (
            loc,
            f"{place(loc)} could show one customer's data to another: give `owner_field` (the"
            " customer's id in the result), or `inject: {customer_id: ARGUMENT}`, or"
            " `public: true`",
        )
