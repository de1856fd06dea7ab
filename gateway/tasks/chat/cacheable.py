"""Which questions may share an answer, and under which key.

Never: what has a history, is one customer's own, holds personal data, or a number that no question
of the knowledge holds. Two questions share an answer when they are the same but for case, width,
punctuation and politeness, or when the knowledge lists both as wordings of one entry: adding a
wording there is how ops approves an alias. There is no similarity in it.
"""

from datetime import date

from gateway.core.options import Route, Tool
from gateway.rules import chat as chat_rules
from gateway.tasks.chat.model import ChatRequest
from gateway.tasks.chat.reading import Reading

_PERSONAL_KINDS = frozenset(
    {chat_rules.Kind.TOOL, chat_rules.Kind.CLARIFICATION, chat_rules.Kind.HANDOFF}
)


def cache_text(
    request: ChatRequest,
    reading: Reading,
    route: Route,
    offered: tuple[Tool, ...],
    today: date,
) -> bytes | None:
    """The question's key; None when its answer is nobody else's.

    `today` is in it, since entries begin and end with a day: an answer that rests on yesterday's
    offer is not given today. Every question pays for that, dated entries or not: once a day it is
    asked again, which beside keeping times of an hour is little, and one at a time.
    """
    temperature = route.temperature if request.temperature is None else request.temperature
    if temperature > 0 and not route.cache.any_temperature:
        return None
    if _is_personal(request) or reading.decision.kind in _PERSONAL_KINDS:
        return None
    spelling = reading.spelling
    if not spelling:
        return None
    key = (
        spelling,
        reading.decision.language,
        request.audience,
        request.store,
        request.marketplace,
        reading.knowledge.name,
        reading.knowledge.version,
        request.max_output_tokens,
        temperature,
        sorted(tool.name for tool in offered),
        today.toordinal(),
    )
    return repr(key).encode()  # of texts and numbers only: no two keys look alike


def _is_personal(request: ChatRequest) -> bool:
    return bool(
        len(request.messages) > 1
        or request.order_ids
        or request.sku
        or request.conversation_id
        or request.remember
        or request.confirm_token
        or request.with_person
    )
