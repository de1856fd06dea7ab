"""The shape of the file: the core's options, and around them what only the file says.

A knob is defined once, in gateway/core/options/. Here stand the sections that hold them, where
keys come from, and `Config`, what a whole file becomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Gt, Le

from gateway.core.options import (
    NO_SECRET,
    AdminOptions,
    BreakerOptions,
    CacheMemoryOptions,
    CacheOptions,
    ConcurrencyOptions,
    ConversationOptions,
    DeploymentOptions,
    GuardOptions,
    HedgeOptions,
    LiveOptions,
    LogOptions,
    McpServer,
    McpServerOptions,
    McpToolOptions,
    MetricsOptions,
    Plan,
    PrivacyOptions,
    QuestionLogOptions,
    RedisAccess,
    RedisOptions,
    RetryOptions,
    Route,
    RulesOptions,
    Secret,
    SecurityOptions,
    ServerOptions,
    TenantLimits,
    Timeouts,
    ToolOptions,
    TracesOptions,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    """Price for a million tokens, in US dollars or in yuan, instead of LiteLLM's price map.

    Input and output are needed, all in one currency; yuan need `cny_per_usd`.
    """

    input_usd_per_million: Annotated[float, Ge(0)] | None = None
    """Input tokens, in US dollars."""
    output_usd_per_million: Annotated[float, Ge(0)] | None = None
    """Output tokens, reasoning included, in US dollars."""
    cached_input_usd_per_million: Annotated[float, Ge(0)] | None = None
    """Input tokens served from the provider's prefix cache; the input price when absent."""
    input_cny_per_million: Annotated[float, Ge(0)] | None = None
    """Input tokens, in yuan."""
    output_cny_per_million: Annotated[float, Ge(0)] | None = None
    """Output tokens, reasoning included, in yuan."""
    cached_input_cny_per_million: Annotated[float, Ge(0)] | None = None
    """As `cached_input_usd_per_million`, in yuan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentEntry(DeploymentOptions):
    """One model at one provider under one key. The key itself never stands in the file."""

    enabled: bool = True
    """False takes the deployment out of every route. Default true."""
    api_key_env: str = ""
    """Name of the environment variable that holds the key. Not set: the deployment is off."""
    api_key_file: str = ""
    """File that holds the key (Docker and Kubernetes secrets), read if the variable is not set.
    Relative to this file's folder. Missing: the deployment is off."""
    price: PriceEntry | None = None
    """Price; LiteLLM's map when absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEntry(ToolOptions):
    """A call to the ERP or another system, for models and rules to use; explained in docs/tools.md.

    Who the customer is comes from the request's login, never from a text or a model: calls carry
    `X-Tenant` and, unless `public`, `X-Customer-Id` (percent-encoded). A 404 means "not found".
    """

    enabled: bool = True
    """False takes the tool out of every route. Default true."""
    api_key_env: str = ""
    """Name of the environment variable that holds the key. Not set: the tool is off."""
    api_key_file: str = ""
    """File that holds the key, read if the variable is not set. Relative to this file's folder.
    Missing: the tool is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisEntry(RedisOptions):
    """Redis, which makes several gateways one; explained in docs/redis.md.

    Without it everything works within one process. `redis: URL` alone stands for `{url: URL}`.
    Changes take effect at the next start.
    """

    password_env: str = ""
    """Name of the environment variable that holds the password. Not set: Redis is not used."""
    password_file: str = ""
    """File that holds the password, read if the variable is not set. Relative to this file's
    folder. Missing: Redis is not used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpToolEntry(McpToolOptions):
    """One tool of an MCP server. Its description and arguments are the approved ones (docs/mcp.md).

    Who the customer is comes from the request's login, never from a text or a model: see `inject`.
    """

    enabled: bool = True
    """False takes the tool out of every route. Default true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpServerEntry(McpServerOptions):
    """A server of tools, spoken to by the Model Context Protocol; explained in docs/mcp.md.

    Either `url` (streamable HTTP) or `command` (started as a child, spoken to over its pipes).
    """

    tools: Mapping[str, McpToolEntry] = field(default_factory=dict)
    """Those of its tools that are used, by the name that routes and models know; no others are."""
    enabled: bool = True
    """False takes all its tools out of every route. Default true."""
    api_key_env: str = ""
    """Name of the environment variable that holds the key. Not set: its tools are off."""
    api_key_file: str = ""
    """File that holds the key, read if the variable is not set. Relative to this file's folder.
    Missing: its tools are off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """Values for every deployment and route that does not say otherwise, knob by knob."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    """Of deployments."""
    breaker: BreakerOptions = field(default_factory=BreakerOptions)
    """Of deployments."""
    concurrency: ConcurrencyOptions = field(default_factory=ConcurrencyOptions)
    """Of deployments."""
    retry: RetryOptions = field(default_factory=RetryOptions)
    """Of routes."""
    cache: CacheOptions = field(default_factory=CacheOptions)
    """Of routes."""
    hedge: HedgeOptions = field(default_factory=HedgeOptions)
    """Of routes."""
    guard: GuardOptions = field(default_factory=GuardOptions)
    """Of routes."""
    rules: RulesOptions = field(default_factory=RulesOptions)
    """Of routes."""
    privacy: PrivacyOptions = field(default_factory=PrivacyOptions)
    """Of routes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """The file's sections. Only `routes` is needed; with no deployments the rules answer all."""

    server: ServerOptions = field(default_factory=ServerOptions)
    """The gRPC server."""
    security: SecurityOptions = field(default_factory=SecurityOptions)
    """Who may call, and TLS; explained in docs/security.md."""
    cache: CacheMemoryOptions = field(default_factory=CacheMemoryOptions)
    """The in-process cache."""
    redis: RedisEntry = field(default_factory=RedisEntry)
    """What several gateways share; a URL alone will do."""
    knowledge: str = "knowledge/"
    """Folder of the knowledge bases, relative to this file's folder. Default `knowledge/`."""
    state: str = "var"
    """Folder for what can be made again, such as trained models, so that the next start is quick;
    relative to the working folder, empty: nothing is kept. Default `var`."""
    lexicons: str = "lexicons/"
    """Folder of the lexicons for keywords, relative to this file's folder. Default `lexicons/`.
    Written by `erp-gateway keywords import-log`; routes name one with `lexicon`."""
    conversations: ConversationOptions = field(default_factory=ConversationOptions)
    """Conversations of chat calls with `remember`; explained in docs/chat.md."""
    question_log: QuestionLogOptions = field(default_factory=QuestionLogOptions)
    """What is remembered of Chat; explained in docs/question-log.md."""
    metrics: MetricsOptions = field(default_factory=MetricsOptions)
    """Prometheus metrics and health; explained in docs/operations.md."""
    traces: TracesOptions = field(default_factory=TracesOptions)
    """OpenTelemetry traces."""
    log: LogOptions = field(default_factory=LogOptions)
    """The log on standard error."""
    live: LiveOptions = field(default_factory=LiveOptions)
    """How changes are taken over without a restart; explained in docs/live.md."""
    admin: AdminOptions = field(default_factory=AdminOptions)
    """The port for ops; explained in docs/live.md."""
    defaults: Defaults = field(default_factory=Defaults)
    """Values for every deployment and route that does not say otherwise."""
    deployments: Mapping[str, DeploymentEntry] = field(default_factory=dict)
    """The models by name. A name is 1 to 63 letters, digits, `-`, `_` or `.`."""
    tools: Mapping[str, ToolEntry] = field(default_factory=dict)
    """What models and rules may look up or propose, by name: 1 to 63 letters, digits, `-`, `_`."""
    mcp_servers: Mapping[str, McpServerEntry] = field(default_factory=dict)
    """Servers of further tools, by name: 1 to 63 letters, digits, `-`, `_`; docs/mcp.md."""
    mcp_approvals: str = "mcp-approved.json"
    """What was approved of their tools, relative to this file's folder. Written by
    `erp-gateway mcp approve`. Default `mcp-approved.json`."""
    routes: tuple[Route, ...] = ()
    """Which deployments answer which calls; the first route that matches wins."""
    limits: TenantLimits = field(default_factory=TenantLimits)
    """Limits of tenants; explained in docs/quotas.md."""
    cny_per_usd: Annotated[float, Gt(0), Le(1000)] | None = None
    """Yuan for one US dollar: turns prices given in yuan into the dollars of costs and limits.
    Needed when a price is in yuan; no rate is ever looked up."""

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"strict": True, "extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole configuration, checked. Immutable: a reload makes a new one."""

    plan: Plan
    """What the engine sees: deployments that are on, routes, and the version of all this."""
    server: ServerOptions
    """The gRPC server."""
    cache: CacheMemoryOptions
    """The in-process cache."""
    knowledge: Path
    """Folder of the knowledge bases; it need not exist."""
    lexicons: Path = Path("lexicons")
    """Folder of the lexicons; it need not exist."""
    path: str
    """The file it came from, for messages."""
    question_log: QuestionLogOptions = field(default_factory=QuestionLogOptions)
    """What is remembered of Chat."""
    live: LiveOptions = field(default_factory=LiveOptions)
    """How changes are taken over without a restart."""
    admin: AdminOptions = field(default_factory=AdminOptions)
    """The port for ops."""
    key_files: tuple[Path, ...] = ()
    """Files of keys and of approvals, there or not: their changes count as the file's."""
    conversations: ConversationOptions = field(default_factory=ConversationOptions)
    """Conversations of chat calls with `remember`."""
    state: Path | None = None
    """Folder for what can be made again; None: nothing is kept."""
    metrics: MetricsOptions = field(default_factory=MetricsOptions)
    """Metrics and health."""
    traces: TracesOptions = field(default_factory=TracesOptions)
    """Traces."""
    log: LogOptions = field(default_factory=LogOptions)
    """The log."""
    security: SecurityOptions = field(default_factory=SecurityOptions)
    """Who may call, and TLS. Its paths are relative to the folder of `path`."""
    redis: RedisAccess = field(default_factory=RedisAccess)
    """What several gateways share."""
    token_key: Secret = NO_SECRET
    """Key of the confirm tokens, from the environment; empty: a random one for each process."""
    mcp_servers: Mapping[str, McpServer] = field(default_factory=dict)
    """The MCP servers that are on."""
    mcp_approvals: Path = Path("mcp-approved.json")
    """The file of what was approved of their tools; it need not exist."""
    mcp_used: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The servers' names of the tools that the file uses, by server."""
