"""The health of one deployment: breaker, cool-down, alarm, limit and latency behind two calls.

`admit` before a try, `settle` after it with how it ended; gateway.core.effects says what each
ending does.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gateway.core.breaker import Breaker, BreakerState
from gateway.core.breaker import Ticket as BreakerTicket
from gateway.core.cooldown import Alarm, Cooldown, usable_s
from gateway.core.effects import EFFECTS, Effect
from gateway.core.latency import Latency
from gateway.core.model import Outcome
from gateway.core.options import Deployment, Plan
from gateway.core.ports import Shuffle
from gateway.core.retrybudget import RetryBudget
from gateway.core.slots import AdaptiveLimit, Slots

FAIR_FACTOR = 3.0
"""A caller's deadline that left a deployment three times its usual slow call was a fair chance."""
FAIR_LEAST_S = 1.0
"""... but a hiccup of less than a second is nobody's failure."""
USUAL_SHARE = 0.95
"""The usual slow call: the 95th percentile."""


class Why(StrEnum):
    """Why a deployment takes no call."""

    DRAINED = "drained"
    ALARM = "alarm"
    COOLING = "cooling"
    OPEN = "open"
    PROBING = "probing"


@dataclass(frozen=True, slots=True)
class Refusal:
    """No call now. `until_s`: when to ask again, on the loop's clock; infinite when drained."""

    reason: Why
    until_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """Leave for one try; settle it exactly once, cancelled or not."""

    started_s: float
    breaker: BreakerTicket
    alarm: BreakerTicket

    @property
    def probe(self) -> bool:
        """Whether this try decides if the deployment comes back."""
        return self.breaker.probe or self.alarm.probe


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSnapshot:
    """What ops see of one deployment. `refusal` is empty when it takes calls."""

    deployment: str
    refusal: str
    ready_in_s: float
    alarm: bool
    drained: bool
    breaker: BreakerState
    ejections: int
    in_flight: int
    limit: int
    waiting: int
    p50_s: float | None
    p95_s: float | None


