"""What goes into the chat engine and what comes out: a message's context, a decision, a reply."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.rules.chat.ids import IdFormat
from gateway.rules.chat.knowledge import Audience


class Kind(StrEnum):
    """How a message is answered without a model; the names of the contract's `answer_kind`."""

    FAQ = "FAQ"
    TOOL = "TOOL_TEMPLATE"
    SUGGESTIONS = "SUGGESTIONS"
    CLARIFICATION = "CLARIFICATION"
    HANDOFF = "HANDOFF"
    SMALL_TALK = "SMALL_TALK"


TOOLS = ("order_status", "tracking", "stock", "refund_status")
"""Look-ups the engine can ask for; each takes the slot named in `SLOT_OF_TOOL`."""

SLOT_OF_TOOL: Mapping[str, str] = {
    "order_status": "order_id",
    "tracking": "tracking_no",
    "stock": "sku",
    "refund_status": "order_id",
}


@dataclass(frozen=True, slots=True)
class MessageContext:
    """What is known beside the text. Every field may be left out.

    `language`: BCP-47 of the caller, used when the text alone does not tell.
    `audience`: leaves out entries meant for others; None leaves out nothing.
    `marketplace`: label such as AMAZON_US; leaves out entries bound to other marketplaces.
    `order_ids`, `sku`: from the caller's typed context; fill a slot the text does not name.
    `previous_reply`: the text this side sent last; makes "2" choose the second suggestion and a
    bare number the id that was asked for.
    `pending_tool`: the tool a clarification asked an id for in the turn before, if known.
    `today`: entries outside their validity dates are left out; None judges no dates.
    `id_formats`: the tenant's own formats of order numbers and SKUs.
    `tools`: look-ups that exist; None means all. What another would answer is handed over.
    """

    language: str = ""
    audience: Audience | None = None
    marketplace: str = ""
    order_ids: tuple[str, ...] = ()
    sku: str = ""
    previous_reply: str = ""
    pending_tool: str = ""
    today: date | None = None
    id_formats: tuple[IdFormat, ...] = ()
    tools: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question the customer may have meant, in the customer's language where the entry has it."""

    faq_id: str
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one message. Pure data: the caller runs the tool, `reply` writes the text.

    `intent`: stable label: `faq:<id>`, `tool:<name>`, `clarify:<slot>`, `handoff`, `greet`,
    `thanks`, `bye`, `suggest`, `out_of_scope`.
    `confidence`: 0 to 1; for FAQ the calibrated probability that the entry answers the question.
    `slots`: `order_id`, `tracking_no`, `sku`, as the tool expects them.
    `reason`: why a person is needed (`asked_for_person`, `complaint`, `legal`, `entry`,
    `no_tool`, `no_answer`), else empty.
    """

    kind: Kind
    intent: str
    language: str
    confidence: float = 1.0
    tool: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    faq_id: str = ""
    suggestions: tuple[Suggestion, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a tool returned. `ok` False: the system did not answer; `found` False: no such record.

    `fields`: flat texts by name; the known names of each tool are in `docs/rules-chat.md`,
    others are ignored.
    """

    ok: bool = True
    found: bool = True
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Handoff:
    """That a person should take over: a field, never a magic word in the text."""

    needed: bool
    reason: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The knowledge entry an answer came from."""

    document: str
    title: str
    quote: str


@dataclass(frozen=True, slots=True)
class ChatReply:
    """The text for the customer and the fields of the contract's Chat response."""

    text: str
    answer_kind: Kind
    intent: str
    intent_confidence: float
    language: str
    suggestions: tuple[Suggestion, ...] = ()
    handoff: Handoff = Handoff(needed=False)
    citations: tuple[Citation, ...] = ()
