"""The domain's words for Chat: what is asked and what is answered."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.core.model import Finish, Message, Role
from gateway.core.record import record


class Audience(StrEnum):
    """Whom the answer is for."""

    BUYER = "BUYER"
    OPERATOR = "OPERATOR"


class AnswerKind(StrEnum):
    """What kind of answer the text is."""

    MODEL_TEXT = "MODEL_TEXT"
    FAQ = "FAQ"
    TOOL_TEMPLATE = "TOOL_TEMPLATE"
    SUGGESTIONS = "SUGGESTIONS"
    CLARIFICATION = "CLARIFICATION"
    HANDOFF = "HANDOFF"
    SMALL_TALK = "SMALL_TALK"


class HandledBy(StrEnum):
    """Who answers in a conversation, as the ERP says it; UNSAID: as it was."""

    UNSAID = "UNSAID"
    GATEWAY = "GATEWAY"
    PERSON = "PERSON"


@record(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A conversation whose last message wants an answer.

    `customer_id` and `customer_verified` come from the ERP's login, never from text. Empty texts,
    0 and None mean "not given". `with_person`: a person has the conversation, so nobody else
    answers. Of a conversation that the gateway keeps: `said` is what is new in `messages`,
    `pending_tool` the look-up whose id was asked for last.
    """

    messages: tuple[Message, ...]
    conversation_id: str = ""
    customer_id: str = ""
    customer_verified: bool = False
    audience: Audience = Audience.BUYER
    store: str = ""
    marketplace: str = ""
    order_ids: tuple[str, ...] = ()
    sku: str = ""
    knowledge_base: str = ""
    allowed_tools: tuple[str, ...] = ()
    confirm_token: str = ""
    max_output_tokens: int = 0
    temperature: float | None = None
    remember: bool = False
    locale: str = ""
    handled_by: HandledBy = HandledBy.UNSAID
    with_person: bool = False
    said: tuple[Message, ...] = ()
    pending_tool: str = ""

    @property
    def question(self) -> str:
        """The text to answer: the user's last message."""
        return next((m.text for m in reversed(self.messages) if m.role is Role.USER), "")


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage of the knowledge base that the answer rests on."""

    document: str
    title: str
    quote: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question near to the one asked."""

    faq_id: str
    question: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool did, in one line without personal data."""

    tool: str
    summary: str
    ok: bool


@dataclass(frozen=True, slots=True)
class PendingAction:
    """An action that writes, waiting for the customer's yes; `expires_at_s` in epoch seconds."""

    tool: str
    text: str
    confirm_token: str
    expires_at_s: float


@dataclass(frozen=True, slots=True)
class Handoff:
    """Whether a person should take over, and why."""

    needed: bool = False
    reason: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReply:
    """The answer; `text` is never empty."""

    text: str
    kind: AnswerKind
    conversation_id: str = ""
    intent: str = ""
    intent_confidence: float = 0.0
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    tool_results: tuple[ToolResult, ...] = ()
    pending_action: PendingAction | None = None
    handoff: Handoff = Handoff()
    finish: Finish = Finish.STOP
