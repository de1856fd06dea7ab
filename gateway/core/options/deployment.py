"""What can be tuned on a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

from gateway.core.options.bounds import Positive, Share
from gateway.core.options.limits import LimitOptions
from gateway.core.options.secret import NO_SECRET, Secret


class Transport(StrEnum):
    """How a deployment's provider is spoken to."""

    DIRECT = "direct"
    LITELLM = "litellm"


class JsonMode(StrEnum):
    """What a provider offers for JSON answers; our own validation follows in any case."""

    SCHEMA = "schema"
    OBJECT = "object"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Clocks of one try at a deployment. The caller's remaining time always caps them."""

    connect_s: Positive = 3.0
    """Opening the connection, TLS included. Default 3 s: three lost SYN packets are a dead host."""
    total_s: Positive = 20.0
    """A whole unary try, or a whole stream. Default 20 s."""
    first_token_s: Positive = 8.0
    """Streams: silence before the first token. Default 8 s."""
    idle_s: Positive = 6.0
    """Streams: silence between tokens. Default 6 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Price in US dollars for a million tokens; overrides the price map that ships with LiteLLM."""

    input_usd_per_million: Annotated[float, Ge(0)]
    """Input tokens."""
    output_usd_per_million: Annotated[float, Ge(0)]
    """Output tokens, reasoning included."""
    cached_input_usd_per_million: Annotated[float, Ge(0)] | None = None
    """Input tokens served from the provider's prefix cache; the input price when absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """What is peculiar about a provider, as data. Defaults come from its family's table."""

    json_mode: JsonMode | None = None
    """What it offers for JSON answers; the family's when absent."""
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    """Fields added to every request body, such as enable_thinking: false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerOptions:
    """When a deployment is taken out, and for how long."""

    window_s: Positive = 30.0
    """Length of the sliding window. Default 30 s."""
    failure_ratio: Annotated[float, Gt(0), Le(1)] = 0.5
    """Opens at this share of failures in the window ... Default 0.5 (resilience4j's)."""
    minimum_calls: Annotated[int, Ge(1)] = 10
    """... once the window holds this many calls. Default 10."""
    consecutive_failures: Annotated[int, Ge(1)] = 5
    """Opens at this many failures in a row, whatever the window says. Default 5 (Envoy's)."""
    open_base_s: Positive = 3.0
    """First time out; the n-th in a row lasts n times as long. Default 3 s (agentgateway's)."""
    open_cap_s: Positive = 25.0
    """Longest time out. Default 25 s, so that a recovered one is used again within 30 s."""
    jitter: Share = 0.2
    """Each time out is shortened by a random share up to this. Default 0.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyOptions:
    """How many calls a deployment gets at once. Shrinks on 429 and timeouts, grows back."""

    maximum: Annotated[int, Ge(1)] = 256
    """Most calls at once. Default 256."""
    minimum: Annotated[int, Ge(1)] = 4
    """The limit never shrinks below this. Default 4."""
    wait_s: Annotated[float, Ge(0)] = 0.5
    """Longest wait for a free slot before going to the next deployment. Default 0.5 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentOptions:
    """What can be tuned on a deployment; the file's form adds where the key comes from."""

    provider: str
    """LiteLLM's name of the provider: openai, deepseek, dashscope, ...; or `dify` for a Dify app,
    which answers Chat only (docs/dify.md)."""
    model: str = ""
    """The provider's name of the model. For `dify`: a name of your own for the app, or none."""
    base_url: str = ""
    """Address of a self-hosted or regional endpoint; the provider's own when empty."""
    transport: Transport = Transport.DIRECT
    """`direct`: the pooled client of the chat-completion family; `litellm`: LiteLLM's own."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    """Clocks of one try."""
    context_tokens: Annotated[int, Ge(0)] = 0
    """Size of the context window in tokens; 0: not known. Finds a larger model when needed."""
    quirks: Quirks = field(default_factory=Quirks)
    """Peculiarities of the provider."""
    breaker: BreakerOptions = field(default_factory=BreakerOptions)
    """When it is taken out."""
    concurrency: ConcurrencyOptions = field(default_factory=ConcurrencyOptions)
    """How many calls it gets at once."""
    limits: LimitOptions = field(default_factory=LimitOptions)
    """Limits over all its callers; what is used up is not tried."""
    model_version: str = ""
    """The team's label of prompt, model and rules; the route's when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(DeploymentOptions):
    """One model at one provider under one key."""

    name: str
    """Its name in routes, trails and metrics."""
    api_key: Secret = NO_SECRET
    """The key, read from the environment variable or the file that the configuration names."""
    price: Price | None = None
    """Price; LiteLLM's map when absent."""
