"""Types and bounds: pydantic's findings told in the file's own terms, with place and remedy."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from gateway.config.errors import Problem, Spot
from gateway.config.node import Loc, Node
from gateway.config.schema import File
from gateway.config.secrets import looks_secret

MAX_PROBLEMS = 1000
"""More faults of type are not told; a file with so many is not a configuration."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h)")
_UNIT_S = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_TRUTH = dict.fromkeys(("yes", "on", "true"), "true") | dict.fromkeys(
    ("no", "off", "false"), "false"
)
_BOUNDS = {
    "greater_than": ("gt", "greater than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping (key: value)",
    "mapping_type": "a mapping (key: value)",
    "dataclass_type": "a mapping (key: value)",
}


@cache
def adapter() -> TypeAdapter[File]:
    """The validator of the whole file; building it takes about 20 ms, so it is built once."""
    return TypeAdapter(File)


@dataclass(frozen=True, slots=True)
class Validated:
    """A file whose types are right, because what was wrong is left out.

    `tree` is what remains, so that its indices are the file's; `faulty` names the kinds of places
    that lost something, such as "routes.match".
    """

    file: File
    tree: Node
    problems: tuple[Problem, ...]
    faulty: frozenset[str]


def validate(tree: Node) -> Validated:
    """The file as data, with every fault of type or bounds.

    Faulty values are left out, so that the checks after this one still see the rest. JSON's strict
    mode is used: a list is a tuple there, a word is an enum, and nothing else bends.
    """
    kept: Node | None = tree
    problems: tuple[Problem, ...] = ()
    faulty: set[str] = set()
    while kept is not None:
        try:
            file = adapter().validate_json(json.dumps(kept.plain()))
            return Validated(file, kept, problems, frozenset(faulty))
        except ValidationError as error:
            found = error.errors(include_url=False)
        problems = problems or _problems(tree, found)
        wrong = {loc[:-1] if kind == "missing" else loc for loc, kind in map(_loc_kind, found)}
        faulty |= {".".join(s for s in loc if isinstance(s, str)) for loc in wrong}
        kept = kept.without(wrong)
    return Validated(File(), Node({}, tree.spot, {}), problems, frozenset(faulty))


def nearest(word: str, allowed: list[str]) -> str:
    """`; did you mean 'x'?` when something allowed is close to `word`, else nothing."""
    close = get_close_matches(word, allowed, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def place(loc: Loc) -> str:
    """A path of keys as ops write it: deployments.deepseek.timeouts, routes[0].match."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return words.removeprefix(".") or "the file"


def _loc_kind(detail: ErrorDetails) -> tuple[tuple[str | int, ...], str]:
    """The path in the file, without the '[key]' pydantic adds for a mapping's key; the kind."""
    return tuple(step for step in detail["loc"] if step != "[key]"), detail["type"]


def _problems(tree: Node, found: list[ErrorDetails]) -> tuple[Problem, ...]:
    """One problem for each place: what stands in `defaults` is told once, not for every route."""
    told: dict[tuple[Spot, str | int, str], Problem] = {}
    for detail in found[:MAX_PROBLEMS]:
        problem, (loc, kind) = _problem(tree, detail), _loc_kind(detail)
        told.setdefault((problem.spot, loc[-1] if loc else "", kind), problem)
    return tuple(told.values())


def _problem(tree: Node, detail: ErrorDetails) -> Problem:
    loc, kind = _loc_kind(detail)
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        return Problem(tree.spot_of(loc, key=True), _unknown_key(loc))
    if kind == "missing":
        return Problem(tree.spot_of(loc), f"{place(loc[:-1])} needs the key {loc[-1]!r}")
    return Problem(tree.spot_of(loc), f"{place(loc)} {_wrong_value(detail)}")


def _unknown_key(loc: Loc) -> str:
    key, section = str(loc[-1]), place(loc[:-1])
    if key == "api_key":
        return (
            f"{section}: keys never stand in the file; write api_key_env: NAME_OF_THE_VARIABLE"
            " (or api_key_file: /run/secrets/...)"
        )
    allowed = _allowed_keys(loc[:-1])
    shown = "***" if looks_secret(key) else key
    return (
        f"unknown key {shown!r} in {section}{nearest(key, allowed)} (allowed: {', '.join(allowed)})"
    )


def _wrong_value(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if value is None:
        return "is empty; give it a value or delete the line"
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"must be {words} {detail['ctx'][name]:g}, not {value!r}"
    if kind == "enum":
        return f"must be {detail['ctx']['expected']}, not {_shown(value)}"
    if kind in _KINDS:
        return f"must be {_KINDS[kind]}, not {_shown(value)}{_remedy(kind, value)}"
    return f"is wrong: {detail['msg']}"


def _remedy(kind: str, value: object) -> str:
    """What to write instead, where that can be guessed."""
    if kind == "string_type" and isinstance(value, str | int | float):
        return "; put it in quotes, exactly as it shall be read"
    if kind == "bool_type" and isinstance(value, str) and value.lower() in _TRUTH:
        return f"; write {_TRUTH[value.lower()]} without quotes"
    if kind in ("float_type", "int_type") and isinstance(value, str):
        if duration := _DURATION.fullmatch(value):
            return f"; write seconds: {float(duration[1]) * _UNIT_S[duration[2]]:g}"
        return "; write a plain decimal number without quotes"
    return ""


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "the text '***'" if looks_secret(value) else f"the text {value[:60]!r}"
    return "a list" if isinstance(value, list) else "a mapping"


def _allowed_keys(loc: Loc) -> list[str]:
    """The keys that the dataclass at `loc` knows."""
    kind: object = File
    for step in loc:
        kind = _inner(kind, step)
    return [f.name for f in fields(kind)] if isinstance(kind, type) and is_dataclass(kind) else []


def _inner(kind: object, step: str | int) -> object:
    """The type under a key or index of a dataclass, mapping or tuple."""
    if is_dataclass(kind) and isinstance(kind, type):
        return _bare(get_type_hints(kind)[str(step)])
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _bare(args[0])
    is_mapping = isinstance(origin, type) and issubclass(origin, Mapping)
    return _bare(args[1]) if is_mapping else Any


def _bare(kind: object) -> object:
    """A type without `| None`."""
    if get_origin(kind) in (Union, UnionType):
        return next(arg for arg in get_args(kind) if arg is not NoneType)
    return kind
