"""Whether a failed try is repeated at the same deployment, and when.

What is decided, in this order:
1. Silence, overload, refusals and bad output are never repeated here: `retry_here` is False.
2. Rate limited, or told to come back later, and others are left: going elsewhere at once is
   better than waiting.
3. Told a Retry-After that fits the time: waited out, once per deployment.
4. Rate limited without the header: tried again when the cool-down is over, plus jitter.
5. The deployment is out for any other reason: not waited for.
6. A whole but useless reply: asked again at once, once per deployment; nothing is overloaded.
7. Anything else: tried again after a back-off with full jitter.
In every case the request's budget, the deployment's share of it and the budget that all requests
share at the deployment must have room, and the wait must leave time for a useful try.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState

from gateway.core.cooldown import COOLDOWN_BASE_S, COOLDOWN_CAP_S, usable_s
from gateway.core.errors import ProviderError, RateLimited, UselessReply
from gateway.core.model import Outcome
from gateway.core.options import RetryOptions
from gateway.core.ports import Shuffle
from gateway.core.retrybudget import RetryBudget
from gateway.core.timebudget import LEAST_USEFUL_S

T = TypeVar("T")

TIMER_SLACK_S = 0.005
"""Event loops wake up to a few milliseconds early (uvloop counts whole ones); a retry that comes
before the cool-down is over would be refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedTry:
    """What the policy needs to know of a failed try.

    `remaining_s`: the models' time, the rules' reserve taken off. `others_left`: whether a
    deployment that was not tried yet would admit this call now. `ready_in_s`: seconds until this
    deployment admits calls again (`Health.ready_in_s`). `budget`: its `Health.retries`.
    """

    error: ProviderError
    deployment: str
    now_s: float
    remaining_s: float
    others_left: bool
    ready_in_s: float
    budget: RetryBudget


class RetryPolicy:
    """The retry budget of one request, shared by all its deployments. Pure."""

    def __init__(self, options: RetryOptions, rng: Shuffle) -> None:
        self._options = options
        self._rng = rng
        self._retries: dict[str, int] = {}
        self._once: set[tuple[str, Outcome]] = set()

    @property
    def retries(self) -> int:
        """Retries granted so far."""
        return sum(self._retries.values())

    def delay_s(self, failed: FailedTry) -> float | None:
        """Seconds to wait before the same deployment is tried again; None: go on to the next.

        A number is a retry granted, and counted.
        """
        delay_s = self._wished_delay_s(failed)
        if delay_s is None or delay_s + LEAST_USEFUL_S > failed.remaining_s:
            return None
        if not self._has_room(failed):
            return None
        self._retries[failed.deployment] = self._retries_at(failed.deployment) + 1
        if _is_once(failed.error):
            self._once.add((failed.deployment, failed.error.outcome))
        return delay_s

    def _retries_at(self, deployment: str) -> int:
        return self._retries.get(deployment, 0)

    def _wished_delay_s(self, failed: FailedTry) -> float | None:
        error = failed.error
        if not error.retry_here or (failed.deployment, error.outcome) in self._once:
            return None
        if isinstance(error, RateLimited) or usable_s(error.retry_after_s):
            return None if failed.others_left else self._wait_s(failed)
        if failed.ready_in_s > 0:
            return None
        return 0.0 if isinstance(error, UselessReply) else self._jitter_s(failed.deployment)

    def _wait_s(self, failed: FailedTry) -> float | None:
        told_s = usable_s(failed.error.retry_after_s) or COOLDOWN_BASE_S
        if told_s > COOLDOWN_CAP_S:
            return None
        jitter_s = TIMER_SLACK_S + self._jitter_s(failed.deployment)
        return max(told_s, failed.ready_in_s) + jitter_s

    def _jitter_s(self, deployment: str) -> float:
        """Full jitter (AWS Architecture Blog, 2015): evenly from 0 to the doubled base."""
        grown_s = self._options.base_s * 2.0 ** self._retries_at(deployment)
        return self._rng.random() * min(self._options.cap_s, grown_s)

    def _has_room(self, failed: FailedTry) -> bool:
        return (
            self.retries < self._options.per_request
            and self._retries_at(failed.deployment) < self._options.per_deployment
            and failed.budget.take(failed.now_s, self._options)
        )

    def __repr__(self) -> str:
        return f"<RetryPolicy {self.retries} of {self._options.per_request} retries used>"


def _is_once(error: ProviderError) -> bool:
    """Whether a second failure of the same kind says that trying on is in vain."""
    return isinstance(error, UselessReply) or usable_s(error.retry_after_s) is not None


async def try_here(
    one_try: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    describe: Callable[[ProviderError], FailedTry],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> T:
    """The result of `one_try` at one deployment, repeated while the policy grants it.

    `describe` is called after each ProviderError, when the try has been settled with its Health.
    The last error is raised as it is; every other exception goes through untouched. The loop
    begins with the first failure: it costs about 40 µs, and most first tries succeed.
    """
    failures: list[ProviderError] = []
    try:
        return await one_try()
    except ProviderError as error:
        failures.append(error)

    async def replayed() -> T:
        if failures:
            raise failures.pop()
        return await one_try()

    return await retrying(policy, describe, sleep)(replayed)


def retrying(
    policy: RetryPolicy,
    describe: Callable[[ProviderError], FailedTry],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncRetrying:
    """The loop of `try_here`, for one use: after each error it asks the policy, and sleeps."""
    granted_s = 0.0

    def asks_policy(state: RetryCallState) -> bool:
        nonlocal granted_s
        error = state.outcome.exception() if state.outcome else None
        delay_s = policy.delay_s(describe(error)) if isinstance(error, ProviderError) else None
        granted_s = delay_s or 0.0
        return delay_s is not None

    return AsyncRetrying(sleep=sleep, retry=asks_policy, wait=lambda _state: granted_s)
