"""What the core needs from outside, each a protocol of one or two methods."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, ParamSpec, Protocol, Self, TypeVar, runtime_checkable

from gateway.core.conversations import Conversation, Kept, Turn
from gateway.core.model import (
    Answer,
    Attempt,
    Call,
    Caller,
    Chunk,
    Completion,
    Prompt,
    Served,
    Usage,
)
from gateway.core.options import Deployment, Plan, Route, Tool
from gateway.core.tools import Asker, OnBehalf, ToolUse

P = ParamSpec("P")
T = TypeVar("T")
Q_contra = TypeVar("Q_contra", contravariant=True)
D = TypeVar("D")
Q = TypeVar("Q")
V_contra = TypeVar("V_contra", contravariant=True)
D_contra = TypeVar("D_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)


class Clock(Protocol):
    """The event loop's monotonic clock."""

    def __call__(self) -> float:
        """Seconds since some fixed moment."""
        ...


class Provider(Protocol):
    """Speaks to models. Every failure is raised as a ProviderError; nothing is retried inside."""

    async def ready(self) -> None:
        """Return once it can speak: a library that loads in the background has come.

        Waiting here is nobody's failure; a try that waited would be held against a deployment.
        """
        ...

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        """Ask once; give up after `timeout_s`. Cancelling closes the upstream connection."""
        ...

    def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """Ask once for a stream. Leaving the context closes the upstream connection at once.

        The iterator ends only after a chunk with `finish`; anything less is StreamTruncated. First
        token, idle and total clocks belong to the caller of this port, connecting to the adapter.
        """
        ...


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A complete, non-degraded model answer; `value` is absent if another process stored it.

    `tenant` and `route` say whose it is, to forget it by.
    """

    completion: Completion
    deployment: str
    stored_at_s: float
    value: Any = None
    tenant: str = ""
    route: str = ""


class CacheStore(Protocol):
    """Keeps model answers. A failure inside is a miss, never an error. Ages are in wall seconds."""

    async def get(self, key: bytes) -> CacheEntry | None:
        """The entry, or None."""
        ...

    async def put(self, key: bytes, entry: CacheEntry, ttl_s: float) -> None:
        """Keep it for `ttl_s` seconds."""
        ...

    async def drop(self, key: bytes) -> None:
        """Forget it, for somebody said that it is bad; nothing happens if it is not there."""
        ...


@runtime_checkable
class Flushes(Protocol):
    """A `CacheStore` that can forget by whose answers they are."""

    async def flush(self, tenant: str = "", route: str = "") -> list[bytes]:
        """Forget the answers of this tenant and route, empty: of all; their keys."""
        ...


class StoreDown(Exception):  # a state of the store, as ToolFailed is of a tool
    """A store cannot be reached now; whoever asked it goes on without."""


class ConversationStore(Protocol):
    """Keeps conversations for a while. `key` is of `conversation_key`: tenant and customer are in.

    Both calls raise StoreDown when the store cannot be reached within tens of milliseconds; the
    call is then answered from its own messages. The store bounds its memory: the conversations
    longest silent go first.
    """

    async def read(self, key: bytes) -> Conversation | None:
        """The conversation with its newest MAX_TURNS turns; None: unknown, or too old."""
        ...

    async def add(self, key: bytes, turn: Turn, *, with_person: bool | None, ttl_s: float) -> None:
        """Append a turn, making the conversation if there is none; it then lives `ttl_s` more.

        Two adds at once both stay, in either order. `with_person`: None leaves it as it is (not
        with a person, in a new conversation). Only the newest MAX_TURNS turns need be kept.
        """
        ...


class RulesRunner(Protocol):
    """Runs pure, CPU-heavy functions off the event loop."""

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` elsewhere; it and its arguments must pickle."""
        ...


class PlanNow(Protocol):
    """Where the configuration in force is asked for."""

    def __call__(self) -> Plan:
        """The plan; it may be another one the next time."""
        ...


class Observer(Protocol):
    """Hears what happened, for metrics, logs and traces. Must not raise or block."""

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        """One try ended."""
        ...

    def answered(self, call: Call, caller: Caller, answer: Answer[Any], served: Served) -> None:
        """A call was answered."""
        ...


class Task(Protocol[Q_contra, D, A_co]):
    """What differs between the calls: pure functions around the model and the rules.

    `drafts_first`: the rules' draft is made before any model is asked, because the prompt or the
    check of the model's answer needs it. `heavy`: making it takes milliseconds, so it runs off
    the loop.
    """

    @property
    def call(self) -> Call:
        """Which call this is."""
        ...

    @property
    def version(self) -> str:
        """The team's label of prompt and rules; part of the cache key."""
        ...

    @property
    def drafts_first(self) -> bool:
        """Whether models need the rules' draft."""
        ...

    @property
    def heavy(self) -> bool:
        """Whether `draft` must not run on the event loop."""
        ...

    def knowledge_base(self, request: Q_contra, route: Route) -> str:
        """Name of the knowledge base that would answer; empty for calls that use none."""
        ...

    async def ready(self) -> None:
        """Return once it has all it works with; right after a start that takes a moment."""
        ...

    def cache_text(self, request: Q_contra, draft: D | None, route: Route) -> bytes | None:
        """The request in canonical form for the cache key; None when it must not be cached.

        `draft`: there where it is made first and is not heavy.
        """
        ...

    def draft(self, request: Q_contra, route: Route) -> D:
        """The rules' work on the request."""
        ...

    def prompt(self, request: Q_contra, draft: D | None, route: Route) -> Prompt | None:
        """What to ask a model; None when there is nothing to ask and the rules' answer is best."""
        ...

    def parse(self, request: Q_contra, draft: D | None, completion: Completion) -> A_co:
        """The value in a model's reply; raises OutputInvalid, whose text is used to ask again."""
        ...

    def rules(self, request: Q_contra, draft: D) -> A_co:
        """The answer without a model."""
        ...


