"""The nouns of the gateway: callers, prompts, completions, attempts and answers.

All of them are immutable. Seconds are floats on the event loop's monotonic clock unless a name
says otherwise; money is in millionths of a US dollar.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from gateway.core.record import record
from gateway.core.scopes import ORDINARY, Scopes

A_co = TypeVar("A_co", covariant=True)

NO_LABELS: Mapping[str, str] = MappingProxyType({})


class Call(StrEnum):
    """The kinds of call that a route can match."""

    CHAT = "chat"
    EXTRACT_KEYWORDS = "extract_keywords"
    DETECT_ANOMALY = "detect_anomaly"


class AnswerBy(StrEnum):
    """Who may answer."""

    ANY = "any"
    MODEL_ONLY = "model_only"
    RULES_ONLY = "rules_only"


class CacheMode(StrEnum):
    """How one call uses the cache."""

    DEFAULT = "default"
    OFF = "off"
    READ_ONLY = "read_only"
    REFRESH = "refresh"

    @property
    def reads(self) -> bool:
        """Whether a cached answer may be used."""
        return self in (CacheMode.DEFAULT, CacheMode.READ_ONLY)

    @property
    def writes(self) -> bool:
        """Whether a new answer may be stored."""
        return self in (CacheMode.DEFAULT, CacheMode.REFRESH)


class Source(StrEnum):
    """Where an answer came from."""

    MODEL = "model"
    CACHE = "cache"
    RULES = "rules"


class DegradeReason(StrEnum):
    """Why an answer is not the first choice's."""

    NO_MODEL_CONFIGURED = "no_model_configured"
    MODELS_FAILED = "models_failed"
    MODELS_TOO_SLOW = "models_too_slow"
    BUDGET_EXHAUSTED = "budget_exhausted"
    OVERLOADED = "overloaded"
    OUTPUT_INVALID = "output_invalid"
    FALLBACK_MODEL = "fallback_model"


class Outcome(StrEnum):
    """How one try at one deployment ended."""

    OK = "ok"
    CONNECT_FAILED = "connect_failed"
    CONNECTION_LOST = "connection_lost"
    TIMEOUT = "timeout"
    DEADLINE = "deadline"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    AUTH_FAILED = "auth_failed"
    NOT_FOUND = "not_found"
    REQUEST_REJECTED = "request_rejected"
    CONTEXT_TOO_LONG = "context_too_long"
    CONTENT_FILTERED = "content_filtered"
    OUTPUT_INVALID = "output_invalid"
    TRUNCATED = "truncated"
    SKIPPED = "skipped"
    LIMITED = "limited"
    ABANDONED = "abandoned"
    ANSWER_REFUSED = "answer_refused"


class PersonalData(StrEnum):
    """What may be kept from providers."""

    ADDRESS = "address"
    EMAIL = "email"
    IBAN = "iban"
    NAME = "name"
    NATIONAL_ID = "national_id"
    NUMBER = "number"
    PHONE = "phone"


class Role(StrEnum):
    """Who speaks in a prompt."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


class Finish(StrEnum):
    """Why a model stopped."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"


@record(frozen=True, slots=True)
class Deadline:
    """The moment the caller stops waiting, on the loop's clock. One budget for everything."""

    at_s: float

    def remaining_s(self, now_s: float) -> float:
        """Seconds left; never below 0."""
        return max(0.0, self.at_s - now_s)


@record(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, until when, and how they want it."""

    request_id: str
    deadline: Deadline
    tenant: str = "default"
    locale: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    erp_version: str = ""
    end_user_id: str = ""
    conversation_id: str = ""
    answer_by: AnswerBy = AnswerBy.ANY
    cache: CacheMode = CacheMode.DEFAULT
    traceparent: str = ""
    key_id: str = ""
    scopes: Scopes = ORDINARY


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool run; arguments are JSON as the model wrote them."""

    id: str
    name: str
    arguments_json: str


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as offered to a model; parameters are a JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@record(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Role
    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@record(frozen=True, slots=True)
class Origin:
    """Whose talk a prompt belongs to, for providers that keep talks themselves."""

    tenant: str = ""
    end_user: str = ""
    conversation_id: str = ""


NO_ORIGIN = Origin()


@record(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is asked.

    `json_schema`: the answer must be one JSON object of this schema; None for plain text. `origin`
    is never shown to a model. `mask`: kinds of personal data that no provider may see.
    """

    messages: tuple[Message, ...]
    max_output_tokens: int
    temperature: float | None = None
    json_schema: Mapping[str, Any] | None = None
    tools: tuple[ToolSpec, ...] = ()
    origin: Origin = NO_ORIGIN
    mask: tuple[PersonalData, ...] = ()


@record(frozen=True, slots=True)
class Usage:
    """Tokens and money. Cached input is part of the input, reasoning part of the output."""

    input_tokens: int = 0
    cached_input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd_micros: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """The sum, field by field."""
        return Usage(
            self.input_tokens + other.input_tokens,
            self.cached_input_tokens + other.cached_input_tokens,
            self.output_tokens + other.output_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.cost_usd_micros + other.cost_usd_micros,
        )


NO_USAGE = Usage()


@record(frozen=True, slots=True, kw_only=True)
class Completion:
    """A model's whole reply. `model` is the name the provider reported."""

    text: str
    model: str
    finish: Finish
    usage: Usage = NO_USAGE
    tool_calls: tuple[ToolCall, ...] = ()


@record(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a streamed reply.

    The chunk with `finish` ends the answer; usage may come with it, before it or after it, and
    the last usage seen counts. `tool_calls` are whole calls, sent with `finish` only. `restart`:
    all text before this chunk is taken back; its own text is the new beginning.
    """

    text: str = ""
    finish: Finish | None = None
    usage: Usage | None = None
    model: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    restart: bool = False


@record(frozen=True, slots=True, kw_only=True)
class Detail:
    """What telemetry tells of a try beside its outcome.

    `model`: as the provider reported it; `first_text_s`: how long a stream was silent.
    """

    usage: Usage = NO_USAGE
    model: str = ""
    stream: bool = False
    first_text_s: float | None = None


NO_DETAIL = Detail()


@record(frozen=True, slots=True)
class Attempt:
    """One try at one deployment, as the trail tells it."""

    deployment: str
    outcome: Outcome
    latency_s: float
    order: int
    detail: Detail = field(default=NO_DETAIL, compare=False)


@record(frozen=True, slots=True, kw_only=True)
class Answer(Generic[A_co]):
    """A value with the truth about where it came from.

    `degrade_reason` is None for a first choice's answer. `route`, `variant` (empty: the route
    itself) and `model_version` are the configured names that decided; `cache_age_s` is
    set only for `Source.CACHE`.
    """

    value: A_co
    source: Source
    route: str
    variant: str = ""
    model_version: str = ""
    config_version: str = ""
    deployment: str = ""
    model: str = ""
    degrade_reason: DegradeReason | None = None
    attempts: tuple[Attempt, ...] = ()
    usage: Usage = NO_USAGE
    cache_age_s: float | None = None
    model_latency_s: float = 0.0
    finish: Finish = field(default=Finish.STOP)

    @property
    def degraded(self) -> bool:
        """True when this is not the first choice's answer."""
        return self.degrade_reason is not None


@record(frozen=True, slots=True, kw_only=True)
class Served:
    """What observers learn beside an answer.

    `request` is the task's own; `cache_key` is where an equal call's answer is kept, None when
    this call had nothing to do with the cache. `latency_s` is the whole walk's.
    """

    request: Any
    knowledge_base: str
    latency_s: float
    cache_key: bytes | None = None
