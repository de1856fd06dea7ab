"""Half characters: lone surrogates, which JSON can spell and UTF-8 cannot."""

import json
from typing import Any


def holds_half(text: str, value: Any) -> bool:  # noqa: ANN401 # any JSON
    """Whether the value of this JSON text holds half a character; protobuf refuses such texts."""
    if text.isascii() and "\\u" not in text:
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
