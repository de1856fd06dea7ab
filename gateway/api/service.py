"""The service layer under every door: one call from its bytes to its response.

A door calls `arrive` with what the transport knows, then `unary` or `stream` with the request. Each
checks in this order, cheapest first: draining and overload, metadata and key, bytes, documented
rules, permissions, deadline; then the engine answers. The only exceptions that get out are
CallFailed, whose status fits the caller, and CancelledError of a caller who hung up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any, ParamSpec, TypeVar

from google.protobuf.message import Message

from gateway.api.boundary import Boundary
from gateway.api.convert_common import Passage, caller
from gateway.api.convert_feedback import feedback, feedback_response
from gateway.api.convert_stream import delta_message, stream_message
from gateway.api.decoding import Body, decoded, is_large
from gateway.api.errors import NotOffered
from gateway.api.metadata import CallMetadata, read
from gateway.api.methods import (
    FeedbackMethod,
    Method,
    Tasks,
    UnaryMethod,
    stream_methods,
    unary_methods,
)
from gateway.api.peer import NOWHERE, Peer
from gateway.api.ports import (
    Admission,
    Answers,
    DefaultDeadline,
    Identifies,
    Identity,
    Streams,
    TakesFeedback,
)
from gateway.api.repeats import Repeats, repeatable
from gateway.api.sending import Send, Sending
from gateway.api.validation import check
from gateway.core.current import OTHER_METHOD, Unwatched, WatchesCalls, tenant_known
from gateway.core.errors import DeadlineExceeded, Violation
from gateway.core.events import Delta, Event, ReaderGone
from gateway.core.feedback import Feedback
from gateway.core.idempotency import Repeatable
from gateway.core.model import Caller, Deadline
from gateway.core.ports import Clock
from gateway.core.record import record
from gateway.tasks.chat.model import ChatRequest

M = TypeVar("M", bound=Message)
Q = TypeVar("Q")
P = ParamSpec("P")
T = TypeVar("T")

FEEDBACK_DEADLINE_S = 10.0
"""Deadline of feedback that came without one; it waits for a disk, never for a model."""


_NEVER_S = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What the service works with; put together in gateway.wiring, by hand in tests."""

    engine: Answers
    streams: Streams
    tasks: Tasks
    admission: Admission
    feedback: TakesFeedback
    identify: Identifies
    default_deadline_s: DefaultDeadline
    clock: Clock
    rng: Random
    make_id: Callable[[], str]
    repeats: Repeats | None = None
    watch: WatchesCalls = field(default_factory=Unwatched)


@record(frozen=True, slots=True)
class Arrival:
    """A call at the door.

    `deadline_s` on the loop's clock; None when the caller sent none. `identity`: who calls, once
    that was asked.
    """

    method: str
    metadata: CallMetadata
    arrived_s: float
    deadline_s: float | None
    identity: Identity | None = None


