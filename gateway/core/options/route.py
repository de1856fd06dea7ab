"""What can be tuned on a route."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Gt, Le

from gateway.core.options.bounds import Positive, Share
from gateway.core.options.guard import GuardOptions
from gateway.core.options.limits import CallerLimitOptions
from gateway.core.options.privacy import PrivacyOptions
from gateway.core.options.target import Target
from gateway.core.options.variant import MirrorOptions, StickyBy, Variant


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
    privacy: PrivacyOptions = field(default_factory=PrivacyOptions)
    """Personal data."""
    limits: CallerLimitOptions = field(default_factory=CallerLimitOptions)
    """Limits of this route, over all its callers."""
    knowledge_base: str = "shop"
    """Knowledge base of chat calls that name none."""
    lexicon: str = ""
    """Folder in `lexicons` with a tenant's own words and what its shoppers typed; empty: none."""
    guard: GuardOptions = field(default_factory=GuardOptions)
    """Checks of what models write to customers."""
    tools: tuple[str, ...] = ()
    """Names of the tools that chat calls may use, keys of `tools`. For a look-up of the rules the
    first that serves it counts."""
    model_version: str = ""
    """The team's label of prompt, model and rules, sent with every answer of this route."""
    variants: tuple[Variant, ...] = ()
    """Other ways to answer, for some callers or ERP releases; explained in docs/live.md."""
    sticky_by: StickyBy = StickyBy.END_USER
    """What keeps a caller on one variant: its tenant, its `end_user_id`, or its conversation. Who
    sends none of the last two is drawn anew for each call. Default end_user."""
    mirror: MirrorOptions | None = None
    """A candidate that gets copies of calls on the side; none when absent."""

    def deployments(self) -> tuple[str, ...]:
        """Names of its deployments, first tier first."""
        return tuple(target.deployment for tier in self.tiers for target in tier)
