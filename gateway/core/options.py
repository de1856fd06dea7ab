"""What ops can tune, as frozen dataclasses: the shapes under the YAML file.

Every field says its meaning, unit, default and bounds; `docs/config.md` is generated from here
and from gateway/config. `gateway.config` builds these from the file, tests build them by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le

Positive = Annotated[float, Gt(0)]
Share = Annotated[float, Ge(0), Le(1)]


class Secret:
    """A value that never shows: its repr and str are stars. Read it with `reveal()`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; for the one place that sends it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(***)" if self._value else "Secret(empty)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


NO_SECRET = Secret("")


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
    """LiteLLM's name of the provider: openai, deepseek, dashscope, ..."""
    model: str
    """The provider's name of the model."""
    base_url: str = ""
    """Address of a self-hosted or regional endpoint; the provider's own when empty."""
    transport: Transport = Transport.DIRECT
    """`direct`: the pooled client of the chat-completion family; `litellm`: LiteLLM's own."""
    timeouts: Timeouts = field(default_factory=Timeouts)
    """Clocks of one try."""
    context_tokens: Annotated[int, Ge(0)] = 0
    """Size of the context window in tokens; 0: not known. Finds a larger model when needed."""
    price: Price | None = None
    """Price; LiteLLM's map when absent."""
    quirks: Quirks = field(default_factory=Quirks)
    """Peculiarities of the provider."""
    breaker: BreakerOptions = field(default_factory=BreakerOptions)
    """When it is taken out."""
    concurrency: ConcurrencyOptions = field(default_factory=ConcurrencyOptions)
    """How many calls it gets at once."""
    model_version: str = ""
    """The team's label of prompt, model and rules; the route's when empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(DeploymentOptions):
    """One model at one provider under one key."""

    name: str
    """Its name in routes, trails and metrics."""
    api_key: Secret = NO_SECRET
    """The key, read from the environment variable or the file that the configuration names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOptions:
    """One retry budget per request, shared by all its deployments."""

    per_request: Annotated[int, Ge(0), Le(10)] = 2
    """Most retries at deployments already tried, all together. Default 2."""
    per_deployment: Annotated[int, Ge(0), Le(5)] = 1
    """Most retries at one deployment. Default 1."""
    base_s: Positive = 0.2
    """First back-off; doubles each time, with full jitter. Default 0.2 s."""
    cap_s: Positive = 2.0
    """Longest back-off. Default 2 s."""
    share_of_calls: Share = 0.2
    """Retries to one deployment may be at most this share of its recent calls. Default 0.2."""
    per_second: Annotated[float, Ge(0)] = 3.0
    """... plus this many a second, so that quiet deployments are retried at all. Default 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheOptions:
    """Whether a route's model answers are kept."""

    enabled: bool = True
    """Default true. Chat with a temperature above 0 is cached only with `any_temperature`."""
    ttl_s: Positive = 3600.0
    """How long an answer is kept, shortened by up to a tenth at random. Default 3,600 s."""
    any_temperature: bool = False
    """Cache answers sampled at a temperature above 0, too. Default false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeOptions:
    """A second deployment is started when the first is slower than it usually is."""

    enabled: bool = False
    """Default false."""
    percentile: Annotated[float, Gt(0.5), Le(0.999)] = 0.95
    """The second starts after this percentile of the first's recent latency. Default 0.95."""
    minimum_s: Positive = 0.2
    """... but never before this. Default 0.2 s."""
    share_of_calls: Share = 0.1
    """Most extra calls, as a share of the route's calls. Default 0.1."""


