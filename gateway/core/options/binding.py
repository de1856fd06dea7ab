"""Where a tool of an MCP server lives, and what the gateway says to it by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Fact(StrEnum):
    """What the gateway knows of a call by itself, from the login and the key."""

    CUSTOMER_ID = "customer_id"
    TENANT = "tenant"
    REQUEST_ID = "request_id"
    IDEMPOTENCY_KEY = "idempotency_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class McpBinding:
    """Where a tool of an MCP server lives. `approved`: the fingerprint that ops approved."""

    server: str
    tool: str
    approved: str
    inject: Mapping[Fact, str] = field(default_factory=dict)
    not_found: str = ""


def visible(schema: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """The schema of a tool's arguments without those that the gateway fills in."""
    shown = dict(schema)
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        shown["properties"] = {k: v for k, v in properties.items() if k not in hidden}
    required = schema.get("required")
    if isinstance(required, list):
        shown["required"] = [name for name in required if name not in hidden]
    return shown
