"""The state of one call on its walk, and how one try at a deployment is held.

`Walk` is the only mutable thing a call owns. `Trying` wraps one try: admitted by the deployment's
health, timed, settled and told in the trail, whatever happens inside.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from gateway.core.errors import DeadlineCut, ProviderError, ProviderTimeout, ServerError
from gateway.core.health import Health, Ticket
from gateway.core.model import Call, Caller, DegradeReason, Outcome
from gateway.core.options import Deployment, Plan, Route
from gateway.core.ports import Clock, Observer, Task
from gateway.core.retry import RetryPolicy
from gateway.core.timebudget import rules_reserve_s
from gateway.core.trail import Trail, why_degraded

log = logging.getLogger(__name__)

Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A")


@dataclass(slots=True, kw_only=True)
class Walk(Generic[Q, D, A]):
    """One call on its way: what it asks, by which plan and route, and what happened so far.

    `key`: of the cache; None when this call must not use it. `slots_full`: some deployment had
    no free slot in time. `reasks`: how often the model's reply was useless and asked again.
    """

    task: Task[Q, D, A]
    request: Q
    caller: Caller
    plan: Plan
    route: Route
    candidates: tuple[tuple[Deployment, int], ...]
    retry: RetryPolicy
    began_s: float
    trail: Trail = field(default_factory=Trail)
    draft: D | None = None
    key: bytes | None = None
    slots_full: bool = False

    @property
    def call(self) -> Call:
        """Which call it is."""
        return self.task.call

    def reserve_s(self) -> float:
        """Time kept back so that the rules can still answer; none when they may not."""
        if not self.route.rules.allowed:
            return 0.0
        return rules_reserve_s(self.route.rules, self.caller.deadline.at_s - self.began_s)

    def why_rules(self) -> DegradeReason:
        """Why the rules have to answer although models were wanted."""
        if not self.candidates:
            return DegradeReason.NO_MODEL_CONFIGURED
        return why_degraded(self.trail.attempts, full=self.slots_full)

    def why_model(self, tier: int) -> DegradeReason | None:
        """Why a model answer of this tier is degraded; None for the first choice's."""
        return DegradeReason.FALLBACK_MODEL if tier > self.candidates[0][1] else None


class Trying:
    """One try at one deployment, as an async context manager.

    Whatever ends the block decides the outcome: nothing (OK), a ProviderError (its own), a
    cancellation or a closed stream (ABANDONED), anything else (a bug of the adapter: told as
    ServerError, so that it never reaches the caller).
    """

    __slots__ = ("_began_s", "_clock", "_health", "_observer", "_ticket", "_walk", "deployment")

    def __init__(  # noqa: PLR0913 # one argument a collaborator; made in one place only
        self,
        walk: Walk[Any, Any, Any],
        deployment: Deployment,
        *,
        health: Health,
        ticket: Ticket,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._walk = walk
        self.deployment = deployment
        self._health = health
        self._ticket = ticket
        self._clock = clock
        self._observer = observer
        self._began_s = clock()

    async def __aenter__(self) -> Self:
        self._began_s = self._clock()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._settle(Outcome.OK)
        elif isinstance(error, ProviderError):
            self._walk.trail.spend(error.usage)
            self._settle(error.outcome, error.retry_after_s)
        elif isinstance(error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt):
            self._settle(Outcome.ABANDONED)
        else:
            self._settle(Outcome.SERVER_ERROR)
            log.exception("adapter of deployment %r failed", self.deployment.name, exc_info=error)
            raise ServerError(f"adapter of deployment {self.deployment.name!r} failed") from error

    def _settle(self, outcome: Outcome, retry_after_s: float | None = None) -> None:
        now_s = self._clock()
        latency_s = now_s - self._began_s
        self._health.settle(
            self._ticket, now_s, outcome=outcome, latency_s=latency_s, retry_after_s=retry_after_s
        )
        attempt = self._walk.trail.add(self.deployment.name, outcome, latency_s)
        self._observer.attempted(self._walk.call, self._walk.caller, attempt)


def timed_out(*, by_caller: bool, deployment: str, after_s: float) -> ProviderError:
    """The error of a try whose clock ran out: the caller's deadline, or the deployment's own."""
    if by_caller:
        return DeadlineCut(f"deployment {deployment!r} was cut by the caller's deadline")
    return ProviderTimeout(f"deployment {deployment!r} was silent for {after_s:.1f} s")
