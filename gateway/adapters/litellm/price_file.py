"""LiteLLM's price map, read without importing LiteLLM: 20 ms instead of seconds, for commands."""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

FILE = "model_prices_and_context_window_backup.json"
"""Ships inside the package, so the lock of its version and hash fixes the prices, too."""


@cache
def shipped_prices() -> Mapping[str, Mapping[str, Any]]:
    """One entry per model name; empty when LiteLLM is not installed."""
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / FILE
        if path.is_file():
            prices: Mapping[str, Mapping[str, Any]] = orjson.loads(path.read_bytes())
            return prices
    return {}
