"""Reading a model's JSON reply: tolerant of wrapping, strict about content."""

import json
from collections.abc import Mapping
from typing import Any

from gateway.core.errors import OutputInvalid
from gateway.core.halves import holds_half

MAX_REPLY_CHARACTERS = 200_000
"""Longest reply that is parsed; ten times what any of our prompts can ask for."""


def json_object(text: str) -> Mapping[str, Any]:
    """The one JSON object in a reply.

    Models wrap it in a code fence or a sentence now and then, so the text from the first brace to
    the last one counts. Raises OutputInvalid, whose text is fit to ask the model again.
    """
    first, last = text.find("{"), text.rfind("}")
    if first < 0 or last < first:
        raise OutputInvalid("the reply holds no JSON object; answer with one JSON object only")
    if last - first > MAX_REPLY_CHARACTERS:
        raise OutputInvalid("the reply is too long; answer with one short JSON object")
    try:
        value = json.loads(text[first : last + 1])
        halved = holds_half(text, value)
    except (ValueError, RecursionError) as error:
        raise OutputInvalid("the reply is not valid JSON; answer with one JSON object") from error
    if halved:
        raise OutputInvalid("the reply holds half a character (a lone surrogate); leave it out")
    if not isinstance(value, dict):
        raise OutputInvalid("the reply is not a JSON object; answer with one JSON object only")
    return value


def texts(value: Mapping[str, Any], name: str, most: int) -> list[str]:
    """The non-empty texts of the list `name`, at most `most`; raises OutputInvalid.

    Models wrap each text in an object now and then: its "text" or "keyword" counts.
    """
    items = value.get(name)
    if not isinstance(items, list):
        raise OutputInvalid(f'the JSON object has no list "{name}"; add it')
    found = [text for item in items if (text := _text(item))]
    if not found:
        raise OutputInvalid(f'the list "{name}" holds no text; fill it')
    return found[:most]


def _text(item: object) -> str:
    if isinstance(item, dict):
        item = item.get("text") or item.get("keyword")
    return item.strip() if isinstance(item, str) else ""