class OnOverload(StrEnum):
    """What a call gets when there is no room for it."""

    RULES = "rules"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesOptions:
    """Whether and when the rules answer."""

    allowed: bool = True
    """False: UNAVAILABLE when no model answers. Default true."""
    reserve_s: Positive = 0.05
    """Time kept back from models so that the rules can still answer. Default 50 ms ..."""
    reserve_share: Annotated[float, Gt(0), Le(0.5)] = 0.2
    """... but at most this share of a short deadline. Default 0.2."""
    on_overload: OnOverload = OnOverload.RULES
    """What a call gets when the gateway has no free slot for it. Default rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which calls a route takes; every condition given must hold, an empty one holds always."""

    calls: tuple[str, ...] = ()
    """Names of calls: chat, extract_keywords, detect_anomaly."""
    locales: tuple[str, ...] = ()
    """BCP-47 prefixes: "zh" matches zh-CN and zh-TW."""
    tenants: tuple[str, ...] = ()
    """Names of tenants."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels the caller must have sent, with their values."""
    erp_versions: tuple[str, ...] = ()
    """Prefixes of x-erp-version at a dot: "1.2" matches 1.2 and 1.2.7, not 1.20."""


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment inside a tier, with its weight."""

    deployment: str
    """Its name, a key of `deployments`."""
    weight: Annotated[float, Gt(0)] = 1.0
    """Its part of the tier's calls, as against the others' weights. Default 1."""


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
class ToolOptions:
    """A call to the ERP or another system, for models and rules to use.

    Who the customer is comes from the request's login, never from a text or a model: every call
    carries the headers `X-Customer-Id` and `X-Tenant` (percent-encoded). A 404 means "not found".
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
    api_key_header: str = "Authorization"
    """Header of the key: in `Authorization` as `Bearer KEY`, in any other as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(ToolOptions):
    """A tool that is switched on."""

    name: str
    """Its name in routes, for models and in answers."""
    api_key: Secret = NO_SECRET
    """The key, read from the environment variable or the file that the configuration names."""

    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of its arguments: an object, without properties nobody named."""
        return {"type": "object", "properties": {}, "additionalProperties": False} | dict(
            self.arguments
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which deployments answer which calls, and how."""

    name: str
    """Its name in trails, metrics and `explain`."""
    match: Match = field(default_factory=Match)
    """Which calls it takes; the first route that matches wins."""
    tiers: tuple[tuple[Target, ...], ...] = ()
    """Deployments in order of choice; inside a tier they share calls by weight."""
    default_deadline_s: Positive = 30.0
    """Deadline of a call that sends none. Default 30 s."""
    max_output_tokens: Annotated[int, Ge(1)] = 1024
    """Limit of an answer, when the caller gives none. Default 1,024."""
    temperature: Annotated[float, Ge(0), Le(2)] = 0.0
    """Sampling temperature, when the caller gives none. Default 0."""
    retry: RetryOptions = field(default_factory=RetryOptions)
    """Retry budget."""
    cache: CacheOptions = field(default_factory=CacheOptions)
    """Caching."""
    hedge: HedgeOptions = field(default_factory=HedgeOptions)
    """Hedging."""
    rules: RulesOptions = field(default_factory=RulesOptions)
    """The rules."""
    knowledge_base: str = "shop"
    """Knowledge base of chat calls that name none."""
    lexicon: str = ""
    """Folder in `lexicons` with a tenant's own words and what its shoppers typed; empty: none."""
    tools: tuple[str, ...] = ()
    """Names of the tools that chat calls may use, keys of `tools`. For a look-up of the rules the
    first that serves it counts."""
    model_version: str = ""
    """The team's label of prompt, model and rules, sent with every answer of this route."""

    def deployments(self) -> tuple[str, ...]:
        """Names of its deployments, first tier first."""
        return tuple(target.deployment for tier in self.tiers for target in tier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of the configuration, as the engine sees it. A call keeps the one it began with.

    `deployments` holds those that are switched on; `off` says of the others why they are not;
    `tools` and `tools_off` likewise.
    """

    version: str
    deployments: Mapping[str, Deployment]
    routes: tuple[Route, ...]
    off: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[str, Tool] = field(default_factory=dict)
    tools_off: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """The server. A change of these takes effect at the next start, not at a reload."""

    listen: str = "127.0.0.1:50051"
    """Address and port; port 0 picks a free one. Default 127.0.0.1:50051: this machine only."""
    http_listen: str = ""
    """Address and port of the HTTP door (Connect protocol, plain JSON for curl); empty: no such
    door. Default empty; the shipped file opens 127.0.0.1:50080, for this machine only."""
    reflection: bool = True
    """Lets grpcurl and friends list the calls. Default true."""
    max_request_bytes: Annotated[int, Ge(1024), Le(64 * 1024 * 1024)] = 8 * 1024 * 1024
    """Largest request. Default 8 MiB: 20,000 points with 16 covariates of as many (7.5 MB)."""
    max_metadata_bytes: Annotated[int, Ge(1024), Le(1024 * 1024)] = 16 * 1024
    """All metadata of one call together. Default 16 KiB (gRPC's)."""
    max_calls: Annotated[int, Ge(1), Le(100_000)] = 1000
    """Calls of one kind in progress at once; more get the route's `rules.on_overload`.
    Default 1,000."""
    drain_s: Annotated[float, Ge(0), Le(600)] = 20.0
    """After SIGTERM: longest wait for calls in progress. Default 20 s, below Kubernetes' 30 s."""
    rules_workers: Annotated[int, Ge(1), Le(64)] = 1
    """Processes for the CPU-heavy rules; more than there are cores gain nothing. Default 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheMemoryOptions:
    """The in-process cache of model answers; the least recently used are dropped first."""

    max_entries: Annotated[int, Ge(0)] = 10_000
    """Most answers kept; 0 keeps none. Default 10,000."""
    max_bytes: Annotated[int, Ge(0)] = 64 * 1024 * 1024
    """Most bytes kept, keys and values. Default 64 MiB."""
