"""Checks of the section `tools`, and of the routes' lists of tools."""

import re
import string
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from gateway.config.node import Loc, Node
from gateway.config.schema import ToolEntry
from gateway.config.validate import Validated, nearest, place
from gateway.core.options import Route

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
"""What all providers take as the name of a function."""
INJECTED = ("customer_id", "tenant")
"""Filled in by the gateway; no model may pass them."""

HEADER = re.compile(r"[A-Za-z0-9-]+")

Finding = tuple[Loc, str]


def tools(checked: Validated) -> Iterator[Finding]:
    """Every fault of a tool whose types are right."""
    for name, entry in checked.file.tools.items():
        loc: Loc = ("tools", name)
        if not NAME.fullmatch(name):
            yield loc, f"tool name {name!r} must be 1 to 63 letters, digits, '-' or '_'"
        if not HEADER.fullmatch(entry.api_key_header):
            yield (*loc, "api_key_header"), f"{place(loc)}.api_key_header is no name of a header"
        schema_faults = list(_schema(entry, loc))
        yield from schema_faults
        if not schema_faults:
            yield from _address(entry, loc)
            yield from _serves(entry, loc)
        yield from _ownership(entry, loc)


def route_tools(route: Route, loc: Loc, whole: Node) -> Iterator[Finding]:
    """Tools that a route names must exist."""
    known = _named(whole)
    for i, name in enumerate(route.tools):
        at = (*loc, "tools", i)
        if name not in known:
            hint = f"{nearest(name, known)} (there are: {', '.join(known) or 'none'})"
            yield at, f"route {route.name!r} names the unknown tool {name!r}{hint}"
        elif name in route.tools[:i]:
            yield at, f"route {route.name!r} names tool {name!r} twice; once is enough"


def _named(whole: Node) -> list[str]:
    """The names of all tools, whatever else may be wrong with them."""
    servers = whole.child("mcp_servers")
    sections = [whole.child("tools")]
    if servers and isinstance(servers.value, dict):
        sections += [server.child("tools") for server in servers.value.values()]
    named = [
        name
        for section in sections
        if section and isinstance(section.value, dict)
        for name in section.value
    ]
    return list(dict.fromkeys(named))


def _schema(entry: ToolEntry, loc: Loc) -> Iterator[Finding]:
    # 0.1 s of imports, for files with tools only
    import jsonschema  # noqa: PLC0415

    at = (*loc, "arguments")
    if _has_ref(entry.arguments):
        yield at, f"{place(at)}: '$ref' is refused; write the schema out"
        return
    try:
        jsonschema.Draft202012Validator.check_schema(dict(entry.arguments))
    except jsonschema.SchemaError as error:
        yield at, f"{place(at)} is no JSON Schema: {error.message}"
        return
    if entry.arguments.get("type", "object") != "object":
        yield at, f"{place(at)}: the type must be 'object'"
    for name in INJECTED:
        if name in entry.arguments.get("properties", {}):
            yield (
                at,
                f"{place(at)}: {name!r} is filled in by the gateway and must be no argument;"
                f" write {{{name}}} into the url",
            )


def _has_ref(schema: object) -> bool:
    if isinstance(schema, Mapping):
        return any(
            key in ("$ref", "$dynamicRef") or _has_ref(value) for key, value in schema.items()
        )
    return isinstance(schema, list) and any(_has_ref(item) for item in schema)


def _address(entry: ToolEntry, loc: Loc) -> Iterator[Finding]:
    at = (*loc, "url")
    try:
        names = placeholders(entry.url)
    except ValueError:
        yield at, f"{place(at)}: braces must hold the name of an argument"
        return
    if not re.fullmatch("[!-~]*", entry.url):
        yield at, f"{place(at)} must be of ASCII characters without spaces; percent-encode others"
        return
    try:
        parts = urlsplit(entry.url)
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.fragment
        good = good and parts.port != 0  # reading a port beyond 65535, or a word, raises
    except ValueError:
        yield at, f"{place(at)} must be http(s)://host[:port]/path"
        return
    if not good or re.search(r"[\s{}@]", f"{parts.scheme}{parts.netloc}{entry.url[:1]}"):
        yield (
            at,
            f"{place(at)} must be http(s)://host[:port]/path, placeholders after the host only",
        )
    allowed = [*entry.arguments.get("required", ()), *INJECTED]
    for name in sorted(set(names) - set(allowed)):
        yield (
            at,
            f"{place(at)}: {{{name}}} is no required argument{nearest(name, allowed)}"
            f" (allowed: {', '.join(allowed)})",
        )


def placeholders(template: str) -> list[str]:
    """The names in braces. Raises ValueError where braces hold anything else."""
    found = list(string.Formatter().parse(template))
    if any(spec or conversion or name == "" for _, name, spec, conversion in found):
        raise ValueError(template)
    return [name for _, name, _, _ in found if name is not None]


def _serves(entry: ToolEntry, loc: Loc) -> Iterator[Finding]:
    if entry.serves is None:
        return
    at = (*loc, "serves")
    if entry.writes:
        yield at, f"{place(at)}: a tool that writes cannot serve a look-up"
    required: Any = entry.arguments.get("required", ())
    if len(required) != 1:
        yield (
            at,
            f"{place(at)}: a look-up passes one value, so exactly one argument must be required,"
            f" not {len(required)}",
        )


def _ownership(entry: ToolEntry, loc: Loc) -> Iterator[Finding]:
    if entry.writes:
        if not entry.confirm:
            yield loc, f"{place(loc)} writes, so it needs `confirm`: the question before it is done"
        if entry.public:
            yield (*loc, "public"), f"{place(loc)} writes, so it cannot be public"
        yield from confirm_faults(entry.confirm, loc, set(entry.arguments.get("required", ())))
    elif not entry.public and not entry.owner_field and "{customer_id}" not in entry.url:
        yield (
            loc,
            f"{place(loc)} could show one customer's data to another: give `owner_field` (the"
            " customer's id in the result), or {customer_id} in the url, or `public: true`",
        )


def confirm_faults(
    confirm: Mapping[str, str], loc: Loc, known: Collection[str] | None
) -> Iterator[Finding]:
    """What is wrong with the questions. `known`: the required arguments; None: not known here."""
    for language, text in confirm.items():
        at = (*loc, "confirm", language)
        try:
            named = set(placeholders(text))
        except ValueError:
            yield at, f"{place(at)}: {{...}} is no required argument"
            continue
        for name in sorted(named - set(named if known is None else known)):
            yield at, f"{place(at)}: {{{name}}} is no required argument"
