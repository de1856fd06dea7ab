"""The state of one call on its walk. `Walk` is the only mutable thing that a call owns."""

from dataclasses import dataclass, field
from typing import Generic, TypedDict, TypeVar, Unpack

from gateway.core.limits.allowance import Allowance
from gateway.core.model import (
    Answer,
    Call,
    Caller,
    DegradeReason,
    Finish,
    Outcome,
    Prompt,
    Served,
    Source,
)
from gateway.core.options import Deployment, Plan, Route
from gateway.core.ports import Task
from gateway.core.retry import RetryPolicy
from gateway.core.timebudget import rules_reserve_s
from gateway.core.toolloop import Ledger
from gateway.core.trail import Trail, why_degraded

MAX_REFUSALS = 2
"""Unsafe answers after which no model is asked any more: the first, and the one asked again."""

Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A")


class Giver(TypedDict, total=False):
    """Who gave an answer: fields of `Answer` that its walk does not know."""

    deployment: str
    model: str
    finish: Finish
    degrade_reason: DegradeReason | None
    cache_age_s: float


@dataclass(slots=True, kw_only=True)
class Walk(Generic[Q, D, A]):
    """One call on its way: what it asks, by which plan and route, and what happened so far.

    `candidates`: deployments with their tier, in the order they will be tried. `models_wanted`:
    false when the caller or the task wants the rules' answer. `key`: of the cache; None when this
    call must not use it. `slots_full`: there was no room for it in time. `not_ready`: the way to
    the models was not ready in time (a start). `outwaited`: an equal call was still asking when
    this one's time for models ended. `too_long_tokens`: the largest context window (0: of unknown
    size) that the prompt did not fit; None: it fits.
    `look_up_s`: time that the rules need for a look-up of theirs. `allowance`: what limits said.
    `variant`: of the route; `route` has its tiers and label already. `prompt`: what models were
    asked, once they were.
    `conversation`: key of the one that is kept, None for none; `conversation_id`: its id.
    `refusals`: answers that may not be shown. `answered`: the whole answer is there.
    """

    task: Task[Q, D, A]
    request: Q
    caller: Caller
    plan: Plan
    route: Route
    candidates: tuple[tuple[Deployment, int], ...]
    retry: RetryPolicy
    began_s: float
    variant: str = ""
    prompt: Prompt | None = None
    models_wanted: bool = True
    trail: Trail = field(default_factory=Trail)
    tools: Ledger = field(default_factory=Ledger)
    allowance: Allowance = field(default_factory=Allowance)
    look_up_s: float = 0.0
    draft: D | None = None
    key: bytes | None = None
    slots_full: bool = False
    not_ready: bool = False
    outwaited: bool = False
    too_long_tokens: int | None = None
    conversation: bytes | None = None
    conversation_id: str = ""
    refusals: int = 0
    answered: bool = False

    @property
    def call(self) -> Call:
        """Which call it is."""
        return self.task.call

    @property
    def rules_allowed(self) -> bool:
        """Whether the rules may answer this call."""
        return self.route.rules.allowed and self.caller.answer_by != "model_only"

    @property
    def may_ask(self) -> bool:
        """Whether there is a model that limits let it ask, by what is known so far."""
        return bool(self.candidates) and not self.allowance.barred

    def reserve_s(self) -> float:
        """Time kept back so that the rules can still answer; none when they may not."""
        if not self.rules_allowed:
            return 0.0
        total_s = self.caller.deadline.at_s - self.began_s
        return rules_reserve_s(self.route.rules, total_s, self.look_up_s)

    def models_time_s(self, now_s: float) -> float:
        """Seconds left for models."""
        return max(0.0, self.caller.deadline.remaining_s(now_s) - self.reserve_s())

    def fits(self, deployment: Deployment) -> bool:
        """Whether it is of use to ask this deployment, by what is known so far."""
        if self.tools.looped or self.allowance.barred or self.refusals >= MAX_REFUSALS:
            return False
        if not self.too_long_tokens or not deployment.context_tokens:
            return True
        return deployment.context_tokens > self.too_long_tokens

    def found_too_long(self, deployment: Deployment) -> None:
        """Note that the prompt did not fit this deployment."""
        self.too_long_tokens = max(self.too_long_tokens or 0, deployment.context_tokens)

    def only_too_long(self) -> bool:
        """Whether the prompt's length is all that kept models from answering."""
        outcomes = {attempt.outcome for attempt in self.trail.attempts}
        return outcomes == {Outcome.CONTEXT_TOO_LONG}

    def why_rules(self) -> DegradeReason | None:
        """Why the rules answer; None when theirs is the answer that was wanted."""
        if not self.models_wanted:
            return None
        if not self.candidates:
            return DegradeReason.NO_MODEL_CONFIGURED
        if self.allowance.at_the_door:
            return DegradeReason.BUDGET_EXHAUSTED
        if self.not_ready or self.outwaited:
            return DegradeReason.MODELS_TOO_SLOW
        return why_degraded(self.trail.attempts, full=self.slots_full)

    def why_model(self, tier: int) -> DegradeReason | None:
        """Why a model answer of this tier is degraded; None for the first choice's."""
        if tier <= min(first for _, first in self.candidates):
            return None
        if self.allowance.cheapest_first or self.allowance.used_up:
            return DegradeReason.BUDGET_EXHAUSTED
        return DegradeReason.FALLBACK_MODEL

    def answer(
        self, value: A, source: Source, *, model_version: str = "", **giver: Unpack[Giver]
    ) -> Answer[A]:
        """An answer with what the walk knows; the caller adds who gave it."""
        return Answer(
            value=value,
            source=source,
            route=self.route.name,
            variant=self.variant,
            model_version=model_version or self.route.model_version,
            config_version=self.plan.version,
            attempts=tuple(self.trail.attempts),
            usage=self.trail.usage,
            model_latency_s=self.trail.model_latency_s,
            **giver,
        )

    def served(self, now_s: float) -> Served:
        """What observers learn beside the answer."""
        return Served(
            request=self.request,
            knowledge_base=self.route.knowledge_base,
            latency_s=now_s - self.began_s,
            cache_key=self.key,
        )