class Health:
    """The health of one deployment in this process."""

    def __init__(self, deployment: Deployment, rng: Shuffle) -> None:
        self._deployment = deployment
        self._breaker = Breaker(deployment.breaker, rng)
        self._cooldown = Cooldown()
        self._alarm = Alarm()
        self._limit = AdaptiveLimit(deployment.concurrency)
        self._open: set[Ticket] = set()
        self.latency = Latency()
        self.retries = RetryBudget()
        self.slots = Slots(lambda: self._limit.limit)
        self.drained = False

    @property
    def deployment(self) -> Deployment:
        """The deployment as configured; a new configuration keeps the state.

        A changed key, address or provider ends an alarm: whoever mended it need not wait.
        """
        return self._deployment

    @deployment.setter
    def deployment(self, new: Deployment) -> None:
        old, self._deployment = self._deployment, new
        self._breaker.options = new.breaker
        self._limit.options = new.concurrency
        self.slots.let_in()
        if (old.api_key, old.base_url, old.provider) != (new.api_key, new.base_url, new.provider):
            self._alarm.clear()

    def refusal(self, now_s: float) -> Refusal | None:
        """Why `admit` would refuse now; None when it would not. Changes nothing."""
        if self.drained:
            return Refusal(Why.DRAINED, math.inf)
        if not self._alarm.admits(now_s):
            return Refusal(Why.ALARM, max(now_s, self._alarm.until_s or now_s))
        if not self._cooldown.admits(now_s):
            return Refusal(Why.COOLING, self._cooldown.until_s)
        if self._breaker.admits(now_s):
            return None
        until_s = self._breaker.open_until_s or now_s
        return Refusal(Why.PROBING, now_s) if until_s <= now_s else Refusal(Why.OPEN, until_s)

    def admit(self, now_s: float) -> Ticket | Refusal:
        """Leave for one try, or why not. In microseconds; take a slot first, see `slots`."""
        refusal = self.refusal(now_s)
        if refusal is not None:
            return refusal
        leave = self._breaker.admit(now_s)
        assert leave is not None  # noqa: S101 - `refusal` asked the breaker; tells the type checker
        ticket = Ticket(now_s, leave, self._alarm.admit())
        self._open.add(ticket)
        self.retries.called(now_s)
        return ticket

    def settle(
        self,
        ticket: Ticket,
        now_s: float,
        outcome: Outcome,
        latency_s: float,
        retry_after_s: float | None = None,
    ) -> None:
        """Tell how the try ended. A second verdict on the same ticket changes nothing."""
        if ticket not in self._open:
            return
        self._open.remove(ticket)
        effect = EFFECTS[outcome]
        if Effect.SUCCESS in effect:
            self._answered(ticket, now_s, latency_s)
        elif Effect.FAILURE in effect:
            self._breaker.failed(ticket.breaker, now_s)
        else:
            self._breaker.abandoned(ticket.breaker, now_s)
        if Effect.ALARM in effect:
            self._alarm.refused(ticket.alarm, now_s)
        else:
            self._alarm.abandoned(ticket.alarm)
        told = usable_s(retry_after_s) is not None
        if Effect.COOL_DOWN in effect or (Effect.COOL_DOWN_IF_TOLD in effect and told):
            self._cooldown.limited(now_s, retry_after_s)
        if Effect.SHRINK in effect:
            self._limit.pushed_back(ticket.started_s, now_s)

    def _answered(self, ticket: Ticket, now_s: float, latency_s: float) -> None:
        self._breaker.succeeded(ticket.breaker, now_s)
        self._alarm.answered(ticket.alarm)
        self._cooldown.answered(ticket.started_s)
        self._limit.answered(len(self._open) + 1)
        self.latency.add(latency_s)

    def ready_in_s(self, now_s: float) -> float:
        """Seconds until it takes calls again; 0 when it does, or when a probe is under way."""
        refusal = self.refusal(now_s)
        return 0.0 if refusal is None else refusal.until_s - now_s

    def cooling_s(self, now_s: float) -> float:
        """Seconds for which it is to be left alone after a 429; 0 for none."""
        return max(0.0, self._cooldown.until_s - now_s)

    def cool_down(self, now_s: float, left_s: float) -> None:
        """Leave it alone for `left_s`: another gateway was told to."""
        self._cooldown.told(now_s, left_s)

    def fair_s(self) -> float:
        """Silence of this length is its own fault even if a caller's deadline ended it.

        From its recent latency; while that is not known, its limit for the first token. Without
        this a silent deployment would never be taken out by callers whose deadlines are shorter
        than its timeout, and eat the whole time of each.
        """
        usual_s = self.latency.percentile_s(USUAL_SHARE)
        if usual_s is None:
            return self._deployment.timeouts.first_token_s
        return max(FAIR_LEAST_S, FAIR_FACTOR * usual_s)

    def snapshot(self, now_s: float) -> HealthSnapshot:
        """The state for ops."""
        refusal = self.refusal(now_s)
        return HealthSnapshot(
            deployment=self._deployment.name,
            refusal=refusal.reason if refusal else "",
            ready_in_s=self.ready_in_s(now_s),
            alarm=self._alarm.raised,
            drained=self.drained,
            breaker=self._breaker.state(now_s),
            ejections=self._breaker.ejections,
            in_flight=len(self._open),
            limit=self._limit.limit,
            waiting=self.slots.waiting,
            p50_s=self.latency.percentile_s(0.5),
            p95_s=self.latency.percentile_s(USUAL_SHARE),
        )

    def __repr__(self) -> str:
        drained = " drained" if self.drained else ""
        return (
            f"<Health {self._deployment.name!r}{drained} {self._breaker!r} {self._cooldown!r} "
            f"{self._alarm!r} {self._limit!r} in flight {len(self._open)} {self.latency!r}>"
        )


class HealthBoard:
    """Deployment name -> Health, made on demand; outlives configuration reloads."""

    def __init__(self, rng: Shuffle) -> None:
        self._rng = rng
        self._healths: dict[str, Health] = {}

    def of(self, deployment: Deployment) -> Health:
        """The health of a deployment; a new one starts well."""
        health = self._healths.get(deployment.name)
        if health is None:
            health = self._healths[deployment.name] = Health(deployment, self._rng)
        return health

    def apply(self, plan: Plan) -> None:
        """Take over a new configuration: options in place, state kept, vanished ones dropped."""
        for deployment in plan.deployments.values():
            self.of(deployment).deployment = deployment
        for name in self._healths.keys() - plan.deployments.keys() - plan.off.keys():
            del self._healths[name]

    def __getitem__(self, name: str) -> Health:
        return self._healths[name]

    def __iter__(self) -> Iterator[Health]:
        return iter(self._healths.values())

    def __repr__(self) -> str:
        return f"<HealthBoard {list(self._healths.values())!r}>"
