"""The shape of one language's texts, and how a look-up's fields become sentences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NOT_WORDS = re.compile(r"[\s_-]+")
MAX_FIELD_CHARS = 200
"""A field of a record longer than this is cut: it goes to a customer's screen."""

SHOWN_FIELDS: Mapping[str, tuple[str, ...]] = {
    "order_status": (
        "status",
        "items",
        "paid_at",
        "shipped_at",
        "carrier",
        "tracking_no",
        "eta",
        "delivered_at",
    ),
    "tracking": (
        "status",
        "carrier",
        "last_event",
        "last_event_at",
        "location",
        "eta",
        "delivered_at",
    ),
    "stock": ("quantity", "warehouse", "restock_at"),
    "refund_status": ("status", "return_status", "amount", "method", "refunded_at", "expected_at"),
}
"""Fields of a look-up's result that customers see, in this order; others are ignored."""


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's texts.

    `heads`: first sentence of a found record by tool, with `{id}`; `lines`: one sentence per
    known field by tool, in the order shown, with `{value}`; `statuses`: plain names of status
    words as order systems send them.
    """

    small_talk: Mapping[str, str]
    clarify: Mapping[str, str]
    handoff: Mapping[str, str]
    suggest: str
    out_of_scope: str
    unavailable: str
    not_found: Mapping[str, str]
    heads: Mapping[str, str]
    lines: Mapping[str, Mapping[str, str]]
    statuses: Mapping[str, str]
    joint: str

    def render(self, tool: str, identity: str, fields: Mapping[str, str]) -> str:
        """Write a found record: the head, then a sentence for each field that has a value."""
        parts = [self.heads[tool].format(id=identity)]
        for name, line in self.lines[tool].items():
            value = " ".join(str(fields.get(name, "")).split())[:MAX_FIELD_CHARS]
            if value:
                parts.append(line.format(value=self.status(value) if "status" in name else value))
        return self.joint.join(parts)

    def status(self, word: str) -> str:
        """Return the customer's word for a status, or the system's own if it is unknown."""
        return self.statuses.get(_NOT_WORDS.sub("_", word.strip().casefold()), word)
