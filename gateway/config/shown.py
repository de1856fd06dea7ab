"""A configuration as it is in force, for people: defaults filled in, secrets masked."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

from gateway.config.schema import Config
from gateway.config.secrets import looks_secret
from gateway.core.options import Secret

MASK = "***"


def shown(config: Config) -> str:
    """The whole configuration as JSON."""
    return json.dumps(plain(config), indent=2, ensure_ascii=False)


def plain(value: object) -> object:
    """Dataclasses as mappings, enums as values, secrets and what looks like one as stars."""
    if isinstance(value, Secret):
        return MASK if value else ""
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    text = str(value) if isinstance(value, Path) else value
    return MASK if isinstance(text, str) and looks_secret(text) else text
