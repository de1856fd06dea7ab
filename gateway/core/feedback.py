"""What people thought of answers, and how it reaches the cache and the question log.

A thumbs-down drops the cached answer at once, whether or not a log is kept.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from gateway.core.model import Answer, Attempt, Call, Caller, Served
from gateway.core.ports import CacheStore
from gateway.core.tails import Tails

MAX_PER_TENANT = 4_096
"""Answers remembered for each tenant: about 1 MB, some minutes of a busy shop."""
MAX_TENANTS = 1_000
"""Tenants with remembered answers; those longest silent are forgotten first."""


class Rating(StrEnum):
    """Good or bad."""

    UP = "up"
    DOWN = "down"


class Resolution(StrEnum):
    """Whether the case was closed."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What was said about the answer with this id. None and empty texts: nothing was said."""

    request_id: str
    rating: Rating | None = None
    corrected_answer: str = ""
    corrected_intent: str = ""
    resolution: Resolution | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The answer a feedback is about, as the log knows it; `cache_key` if it was cached."""

    cache_key: bytes | None


class FeedbackLog(Protocol):
    """Keeps feedback beside the questions it is about."""

    async def judge(self, tenant: str, feedback: Feedback) -> Joined | None:
        """Keep it; None when this tenant has no such answer. Raises Shed when it cannot now."""
        ...


class RecentAnswers:
    """An `Observer` that knows under which key the last answers of each tenant are cached."""

    def __init__(self, most: int = MAX_PER_TENANT, tenants: int = MAX_TENANTS) -> None:
        self._most = most
        self._tenants = tenants
        self._keys: OrderedDict[str, OrderedDict[str, bytes | None]] = OrderedDict()

    def __repr__(self) -> str:
        return f"RecentAnswers({sum(map(len, self._keys.values()))} of {len(self._keys)} tenants)"

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        """Tries are not remembered."""

    def answered(
        self,
        call: Call,  # noqa: ARG002 # Observer
        caller: Caller,
        answer: Answer[Any],  # noqa: ARG002 # Observer
        served: Served,
    ) -> None:
        """Remember the answer's key; the oldest answer of the same tenant makes room."""
        keys = self._keys.setdefault(caller.tenant, OrderedDict())
        self._keys.move_to_end(caller.tenant)
        keys[caller.request_id] = served.cache_key
        keys.move_to_end(caller.request_id)
        if len(keys) > self._most:
            keys.popitem(last=False)
        if len(self._keys) > self._tenants:
            self._keys.popitem(last=False)

    def find(self, tenant: str, request_id: str) -> Joined | None:
        """The answer with this id, if this tenant got it not long ago."""
        keys = self._keys.get(tenant)
        if keys is None or request_id not in keys:
            return None
        return Joined(keys[request_id])


class FeedbackDesk:
    """Takes feedback in. `log` is None where no question log is kept."""

    def __init__(self, recent: RecentAnswers, cache: CacheStore, log: FeedbackLog | None) -> None:
        self._recent = recent
        self._cache = cache
        self._log = log
        self._tails = Tails()

    async def take(self, tenant: str, feedback: Feedback) -> bool:
        """Whether the answer was still known. Another tenant's answer is as unknown as none.

        A thumbs-down drops the cached answer first; then the log keeps the feedback. Raises Shed
        when the log cannot keep it now.
        """
        recent = self._recent.find(tenant, feedback.request_id)
        await self._evict(feedback, recent)
        if self._log is None:
            return recent is not None
        if recent is not None:
            await self._log.judge(tenant, feedback)
            return True
        # answered by another process, or long ago: only the log knows what to evict, and a
        # rejection that is kept must not go on being served because who sent it hung up
        return await self._tails.finish(self._look_up(self._log, tenant, feedback))

    async def drain(self, most_s: float) -> None:
        """At the end: wait for what is being evicted, for at most `most_s`."""
        await self._tails.drain(most_s)

    async def _look_up(self, log: FeedbackLog, tenant: str, feedback: Feedback) -> bool:
        joined = await log.judge(tenant, feedback)
        await self._evict(feedback, joined)
        return joined is not None

    async def _evict(self, feedback: Feedback, found: Joined | None) -> None:
        if feedback.rating is Rating.DOWN and found is not None and found.cache_key is not None:
            await self._cache.drop(found.cache_key)
