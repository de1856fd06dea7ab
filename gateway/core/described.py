"""How a tool of an MCP server describes itself, and what ops approved of it. Pure.

A description is a text that a model obeys, written by others, and a server may change it at any
time. So the words a model gets are always the approved ones, kept beside the configuration; a tool
that describes itself otherwise now is off until somebody has read and approved that.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_DESCRIPTION_CHARACTERS = 8_000
"""A longer description is refused: it would fill the prompt of every call."""
MAX_SCHEMA_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Described:
    """What a server says of one tool, as far as models and ops rely on it.

    Its output schema is left out: nobody is shown it, and only allowed fields of a result are read.
    """

    name: str
    description: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    annotations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that it says, in a canonical form."""
        said = [self.name, self.title, self.description, self.arguments, self.annotations]
        text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def faults(self) -> Iterator[str]:
        """Why nobody should approve it."""
        if len(self.description) > MAX_DESCRIPTION_CHARACTERS:
            yield f"its description is longer than {MAX_DESCRIPTION_CHARACTERS:,} characters"
        if len(json.dumps(self.arguments)) > MAX_SCHEMA_CHARACTERS:
            yield f"the schema of its arguments is longer than {MAX_SCHEMA_CHARACTERS:,} characters"
        if self.arguments.get("type", "object") != "object":
            yield "its arguments are no object"
        if any(not ref.startswith("#/") for ref in _refs(self.arguments)):
            yield "the schema of its arguments refers to another document"
        hidden = sorted({hex(ord(c)) for c in self.description if not _visible(c)})
        if hidden:
            yield f"its description holds characters that nobody sees: {', '.join(hidden[:5])}"


Approvals = Mapping[str, Mapping[str, Described]]
"""What was approved: by server, then by the server's name of the tool."""


def why_changed(approved: str, now: Described | None) -> str:
    """Why a tool is off, given what its server says of it now; empty: it is as approved."""
    if now is None:
        return "its server does not offer it any more"
    if now.fingerprint != approved:
        return "its server describes it otherwise than it was approved"
    return ""


def _visible(character: str) -> bool:
    return character.isprintable() or character in "\n\t\r"


def _refs(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _refs(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _refs(item)
