"""What an answer may rest on: everything the model was shown, and nothing else."""

import json
from functools import lru_cache, partial

from gateway.core.model import Role
from gateway.core.options import GuardOptions
from gateway.core.tools import ToolUse
from gateway.rules.checks import NO_LINKS, Figures, Links, figures_in, links_in, whole_links
from gateway.tasks.chat.gate import Grounds
from gateway.tasks.chat.model import ChatRequest
from gateway.tasks.chat.shelf import Shown


def grounds(
    request: ChatRequest, shown: Shown, use: ToolUse, instruction: str, guard: GuardOptions
) -> Grounds:
    """The grounds of an answer to this request."""
    results = [run.fields for run in use.runs]
    links = _of_knowledge(shown.text)
    for fields in results:
        links = links | whole_links(fields)
    return Grounds(
        figures=_figures(request, shown, [json.dumps(f, ensure_ascii=False) for f in results]),
        links=links,
        own_mails=partial(_own_mails, request),
        entries=shown.ids,
        instruction=instruction,
        guard=guard,
    )


@lru_cache(maxsize=64)
def _of_knowledge(text: str) -> Links:
    """The links of some ten thousand characters, mostly the same for all calls."""
    return links_in(text)


def _figures(request: ChatRequest, shown: Shown, results: list[str]) -> tuple[Figures, ...]:
    context = " ".join((*request.order_ids, request.sku))
    texts = [shown.text, context, *results, *(message.text for message in request.messages)]
    return tuple(figures_in(text) for text in texts if text)


def _own_mails(request: ChatRequest) -> Links:
    """Addresses that the customer wrote: an answer may say where it will write to."""
    found = NO_LINKS
    for message in request.messages:
        if message.role is Role.USER and (mails := links_in(message.text).mails):
            found = found | Links(mails=mails)
    return found
