"""The calls as MCP tools: names, words for models, schemas, and what a model may not say.

Who the customer is, and that they said yes, comes from the application that holds the key, in
`_meta`, where no model writes: the fields for it are not among a tool's arguments.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from google.protobuf.message import Message

from gateway.api.mcp_schema import Schema, schema_of
from gateway.core.errors import InvalidRequest, Violation
from gateway.v1 import anomaly_pb2, chat_pb2, keywords_pb2

META = "gateway.erpai/"
CUSTOMER_ID, CUSTOMER_VERIFIED = f"{META}customer-id", f"{META}customer-verified"
CONFIRM_TOKEN = f"{META}confirm-token"


@dataclass(frozen=True, slots=True)
class Offer:
    """One call as a tool. `text_of`: what a model reads of the response; None: the response."""

    name: str
    method: str
    title: str
    description: str
    schema: Schema
    reads_only: bool = True
    text_of: Callable[[Any], str] | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)

    def listed(self) -> dict[str, Any]:
        """As `tools/list` tells it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.schema,
            "annotations": {"readOnlyHint": self.reads_only, "openWorldHint": False},
        }

    def request(self, arguments: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
        """The request in protobuf's JSON. Raises InvalidRequest for what a model may not say."""
        for name, why in self.hidden.items():
            if name in arguments:
                raise InvalidRequest([Violation(name, why)])
        return {**arguments, **(_facts(meta) if self.hidden else {})}


def _facts(meta: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if CUSTOMER_ID in meta:
        verified = meta.get(CUSTOMER_VERIFIED, False)
        facts["customer"] = {"id": meta[CUSTOMER_ID], "verified": verified}
    if CONFIRM_TOKEN in meta:
        facts["confirmToken"] = meta[CONFIRM_TOKEN]
    return facts


_CUSTOMER = f"is said by the application, in _meta as {CUSTOMER_ID!r}, never by a model"
_TOKEN = f"is sent by the application, in _meta as {CONFIRM_TOKEN!r}, never by a model"

_CHAT = Offer(
    name="chat",
    method="Chat",
    title="Ask the shop's customer service",
    description=(
        "Answers a customer's question about the shop, or about the customer's own orders, parcels"
        " and refunds, from the shop's knowledge and its ERP. Answers in the question's language."
        " Never acts without the customer's yes: an action comes back as `pendingAction`. When a"
        " person should take over, `handoff.needed` is true."
    ),
    schema=schema_of(
        chat_pb2.ChatRequest.DESCRIPTOR,
        {
            "messages": "The talk so far, oldest first; the last one is the customer's question.",
            "conversation_id": "Continues a talk; leave it out for a single question.",
            "context.order_ids": "Orders that the question is about, if they are known.",
            "audience": "AUDIENCE_OPERATOR when a member of staff asks.",
            "knowledge_base": "Leave it out for the usual one.",
        },
        frozenset({"customer", "confirm_token", "messages.role.ROLE_SYSTEM"}),
    ),
    text_of=lambda response: str(response.text),
    hidden=MappingProxyType(
        {"customer": _CUSTOMER, "confirmToken": _TOKEN, "confirm_token": _TOKEN}
    ),
)
_KEYWORDS = Offer(
    name="extract_keywords",
    method="ExtractKeywords",
    title="Find the search keywords of a product listing",
    description=(
        "Finds the keywords that shoppers would search a listing by, best first, with a score and"
        " the reason for each, and one line of backend search terms within the marketplace's limit"
        " of bytes. Nothing is invented: every keyword is backed by the listing or by known search"
        " terms."
    ),
    schema=schema_of(
        keywords_pb2.ExtractKeywordsRequest.DESCRIPTOR,
        {
            "listing": "The product; at least a title, bullet points, a description or attributes.",
            "listing.marketplace": "Such as AMAZON_US; decides the limit of the search terms.",
            "max_keywords": "How many; 5 when left out.",
            "known_search_terms": "What shoppers typed, with weights, if it is known.",
            "banned_terms": "Words that must not be among the keywords.",
        },
    ),
)
_ANOMALY = Offer(
    name="detect_anomaly",
    method="DetectAnomaly",
    title="Find unusual days in a series of sales figures",
    description=(
        "Judges a series of daily, hourly or weekly figures (orders, sales, ratios): which points"
        " are unusual, what was expected, how severe it is and what may have caused it. The numbers"
        " come from statistics, never from a model. Judges the last point unless `evaluate` says"
        " otherwise; two years of history are better than two weeks."
    ),
    schema=schema_of(
        anomaly_pb2.DetectAnomalyRequest.DESCRIPTOR,
        {
            "series": "The figures; points with their times, oldest first.",
            "evaluate": "EVALUATE_ALL judges every point; the last one only when left out.",
            "events": "Known sales events and outages, so that they are not taken for anomalies.",
            "covariates": "Other series of the same times that may explain it: price, stock, ads.",
            "sensitivity": "SENSITIVITY_HIGH finds more and errs more often.",
        },
    ),
)

OFFERS: Mapping[str, Offer] = MappingProxyType(
    {offer.name: offer for offer in (_CHAT, _KEYWORDS, _ANOMALY)}
)


def text_of(offer: Offer, response: Message, whole: bytes) -> str:
    """What a model reads of a response whose JSON is `whole`."""
    return offer.text_of(response) if offer.text_of else whole.decode()