@runtime_checkable
class UsesTools(Protocol[Q_contra, D]):
    """What a task adds to `Task` when it offers tools: in its prompts, and for its rules."""

    def asker(self, request: Q_contra) -> Asker:
        """Who asks, of the request's typed fields."""
        ...

    def look_up(
        self, request: Q_contra, draft: D, route: Route
    ) -> tuple[str, Mapping[str, Any]] | None:
        """The tool, with its arguments, that the rules' answer needs; None: none."""
        ...

    def informed(self, draft: D, use: ToolUse) -> D:
        """The draft that knows what tools brought; `parse` and `rules` get it."""
        ...


@runtime_checkable
class Pins(Protocol):
    """What a task adds to `Task` when what it looks up is replaced while the gateway runs."""

    def pinned(self, plan: Plan) -> Self:
        """The task with what holds now, for one whole call under this plan."""
        ...


@runtime_checkable
class Remembers(Protocol[Q, D_contra, V_contra]):
    """What a task adds to `Task` when the gateway may keep its conversations."""

    def kept(self, request: Q) -> Kept | None:
        """Which conversation it belongs to; None: the gateway keeps none for this request."""
        ...

    def continued(self, request: Q, conversation_id: str, conversation: Conversation) -> Q:
        """The request with its conversation's id, history and state."""
        ...

    def turn(self, request: Q, draft: D_contra | None, value: V_contra) -> tuple[Turn, bool | None]:
        """What to keep of an answered call; and whether a person has the conversation now.

        None: it is as before.
        """
        ...


class TextGate(Protocol):
    """Lets the text of one streamed answer through, as far as it may be shown."""

    def take(self, text: str) -> str:
        """More has come: what may be shown now. Raises UnsafeAnswer."""
        ...

    def rest(self) -> str:
        """The answer is whole: what was held back. Raises UnsafeAnswer."""
        ...


@runtime_checkable
class ChecksAnswers(Protocol[Q_contra, D]):
    """What a task adds to `Task` when its `parse` may refuse an answer as unsafe."""

    def gate(self, request: Q_contra, draft: D | None) -> TextGate:
        """Stands between a stream's text and its reader; the texts spell what `parse` gives."""
        ...

    def takes_long(self, request: Q_contra) -> bool:
        """Whether `parse`, or what a gate does, may take so long that it must not hold the loop."""
        ...

    def refused(self, draft: D) -> D:
        """The draft that knows that the models' answers were refused."""
        ...


class ToolRunner(Protocol):
    """Runs tools. Every failure is raised as a ToolFailed; nothing is retried inside."""

    def refusal(self, tool: Tool, arguments: Mapping[str, Any]) -> str:
        """Why these arguments do not fit the tool's schema, for the model; empty: they do."""
        ...

    async def run(
        self, tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf
    ) -> Mapping[str, Any] | None:
        """The allowed fields of its result; None: no such record of this customer.

        The time it may take belongs to the caller of this port.
        """
        ...


class NoTools:
    """The runner of a gateway without tools."""

    def refusal(self, tool: Tool, arguments: Mapping[str, Any]) -> str:  # noqa: ARG002
        """Every call is refused."""
        return f"tool {tool.name!r} cannot run here"

    async def run(
        self,
        tool: Tool,  # noqa: ARG002 # the port's signature
        arguments: Mapping[str, Any],  # noqa: ARG002
        behalf: OnBehalf,  # noqa: ARG002
    ) -> Mapping[str, Any] | None:
        """Nothing is found."""
        return None


class Prices(Protocol):
    """Knows what models cost."""

    def cost_usd_micros(self, deployment: Deployment, usage: Usage) -> int | None:
        """Millionths of a US dollar for so many tokens; None when no price is known."""
        ...


class NoPrices:
    """The prices of a gateway that knows none."""

    def cost_usd_micros(self, deployment: Deployment, usage: Usage) -> int | None:  # noqa: ARG002
        """Not known."""
        return None


class NoConversations:
    """The store of a gateway that keeps no conversations: none is ever known."""

    async def read(self, key: bytes) -> Conversation | None:  # noqa: ARG002 # the port's signature
        """Nothing is known."""
        return None

    async def add(self, key: bytes, turn: Turn, *, with_person: bool | None, ttl_s: float) -> None:
        """Nothing is kept."""


class FailureObserver(Protocol):
    """Hears of calls that got no answer. Must not raise or block."""

    def failed(self, call: Call, caller: Caller, error: BaseException, served: Served) -> None:
        """A call ended in an error of ours, or (CancelledError, GeneratorExit) was hung up on."""
        ...


class NoFailures:
    """Nobody wants to hear."""

    def failed(self, call: Call, caller: Caller, error: BaseException, served: Served) -> None:
        """Nothing is noted."""


class Shuffle(Protocol):
    """Randomness of the engine: weights and jitter."""

    def random(self) -> float:
        """A number in [0, 1)."""
        ...
