"""Understands the short reply to a clarification or to suggestions."""

import re
from collections.abc import Iterable
from dataclasses import replace

from gateway.rules.chat.decision import SLOT_OF_TOOL, MessageContext
from gateway.rules.chat.ids import FoundId, FoundIds, find_ids
from gateway.rules.chat.knowledge import Entry
from gateway.rules.chat.templates import all_texts
from gateway.rules.chat.text import normalise

_CHOICE = re.compile(
    r"\W*(?:no\.?|nr\.?|number|option|第)?\s*([1-9])\s*(?:个|条|番|번)?\W*", re.IGNORECASE
)
_BARE = re.compile(r"\W*((?=[A-Z_-]*\d)[A-Z0-9][A-Z0-9_-]{2,39})\W*", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
MAX_OFFERED_CHARS = 4000
SHORT = 60
"""Characters of a message that may be no more than a number or a code."""


def chosen_entry(text: str, previous_reply: str, shown: Iterable[Entry]) -> Entry | None:
    """Return the entry a message such as "2" picks from the numbered questions sent before.

    `shown`: the entries this caller may see; another marketplace's may ask the same.
    """
    choice = _CHOICE.fullmatch(text) if len(text) <= SHORT else None
    if not choice or not previous_reply:
        return None
    line = re.search(rf"(?m)^{choice.group(1)}\. (.+)$", previous_reply[:MAX_OFFERED_CHARS])
    if not line:
        return None
    question = line.group(1).strip()
    fits = (e for e in shown for asked in e.questions.values() if asked[0] == question)
    return next(fits, None)


def bare_id(text: str, found: FoundIds, context: MessageContext) -> FoundIds:
    """Take a message that is one code as the id asked for in the turn before."""
    slot = SLOT_OF_TOOL.get(context.pending_tool, "") or _asked_slot(context.previous_reply)
    code = _BARE.fullmatch(text) if slot and len(text) <= SHORT else None
    if not code or found.mistyped:
        return found
    return replace(found, ids=(FoundId(slot, code.group(1).upper(), *code.span(1)),), rest="")


def heeds_pending(message: str, context: MessageContext) -> bool:
    """Whether the decision on a message may rest on the look-up that was pending.

    It does where the message names an order, or is one code: few do, and finding out what was
    pending may cost as much as the decision.
    """
    text = normalise(message)
    if not context.id_formats and not _DIGIT.search(text):  # both have one
        return False
    if len(text) <= SHORT and _BARE.fullmatch(text):
        return True
    return bool(find_ids(text, context.id_formats).first("order_id"))


def _asked_slot(previous_reply: str) -> str:
    """Return the slot the reply before asked for, in whatever language."""
    for texts in all_texts():
        for slot in ("order_id", "sku"):
            if texts.clarify[slot] in previous_reply:
                return slot
    return ""
