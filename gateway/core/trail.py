"""The trail of one call: what was tried, how it ended, what it cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.core.model import NO_DETAIL, NO_USAGE, Attempt, DegradeReason, Detail, Outcome, Usage

MAX_ATTEMPTS = 32
"""Longest trail. Far above what the retry budget allows; a bound all the same."""

_SLOW = frozenset({Outcome.TIMEOUT, Outcome.DEADLINE})
_USELESS = frozenset({Outcome.OUTPUT_INVALID, Outcome.ANSWER_REFUSED})
_UNTRIED = frozenset({Outcome.SKIPPED, Outcome.LIMITED, Outcome.OK})
"""A turn that ended well in a wish for tools is no failure, and brought no answer."""


@dataclass(slots=True)
class Trail:
    """Collects the attempts of one call, in order."""

    attempts: list[Attempt] = field(default_factory=list)
    usage: Usage = NO_USAGE
    model_latency_s: float = 0.0

    def add(
        self, deployment: str, outcome: Outcome, latency_s: float, detail: Detail = NO_DETAIL
    ) -> Attempt:
        """Note how one try ended; its place in the order is its number."""
        attempt = Attempt(deployment, outcome, latency_s, len(self.attempts) + 1, detail)
        if len(self.attempts) < MAX_ATTEMPTS:
            self.attempts.append(attempt)
        self.model_latency_s += latency_s
        return attempt

    def spend(self, usage: Usage) -> None:
        """Add what a try consumed, whether it was of use or not."""
        self.usage = self.usage + usage if self.usage is not NO_USAGE else usage


def why_degraded(attempts: Sequence[Attempt], *, full: bool = False) -> DegradeReason:
    """Why no model answered, from the outcomes of the tries.

    1. nothing was tried and a limit said so: BUDGET_EXHAUSTED
    2. nothing was tried and slots were full: OVERLOADED
    3. nothing was tried because every deployment is out: MODELS_FAILED
    4. every try ran out of time: MODELS_TOO_SLOW
    5. every try answered, but nothing usable: OUTPUT_INVALID
    6. anything else: MODELS_FAILED
    """
    outcomes = {attempt.outcome for attempt in attempts}
    tried = outcomes - _UNTRIED
    if not tried and Outcome.LIMITED in outcomes:
        return DegradeReason.BUDGET_EXHAUSTED
    if not tried:
        return DegradeReason.OVERLOADED if full else DegradeReason.MODELS_FAILED
    if tried <= _SLOW:
        return DegradeReason.MODELS_TOO_SLOW
    if tried <= _USELESS:
        return DegradeReason.OUTPUT_INVALID
    return DegradeReason.MODELS_FAILED
