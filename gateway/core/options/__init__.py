"""What ops can tune, as frozen dataclasses: the shapes under the YAML file.

Every field says its meaning, unit, default and bounds; `docs/config.md` is generated from here
and from gateway/config. `gateway.config` builds these from the file, tests build them by hand.
"""

from gateway.core.options.binding import Fact, McpBinding
from gateway.core.options.bounds import Positive, Share
from gateway.core.options.conversations import ConversationOptions
from gateway.core.options.deployment import (
    BreakerOptions,
    ConcurrencyOptions,
    Deployment,
    DeploymentOptions,
    JsonMode,
    Price,
    Quirks,
    Timeouts,
    Transport,
)
from gateway.core.options.guard import GuardOptions
from gateway.core.options.limits import (
    CallerLimitOptions,
    LimitOptions,
    OnExhausted,
    TenantLimits,
)
from gateway.core.options.live import AdminOptions, LiveOptions
from gateway.core.options.mcp import McpServer, McpServerOptions, McpToolOptions
from gateway.core.options.plan import Plan
from gateway.core.options.privacy import PrivacyOptions
from gateway.core.options.process import CacheMemoryOptions, QuestionLogOptions, ServerOptions
from gateway.core.options.redis import (
    BadRedisUrl,
    RedisAccess,
    RedisAddress,
    RedisOptions,
    Topology,
    redis_address,
)
from gateway.core.options.route import (
    CacheOptions,
    HedgeOptions,
    Match,
    OnOverload,
    RetryOptions,
    Route,
    RulesOptions,
)
from gateway.core.options.secret import NO_SECRET, Secret
from gateway.core.options.security import ClientCertificate, SecurityOptions, TlsOptions
from gateway.core.options.target import Target
from gateway.core.options.telemetry import LogLevel, LogOptions, MetricsOptions, TracesOptions
from gateway.core.options.tool import HttpMethod, LookUp, Tool, ToolOptions, ToolUseOptions
from gateway.core.options.variant import MirrorOptions, StickyBy, Variant

__all__ = [
    "NO_SECRET",
    "AdminOptions",
    "BadRedisUrl",
    "BreakerOptions",
    "CacheMemoryOptions",
    "CacheOptions",
    "CallerLimitOptions",
    "ClientCertificate",
    "ConcurrencyOptions",
    "ConversationOptions",
    "Deployment",
    "DeploymentOptions",
    "Fact",
    "GuardOptions",
    "HedgeOptions",
    "HttpMethod",
    "JsonMode",
    "LimitOptions",
    "LiveOptions",
    "LogLevel",
    "LogOptions",
    "LookUp",
    "Match",
    "McpBinding",
    "McpServer",
    "McpServerOptions",
    "McpToolOptions",
    "MetricsOptions",
    "MirrorOptions",
    "OnExhausted",
    "OnOverload",
    "Plan",
    "Positive",
    "Price",
    "PrivacyOptions",
    "QuestionLogOptions",
    "Quirks",
    "RedisAccess",
    "RedisAddress",
    "RedisOptions",
    "RetryOptions",
    "Route",
    "RulesOptions",
    "Secret",
    "SecurityOptions",
    "ServerOptions",
    "Share",
    "StickyBy",
    "Target",
    "TenantLimits",
    "Timeouts",
    "TlsOptions",
    "Tool",
    "ToolOptions",
    "ToolUseOptions",
    "Topology",
    "TracesOptions",
    "Transport",
    "Variant",
    "redis_address",
]
