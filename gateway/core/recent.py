"""The last answered calls, in memory, for people who look into what just happened."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gateway.core.model import Answer, Attempt, Call, Caller, Served
from gateway.core.ports import Clock
from gateway.core.record import record

TextOf = Callable[[Call, Answer[Any], Served], str]


def no_text(_call: Call, _answer: Answer[Any], _served: Served) -> str:
    """What is kept of a message unless somebody decided otherwise: nothing."""
    return ""


@record(frozen=True, slots=True, kw_only=True)
class RecentCall:
    """One answered call. Never who the end user is; `text` only where that is switched on."""

    at_s: float
    call: Call
    tenant: str
    request_id: str
    erp_version: str
    route: str
    variant: str
    source: str
    deployment: str
    model_version: str
    config_version: str
    degrade_reason: str
    attempts: tuple[Attempt, ...]
    latency_s: float
    cost_usd_micros: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which calls to tell; empty: all."""

    tenant: str = ""
    route: str = ""
    degraded: bool = False

    def takes(self, call: RecentCall) -> bool:
        """Whether this is one of them."""
        return (
            self.tenant in ("", call.tenant)
            and self.route in ("", call.route)
            and (bool(call.degrade_reason) or not self.degraded)
        )


class RecentCalls:
    """An `Observer` with room for `most` calls; the oldest make way. `wall`: calendar seconds."""

    def __init__(self, most: int, wall: Clock, text_of: TextOf = no_text) -> None:
        self._calls: deque[RecentCall] = deque(maxlen=most)
        self._wall = wall
        self._text_of = text_of

    def __repr__(self) -> str:
        return f"RecentCalls({len(self._calls)} of {self._calls.maxlen})"

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        """Tries are told with their call."""

    def answered(self, call: Call, caller: Caller, answer: Answer[Any], served: Served) -> None:
        """Remember it."""
        if not self._calls.maxlen:
            return
        self._calls.append(
            RecentCall(
                at_s=self._wall(),
                call=call,
                tenant=caller.tenant,
                request_id=caller.request_id,
                erp_version=caller.erp_version,
                route=answer.route,
                variant=answer.variant,
                source=answer.source.value,
                deployment=answer.deployment,
                model_version=answer.model_version,
                config_version=answer.config_version,
                degrade_reason=answer.degrade_reason.value if answer.degrade_reason else "",
                attempts=answer.attempts,
                latency_s=served.latency_s,
                cost_usd_micros=answer.usage.cost_usd_micros,
                text=self._text_of(call, answer, served),
            )
        )

    def last(self, most: int, wanted: Wanted) -> tuple[RecentCall, ...]:
        """The newest first."""
        return tuple(islice(self._chosen(wanted), most))

    def _chosen(self, wanted: Wanted) -> Iterator[RecentCall]:
        return (call for call in reversed(self._calls) if wanted.takes(call))
