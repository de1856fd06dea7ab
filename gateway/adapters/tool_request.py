"""What goes to a tool's address and what is read of its reply. Pure."""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from gateway.core.errors import ToolRefused
from gateway.core.options import HttpMethod, Tool
from gateway.core.tools import OnBehalf

MAX_TEXT_CHARACTERS = 500
"""A field of a result longer than this is cut."""
MAX_ITEMS = 20
"""Items of a list that are read."""
NO_BODY = (HttpMethod.GET, HttpMethod.DELETE)

_STEPS = re.compile(r"[/\\]")
_UP = {".", ".."}

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None


def request_of(tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf) -> Request:
    """The request. Raises ToolRefused for an argument that would lead to another address."""
    known = {**arguments, "customer_id": behalf.customer_id, "tenant": behalf.tenant}
    url, used = _filled(tool.url, known)
    rest = {name: value for name, value in arguments.items() if name not in used}
    headers = {} if tool.public else {"X-Customer-Id": quote(behalf.customer_id, safe="")}
    headers |= {
        "X-Tenant": quote(behalf.tenant, safe=""),
        "X-Request-Id": quote(behalf.request_id, safe=""),
    }
    if behalf.once:
        headers["Idempotency-Key"] = behalf.once
    if tool.api_key:
        bearer = tool.api_key_header.lower() == "authorization"
        headers[tool.api_key_header] = ("Bearer " if bearer else "") + tool.api_key.reveal()
    if tool.method in NO_BODY:
        query = urlencode({name: _text(value) for name, value in rest.items()})
        joint = "&" if "?" in url else "?"
        return Request(url + (joint + query if query else ""), headers, None)
    headers["Content-Type"] = "application/json"
    return Request(url, headers, orjson.dumps(rest))


def _filled(template: str, known: Mapping[str, Any]) -> tuple[str, set[str]]:
    """The address, every value percent-encoded whole: none can add a path step or a parameter.

    Proxies that decode `%2F` and then walk up (nginx does) are given nothing to walk up by.
    """
    parts: list[str] = []
    used: set[str] = set()
    for literal, name, _, _ in string.Formatter().parse(template):
        parts.append(literal)
        if name is None:
            continue
        value = _text(known.get(name, ""))
        if not value or _UP.intersection(_STEPS.split(value)):
            raise ToolRefused(f"the argument {name!r} is empty or no identifier")
        used.add(name)
        parts.append(quote(value, safe=""))
    return "".join(parts), used


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def belongs_to(tool: Tool, result: Mapping[str, Any], behalf: OnBehalf) -> bool:
    """Whether the record is the customer's. One that does not say whose it is, is not.

    Of a list of records each must say so.
    """
    if not tool.owner_field:
        return True  # its address holds the customer's id; the configuration's check sees to that
    owners = set(_at(result, tool.owner_field.split(".")))
    return bool(behalf.customer_id) and {_owner(owner) for owner in owners} == {behalf.customer_id}


def _owner(said: Scalar | None) -> str:
    return "" if said is None else str(said)


def projected(tool: Tool, result: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the tool's allow-list names, cut to size; what is missing is left out."""
    found: dict[str, Any] = {}
    for name, path in tool.fields.items():
        there = (value for value in _at(result, path.split(".")) if value is not None)
        values = [_cut(value) for value in islice(there, MAX_ITEMS)]
        if values:
            found[name] = values[0] if len(values) == 1 else values
    return found


def _at(value: object, path: list[str]) -> Iterator[Scalar | None]:
    """The scalars at a path, None where there is none.

    A step goes into each item of a list, unless it is a number.
    """
    if isinstance(value, list) and not (path and path[0].isdecimal()):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value if isinstance(value, str | int | float | bool) else None
    elif isinstance(value, list):
        at = int(path[0])
        yield from _at(value[at] if at < len(value) else None, path[1:])
    else:
        yield from _at(value.get(path[0]) if isinstance(value, Mapping) else None, path[1:])


def _cut(value: Scalar) -> Scalar:
    if isinstance(value, str) and len(value) > MAX_TEXT_CHARACTERS:
        return value[:MAX_TEXT_CHARACTERS] + "…"
    return value
