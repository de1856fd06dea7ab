"""What can be tuned on a tool."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from annotated_types import Gt, Le

from gateway.core.options.binding import McpBinding
from gateway.core.options.secret import NO_SECRET, Secret


class HttpMethod(StrEnum):
    """How a tool's address is called."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


class LookUp(StrEnum):
    """What the rules can have looked up without a model."""

    ORDER_STATUS = "order_status"
    TRACKING = "tracking"
    STOCK = "stock"
    REFUND_STATUS = "refund_status"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUseOptions:
    """What holds for a tool of any kind: what is read of it, whose it is, how long it may take."""

    fields: Mapping[str, str] = field(default_factory=dict)
    """The only parts of the result that are read: a name to a path such as `parcel.eta` or
    `items.name` (of each item of a list). Names that the rules' texts know: docs/tools.md."""
    owner_field: str = ""
    """Path of the customer's id in the result. One of another customer counts as not found."""
    public: bool = False
    """True: the result is nobody's own (stock), so it needs no `owner_field` and no customer.
    Default false."""
    verified_only: bool = False
    """Needs a customer whom the ERP has verified, as tools that write always do. Default false."""
    writes: bool = False
    """True: it changes something. A model can only propose it; it runs once, when the ERP sends the
    confirm token back. Default false."""
    confirm: Mapping[str, str] = field(default_factory=dict)
    """The question before it is done, by language (`en`, `zh`), arguments in braces. For `writes`.
    """
    serves: LookUp | None = None
    """The look-up of the rules that it answers when no model can."""
    timeout_s: Annotated[float, Gt(0), Le(60)] = 3.0
    """Longest run, within the caller's deadline. Default 3 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOptions(ToolUseOptions):
    """A call to the ERP or another system, for models and rules to use.

    Who the customer is comes from the request's login, never from a text or a model: calls carry
    `X-Tenant` and, unless `public`, `X-Customer-Id` (percent-encoded). A 404 means "not found".
    """

    description: str
    """What it does and when to use it, in English, for the model."""
    url: str
    """Address with placeholders in braces, in the path or the query: required arguments by name,
    `customer_id` and `tenant`. Other arguments go into the query (GET, DELETE) or a JSON body."""
    method: HttpMethod = HttpMethod.GET
    """HTTP method. Default GET."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema (an object, without `$ref`) of what a model passes. Properties that it does not
    name are refused unless it says `additionalProperties`."""
    api_key_header: str = "Authorization"
    """Header of the key: in `Authorization` as `Bearer KEY`, in any other as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(ToolOptions):
    """A tool that is switched on."""

    name: str
    """Its name in routes, for models and in answers."""
    api_key: Secret = NO_SECRET
    """The key, read from the environment variable or the file that the configuration names."""

    mcp: McpBinding | None = None
    """Where it lives, for a tool of an MCP server; None: it is called over HTTP."""

    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of its arguments: an object, without properties nobody named."""
        return {"type": "object", "properties": {}, "additionalProperties": False} | dict(
            self.arguments
        )
