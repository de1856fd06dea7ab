"""What can be tuned on limits: of a deployment, of a route, of a tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Gt, Le

AT_MOST_CALLS = 10_000_000
AT_MOST_TOKENS = 10**12
AT_MOST_USD = 10_000_000

BURST_SHARE = 0.1
"""Calls that pass at once after a rest, when `burst` is not given: this share of a minute's."""


class OnExhausted(StrEnum):
    """What a call gets when a limit of its tenant or route is used up."""

    REJECT = "reject"
    CHEAPER = "cheaper"
    RULES = "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitOptions:
    """Limits of one deployment, over all its callers. What is used up is not tried.

    A limit that is not given is none. Explained in docs/quotas.md.
    """

    calls_per_minute: Annotated[int, Ge(1), Le(AT_MOST_CALLS)] | None = None
    """Calls at a steady pace: one each 60 / this many seconds."""
    burst: Annotated[int, Ge(1), Le(AT_MOST_CALLS)] | None = None
    """Calls that pass at once after a rest. Default a tenth of `calls_per_minute`, at least 1."""
    tokens_per_minute: Annotated[int, Ge(1), Le(AT_MOST_TOKENS)] | None = None
    """Input and output tokens together, by the minute of the clock."""
    cost_usd_per_day: Annotated[float, Gt(0), Le(AT_MOST_USD)] | None = None
    """US dollars from midnight to midnight in `limits.time_zone`."""
    cost_usd_per_month: Annotated[float, Gt(0), Le(AT_MOST_USD)] | None = None
    """US dollars of a calendar month in `limits.time_zone`."""
    concurrent_calls: Annotated[int, Ge(1), Le(AT_MOST_CALLS)] | None = None
    """Calls in progress at once, over all processes that share their limits."""
    shadow: bool = False
    """True measures these limits and enforces none of them. Default false."""

    @property
    def calls_at_once(self) -> int:
        """`burst`, or what it is when it is not given."""
        return self.burst or max(1, round(BURST_SHARE * (self.calls_per_minute or 0)))

    @property
    def counts_money(self) -> bool:
        """Whether there is a limit of money."""
        return (self.cost_usd_per_day, self.cost_usd_per_month) != (None, None)

    @property
    def given(self) -> bool:
        """Whether there is any limit."""
        others = (self.calls_per_minute, self.tokens_per_minute, self.concurrent_calls)
        return self.counts_money or others != (None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLimitOptions(LimitOptions):
    """Limits of a tenant or a route, and what a call gets when one is used up.

    A limit that is not given is none. Explained in docs/quotas.md.
    """

    on_exhausted: OnExhausted = OnExhausted.REJECT
    """`reject`: RESOURCE_EXHAUSTED with the time to wait. `rules`: no model is asked, and the
    rules answer. `cheaper`: money that runs short goes to the cheapest deployments, free ones
    still answer when it is gone, and then the rules. Default reject."""
    cheaper_from: Annotated[float, Gt(0), Le(1)] = 0.8
    """With `cheaper`: from this share of the day's or month's money on, the cheapest deployment of
    the route is asked first. Default 0.8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantLimits:
    """Limits of tenants, each counted for itself; those of routes and deployments stand there."""

    time_zone: str = "UTC"
    """IANA name of the zone whose midnight begins a day and a month. Default UTC."""
    processes: Annotated[int, Ge(1), Le(100_000)] | None = None
    """Gateway processes that share these limits, the workers of all machines together: while Redis
    is away, or where there is none, each enforces its part, 1 / this many. Takes effect at the
    next start. Default the workers of this machine."""
    each_tenant: CallerLimitOptions = field(default_factory=CallerLimitOptions)
    """Every tenant's limits."""
    tenants: Mapping[str, CallerLimitOptions] = field(default_factory=dict)
    """Limits of single tenants by name; what they do not say is as in `each_tenant`."""

    def of(self, tenant: str) -> CallerLimitOptions:
        """The limits of one tenant."""
        return self.tenants.get(tenant, self.each_tenant)
