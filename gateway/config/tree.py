"""YAML as a tree that knows where everything stands, with none of YAML's surprises.

Built from libyaml's events, so that nothing is lost on the way: a key given twice is seen, and a
plain word is text unless it is a number, `true`, `false` or `null`. That is YAML 1.2's idea of it:
1.1 reads `no` as false and `12:30` as 750. Anchors, aliases, tags, second documents are refused.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from gateway.config.errors import Problem, Spot
from gateway.config.node import Node, Scalar

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 24

_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]+)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_EMPTY = Problem(Spot(1, 1), "the file is empty; config/gateway.yaml is an example")


def read_tree(text: str) -> tuple[Node | None, list[Problem]]:
    """The tree of a YAML text and every fault of its form; no tree when it is not YAML at all."""
    if fault := _refused_text(text):
        return None, [fault]
    composer = _Composer(text)
    try:
        root = composer.document()
    except yaml.MarkedYAMLError as error:
        return None, [*composer.problems, _not_yaml(text, error)]
    except _TooDeep as error:
        return None, [*composer.problems, error.problem]
    return root, composer.problems if root else [_EMPTY]


def resolve(text: str) -> Scalar:
    """What a plain (unquoted) word means: a number, true, false, null, or else text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) <= 19 else float(text)  # noqa: PLR2004 # digits of an int64
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def _not_yaml(text: str, error: yaml.MarkedYAMLError) -> Problem:
    """The parser's own words, at a place inside the text: it marks the end a line too far."""
    lines = text.removesuffix("\n").split("\n")
    mark = error.problem_mark or error.context_mark
    spot = Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)
    if spot.line > len(lines):
        spot = Spot(len(lines), len(lines[-1]) + 1)
    words = ", ".join(filter(None, (error.context, error.problem)))
    if lines[spot.line - 1][spot.column - 1 :].startswith("\t"):
        words = "a tab; indent with spaces"
    return Problem(spot, f"this is not valid YAML: {words}")


def _refused_text(text: str) -> Problem | None:
    """Texts that are not parsed at all."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        return Problem(Spot(1, 1), f"the file has {size} bytes; at most {MAX_BYTES} are read")
    if bad := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1) + 1
        name = f"U+{ord(bad.group()):04X}"
        return Problem(Spot(line, column), f"character {name} is not text; is this a binary file?")
    if not text.strip():
        return _EMPTY
    return None


class _TooDeep(Exception):
    """Deeper than any honest configuration."""

    def __init__(self, spot: Spot) -> None:
        super().__init__()
        self.problem = Problem(spot, f"nested deeper than {MAX_DEPTH} levels")


class _Composer:
    """Events to nodes, collecting what is refused instead of stopping at the first."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self.problems: list[Problem] = []
        self._aliases: set[str | None] = set()

    def document(self) -> Node | None:
        """The first document; a second one is a problem."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    self._refuse(event, "a second document; write everything in one")
                root = self._node(next(self._events), 0) if root is None else root
            if isinstance(event, StreamEndEvent):
                break
        return root

    def _node(self, event: NodeEvent, depth: int) -> Node:
        spot = _spot(event)
        if depth > MAX_DEPTH:
            raise _TooDeep(spot)
        if isinstance(event, AliasEvent):
            if event.anchor not in self._aliases:  # an alias bomb is told in a few lines
                self._refuse(event, f"alias '*{event.anchor}': aliases are refused; write it out")
            self._aliases.add(event.anchor)
            return Node(None, spot, {})
        self._refuse_ornaments(event)
        build = self._builders[type(event)]
        return build(event, depth)

    def _refuse_ornaments(self, event: NodeEvent) -> None:
        if event.anchor:
            self._refuse(event, f"anchor '&{event.anchor}': anchors are refused; remove it")
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            self._refuse(event, f"tag {tag!r}: tags are refused; remove it")

    def _scalar(self, event: ScalarEvent, _depth: int) -> Node:
        if bad := _UNPRINTABLE.search(event.value):  # "\0" in quotes
            self._refuse(event, f"the escaped character U+{ord(bad.group()):04X} is not text")
        plain = event.style is None or event.style == ""
        return Node(resolve(event.value) if plain else event.value, _spot(event), {})

    def _sequence(self, event: SequenceStartEvent, depth: int) -> Node:
        items = []
        while not isinstance(following := next(self._events), SequenceEndEvent):
            items.append(self._node(following, depth + 1))
        return Node(items, _spot(event), {})

    def _mapping(self, event: MappingStartEvent, depth: int) -> Node:
        value: dict[str, Node] = {}
        keys: dict[str, Spot] = {}
        while not isinstance(key_event := next(self._events), MappingEndEvent):
            key = self._key(key_event, depth)
            node = self._node(next(self._events), depth + 1)
            if key is None:
                continue
            if key in value:
                first = keys[key].line
                self._refuse(key_event, f"key {key!r} is given twice, first in line {first}")
                continue
            value[key], keys[key] = node, _spot(key_event)
        return Node(value, _spot(event), keys)

    def _key(self, event: NodeEvent, depth: int) -> str | None:
        if not isinstance(event, ScalarEvent):
            self._node(event, depth + 1)
            self._refuse(event, "a key must be a word, not a list or a mapping")
            return None
        self._refuse_ornaments(event)
        if event.value == "<<":
            self._refuse(event, "merge keys '<<' are refused; use the section 'defaults'")
            return None
        return event.value

    def _refuse(self, event: Event, message: str) -> None:
        self.problems.append(Problem(_spot(event), message))

    @property
    def _builders(self) -> dict[type, Callable[[Any, int], Node]]:
        return {
            ScalarEvent: self._scalar,
            SequenceStartEvent: self._sequence,
            MappingStartEvent: self._mapping,
        }


def _spot(event: Event) -> Spot:
    mark: Any = event.start_mark  # libyaml's events always have one
    return Spot(mark.line + 1, mark.column + 1)
