"""docs/config.md and the JSON Schema, made from the dataclasses and their docstrings.

A knob's documentation is the docstring under its field, so that it stands where the knob is
defined and cannot be forgotten: a field without one is an error here, and a test runs this.
"""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from gateway.config.schema import File
from gateway.config.validate import adapter

HEAD = """\
# Configuration reference

Made by `erp-gateway config docs -o docs/config.md` from the options' own documentation; a test
compares. One YAML file holds everything; `config/gateway.yaml` is the shipped one, and
`config/examples/` shows more. `erp-gateway check` lists every fault of a file at once.

- The file: `--config FILE`, else the environment variable `ERP_GATEWAY_CONFIG`, else
  `./config/gateway.yaml`, else the shipped one.
- Names carry their units: `_s` seconds, `_bytes` bytes, `usd` US dollars. Numbers are plain.
- Text that looks like a number needs quotes: `erp_versions: ["1.10"]`. `true` and `false` are the
  only truth values; `no` and `12:30` are text.
- Anchors, aliases, tags, duplicate and unknown keys are refused; at most 1 MiB is read.
- Keys of providers never stand in the file: `api_key_env` names the environment variable.
- In `tiers`, a name alone stands for `[{deployment: name}]`.
"""

_BOUND_WORDS = {Gt: ("gt", ">"), Ge: ("ge", "≥"), Lt: ("lt", "<"), Le: ("le", "≤")}
_PLAIN_NAMES: Mapping[object, str] = {
    str: "text",
    float: "number",
    int: "whole number",
    bool: "true or false",
    Any: "any",
}


@cache
def docstrings(kind: type) -> Mapping[str, str]:
    """The docstring under each field of a dataclass, inherited fields included."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if is_dataclass(base):
            body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
            found.update(_under_fields(body))
    return found


def markdown() -> str:
    """The whole reference: a section for every group of options, in the order of the file."""
    sections = [HEAD]
    for path, kind in groups():
        title = f"## {path}" if path else "## Sections of the file"
        sections.append(f"{title}\n\n{_first_text(kind)}\n\n{_table(kind)}")
    return "\n".join(sections)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the file, for editors that complete and check while typing."""
    schema = adapter().json_schema()
    kinds = {kind.__name__: kind for _, kind in groups()}
    for name, part in [("File", schema), *schema["$defs"].items()]:
        if kind := kinds.get(name):
            for field, described in part["properties"].items():
                described["description"] = _joined(docstrings(kind)[field])
    target = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Target"}]}
    for name in ("Route", "Variant"):
        tiers = schema["$defs"][name]["properties"]["tiers"]
        tiers["items"] = {"anyOf": [*target["anyOf"], {"type": "array", "items": target}]}
    redis = schema["properties"]["redis"]
    schema["properties"]["redis"] = {"anyOf": [{"type": "string"}, redis]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _under_fields(body: ast.stmt) -> Iterator[tuple[str, str]]:
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, text in pairwise(statements):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            yield field.target.id, str(text.value.value)


def groups() -> list[tuple[str, type]]:
    """Every dataclass of the file by the first path where it stands, in the order of the file."""
    seen: dict[type, str] = {}
    _collect(File, "", seen)
    return [(path, kind) for kind, path in seen.items()]


def _collect(kind: type, path: str, seen: dict[type, str]) -> None:
    if kind in seen:
        return
    seen[kind] = path
    hints = get_type_hints(kind)
    for field in fields(kind):
        inner, suffix = _element(hints[field.name])
        if is_dataclass(inner) and isinstance(inner, type):
            _collect(inner, f"{path}.{field.name}{suffix}".removeprefix("."), seen)


def _element(kind: object) -> tuple[object, str]:
    """The innermost type of a field, and how its place is written: `.NAME` or `[]`."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _element(next(arg for arg in args if arg is not NoneType))
    if origin is tuple:
        inner, suffix = _element(args[0])
        return inner, f"[]{suffix}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner, suffix = _element(args[1])
        return inner, f".NAME{suffix}"
    return kind, ""


def _table(kind: type) -> str:
    hints = get_type_hints(kind, include_extras=True)
    rows = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for field in fields(kind):
        value, default = _value(hints[field.name]), _default(field)
        meaning = _joined(docstrings(kind)[field.name])
        rows.append(f"| `{field.name}` | {value} | {default} | {meaning} |")
    return "\n".join(rows) + "\n"


def _value(kind: object) -> str:
    """A type in words, with its bounds."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return ", ".join([_value(args[0]), *_bounds(args[1:])])
    if origin in (Union, UnionType):
        return _value(next(arg for arg in args if arg is not NoneType))
    if origin is tuple:
        return f"list of {_value(args[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"mapping: a name to {_value(args[1])}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(f"`{member.value}`" for member in kind)
    return _PLAIN_NAMES.get(kind) or _link(kind)


def _link(kind: object) -> str:
    """The section of a group; GitHub's anchors drop everything but letters, digits and `_`."""
    path = next(path for path, known in groups() if known is kind)
    anchor = "".join(letter for letter in path.lower() if letter.isalnum() or letter == "_")
    return f"[{path}](#{anchor})"


def _bounds(metadata: tuple[Any, ...]) -> Iterator[str]:
    for bound in metadata:
        name, sign = _BOUND_WORDS[type(bound)]
        yield f"{sign} {getattr(bound, name):,}"


def _default(field: "Field[Any]") -> str:
    if field.default is MISSING:
        return "required" if field.default_factory is MISSING else ""
    if field.default is None or field.default in ("", ()):
        return ""
    value = field.default.value if isinstance(field.default, Enum) else field.default
    return f"`{json.dumps(value)}`"


def _first_text(kind: type) -> str:
    return _joined(inspect.getdoc(kind) or "")


def _joined(text: str) -> str:
    return " ".join(text.split())
