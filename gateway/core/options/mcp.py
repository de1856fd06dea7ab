"""What can be tuned on an MCP server and on the tools that are used of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Gt, Le

from gateway.core.options.binding import Fact
from gateway.core.options.secret import NO_SECRET, Secret
from gateway.core.options.tool import ToolUseOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServerOptions:
    """A server of tools, spoken to by the Model Context Protocol.

    Either `url` (streamable HTTP) or `command` (started as a child, spoken to over its pipes).
    """

    url: str = ""
    """Address of the server's endpoint, such as `https://erp.example/mcp`."""
    command: tuple[str, ...] = ()
    """Program and arguments; it is started again when it ends."""
    env: tuple[str, ...] = ()
    """Names of environment variables that `command` gets; beside them only PATH, HOME and such."""
    api_key_header: str = "Authorization"
    """Header of the key: in `Authorization` as `Bearer KEY`, in any other as it is. For `url`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers of every request, nothing secret. For `url`."""
    connect_s: Annotated[float, Gt(0), Le(60)] = 5.0
    """Longest time to connect and agree on a version; a `command` may need its start. Default 5 s.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class McpToolOptions(ToolUseOptions):
    """One tool of an MCP server. Its description and arguments are the approved ones (docs/mcp.md).

    Who the customer is comes from the request's login, never from a text or a model: see `inject`.
    """

    tool: str = ""
    """The server's name of the tool; default: the same as here."""
    inject: Mapping[Fact, str] = field(default_factory=dict)
    """Arguments that the gateway fills in: `customer_id`, `tenant`, `request_id` or
    `idempotency_key` to the argument's name. Models never see them and cannot set them."""
    not_found: str = "not found"
    """An error of the tool whose text holds this (in any case) means that there is no such record.
    Default `not found`; empty: every error is a failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServer(McpServerOptions):
    """An MCP server that is switched on."""

    name: str
    """Its name in messages and in the file of approvals."""
    api_key: Secret = NO_SECRET
    """The key, read from the environment variable or the file that the configuration names."""
    variables: Mapping[str, Secret] = field(default_factory=dict)
    """The environment of `command`, read when the configuration was."""
