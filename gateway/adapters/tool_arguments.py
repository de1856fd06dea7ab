"""Whether a model's arguments fit a tool's schema."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gateway.core.options import Tool

if TYPE_CHECKING:
    import jsonschema

MAX_TOLD_CHARACTERS = 500
FILLED_IN = frozenset({"customer_id", "tenant"})
"""What the gateway says of a call over HTTP by itself."""


def refusal(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Why these arguments do not fit the tool's schema, for the model; empty: they do.

    An argument that the gateway fills in is refused whatever the schema says.
    """
    # measured: 25 ms to load, and only who has tools needs it; their check has loaded it then
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    hidden = set(tool.mcp.inject.values()) if tool.mcp else FILLED_IN
    for name in sorted(hidden & arguments.keys()):
        return f"wrong arguments for {tool.name!r}: {name!r} is no argument of it"
    error = best_match(_validator(_text_of(tool)).iter_errors(arguments))
    if error is None:
        return ""
    where = ".".join(str(step) for step in error.absolute_path)
    told = f"wrong arguments for {tool.name!r}: {where + ': ' if where else ''}{error.message}"
    return told[:MAX_TOLD_CHARACTERS]


def _text_of(tool: Tool) -> str:
    return json.dumps(tool.schema(), sort_keys=True)


@lru_cache(maxsize=256)
def _validator(schema: str) -> "jsonschema.Draft202012Validator":
    import jsonschema  # noqa: PLC0415 # as above

    return jsonschema.Draft202012Validator(json.loads(schema))