class Service:
    """Answers calls for every door of the process."""

    def __init__(self, backing: Backing) -> None:
        self._backing = backing
        self._unary: Mapping[str, UnaryMethod[Any, Any, Any] | FeedbackMethod] = unary_methods(
            backing.tasks
        )
        self._stream: Mapping[str, Method[Any, Any]] = stream_methods(backing.tasks)
        # one thread: more would only take the interpreter's lock from the loop more often
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="edge")

    @property
    def unary_names(self) -> tuple[str, ...]:
        """Names of the unary calls."""
        return tuple(self._unary)

    @property
    def stream_names(self) -> tuple[str, ...]:
        """Names of the server-streaming calls."""
        return tuple(self._stream)

    def close(self) -> None:
        """Let the thread go; call it after the last call."""
        self._aside.shutdown(wait=False, cancel_futures=True)

    def arrive(
        self,
        method: str,
        pairs: Iterable[tuple[str, str | bytes]],
        timeout_s: float | None,
        peer: Peer = NOWHERE,
    ) -> Arrival:
        """Take note of a call. `timeout_s`: what the caller's deadline leaves, read once."""
        now_s = self._backing.clock()
        deadline_s = None if timeout_s is None else now_s + timeout_s
        return Arrival(method, read(pairs, self._backing.make_id, peer), now_s, deadline_s)

    def identified(self, arrival: Arrival) -> Arrival:
        """The call with who makes it, for doors that read a body later. Raises CallFailed."""
        with self._boundary(arrival, last=False):
            return replace(arrival, identity=self._identity(arrival))

    def _identity(self, arrival: Arrival) -> Identity:
        identity = arrival.identity or self._backing.identify(arrival.method, arrival.metadata)
        tenant_known(identity.tenant)
        return identity

    async def unary(self, arrival: Arrival, request: Body) -> Message:
        """Answer a unary call; raises CallFailed."""
        backing = self._backing
        with self._boundary(arrival), backing.admission.admit(arrival.method):
            method = self._unary.get(arrival.method)
            if isinstance(method, FeedbackMethod):
                return await self._take_feedback(method, arrival, request)
            if not isinstance(method, UnaryMethod):
                raise NotOffered(f"{arrival.method!r} is not offered by this server")
            asked, who = await self._prepared(method, arrival, request)
            if backing.repeats is None or not arrival.metadata.own_id:
                return await self._answered(method, arrival, asked, who)
            work = partial(self._answered, method, arrival, asked, who)
            call = await self._repeatable(method, request, who)
            return await backing.repeats.answer(method, call, work)

    async def _repeatable(self, method: Method[Any, Any], request: Body, who: Caller) -> Repeatable:
        if is_large(request):
            return await self.beside(repeatable, method, request, who)
        return repeatable(method, request, who)

    async def _answered(
        self, method: UnaryMethod[Any, Q, Any], arrival: Arrival, asked: Q, who: Caller
    ) -> Message:
        answer = await self._backing.engine.answer(method.task, asked, who)
        passage = self._passage(arrival)
        if method.is_large(answer):
            return await self.beside(method.to_response, answer, passage)
        return method.to_response(answer, passage)

    async def stream(self, arrival: Arrival, request: Body, send: Send) -> None:
        """Answer a streaming call, message by message; raises CallFailed, and what `send` raises.

        Cancel it when the caller hangs up.
        """
        try:
            await self._streamed(arrival, request, Sending(send))
        except ReaderGone as gone:
            raise gone.error from None

    async def _streamed(self, arrival: Arrival, request: Body, sending: Sending) -> None:
        backing = self._backing
        with self._boundary(arrival), backing.admission.admit(arrival.method):
            method = self._stream[arrival.method]
            asked, who = await self._prepared(method, arrival, request)
            work = partial(self._told, method, arrival, asked, who)
            if backing.repeats is None or not arrival.metadata.own_id:
                await work(sending)
            else:
                call = await self._repeatable(method, request, who)
                await backing.repeats.stream(call, work, sending)
            if not sending.whole:
                raise RuntimeError("the stream ended without `completed`")  # never OK then

    async def _told(
        self,
        method: Method[Any, ChatRequest],
        arrival: Arrival,
        asked: ChatRequest,
        who: Caller,
        send: Send,
    ) -> None:
        def tell(event: Event) -> Awaitable[object]:
            if isinstance(event, Delta):  # most are: nothing else of the call is needed
                return send(delta_message(event.text))
            return send(stream_message(event, asked.conversation_id, self._passage(arrival)))

        await self._backing.streams.relay(method.task, asked, who, tell)

    async def _take_feedback(
        self, method: FeedbackMethod, arrival: Arrival, request: Body
    ) -> Message:
        """Hand feedback to the desk, within its own deadline."""
        tenant = self._identity(arrival).tenant
        violations = arrival.metadata.violations
        if is_large(request):
            said = await self.beside(said_in, method, request, violations)
        else:
            said = said_in(method, request, violations)
        at_s = arrival.deadline_s
        if at_s is None:
            at_s = arrival.arrived_s + FEEDBACK_DEADLINE_S
        try:
            async with asyncio.timeout_at(at_s):
                matched = await self._backing.feedback.take(tenant, said)
        except TimeoutError as error:
            raise DeadlineExceeded("the deadline passed before the feedback was kept") from error
        return feedback_response(matched=matched)

    async def _prepared(
        self, method: Method[Any, Q], arrival: Arrival, request: Body
    ) -> tuple[Q, Caller]:
        """The request in the domain's words, and who asks."""
        backing = self._backing
        identity = self._identity(arrival)
        if is_large(request):
            message, asked = await self.beside(understood, method, request, arrival.metadata)
        else:
            message, asked = understood(method, request, arrival.metadata)
        method.permits(asked, identity)
        deadline_s = arrival.deadline_s
        at_s = _NEVER_S if deadline_s is None else deadline_s
        who = caller(
            arrival.metadata,
            identity,
            method.options(message),
            Deadline(at_s),
            getattr(asked, "conversation_id", ""),
        )
        if deadline_s is None:
            at_s = arrival.arrived_s + backing.default_deadline_s(method.task.call, who)
            who = replace(who, deadline=Deadline(at_s))
        elif deadline_s <= backing.clock():
            raise DeadlineExceeded("the caller's deadline passed before the call was read")
        return asked, who

    async def beside(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what takes more than 1 ms in a thread, beside the event loop."""
        work = partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._aside, work)

    def _boundary(self, arrival: Arrival, *, last: bool = True) -> Boundary:
        backing = self._backing
        known = arrival.method in self._unary or arrival.method in self._stream
        return Boundary(
            method=arrival.method if known else OTHER_METHOD,
            arrived_s=arrival.arrived_s,
            metadata=arrival.metadata,
            watch=backing.watch,
            clock=backing.clock,
            rng=backing.rng,
            last=last,
        )

    def _passage(self, arrival: Arrival) -> Passage:
        return Passage(arrival.metadata.request_id, self._backing.clock() - arrival.arrived_s)


def understood(method: Method[M, Q], request: Body, metadata: CallMetadata) -> tuple[M, Q]:
    """Decode, check and convert a request; raises MalformedRequest or InvalidRequest."""
    message = decoded(method.request, request)
    check(message, metadata.violations)
    return message, method.to_domain(message)


def said_in(method: FeedbackMethod, request: Body, violations: Iterable[Violation]) -> Feedback:
    """Decode, check and convert feedback; raises MalformedRequest or InvalidRequest."""
    message = decoded(method.request, request)
    check(message, violations)
    return feedback(message)
