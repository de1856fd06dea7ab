"""The task of Chat: prompt from the knowledge base, the model's text, the rules' reply."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from gateway.core.errors import NotFound, OutputInvalid
from gateway.core.model import Call, Completion, Message, Prompt, Role
from gateway.core.options import Route, Tool
from gateway.core.tools import NO_TOOLS, Asker, ToolUse
from gateway.rules import chat as chat_rules
from gateway.tasks.chat.model import (
    AnswerKind,
    ChatReply,
    ChatRequest,
    Citation,
    Handoff,
    Suggestion,
)
from gateway.tasks.chat.prompts import TOOL_RULES, knowledge_text, system_text
from gateway.tasks.chat.tools import (
    acted,
    asked_first,
    asker_of,
    look_up,
    lookup_of,
    offered,
    spec_of,
    told,
)

ASKED_FOR_PERSON = "asked_for_person"
"""The rules' reason for a hand-over that no model may talk the customer out of."""

TOOL_FAILED = "tool_failed"
"""The rules' reason when a system could not be asked; then a person must look."""

MAX_REPLY_CHARACTERS = 20_000
"""Longest text taken from a model; far above what any limit of output tokens allows."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the rules make of the message: their decision, and the knowledge it rests on.

    `use`: what tools have brought meanwhile.
    """

    decision: chat_rules.Decision
    knowledge: chat_rules.ChatModel
    use: ToolUse = NO_TOOLS


class ChatTask:
    """The task of Chat.

    `models`: trained knowledge by name; looked up anew for every call, so that a reload is seen.
    `trained`: set once they are there for the first time.
    `today`: the calendar's day, for entries with validity dates.
    `tools`: those that are on, by name.
    """

    call = Call.CHAT
    version = "chat-1"
    drafts_first = True
    heavy = False

    def __init__(
        self,
        models: Mapping[str, chat_rules.ChatModel],
        trained: asyncio.Event,
        today: Callable[[], date] = date.today,
        tools: Callable[[], Mapping[str, Tool]] = dict,
    ) -> None:
        self._models = models
        self._trained = trained
        self._today = today
        self._tools = tools

    def knowledge_base(self, request: ChatRequest, route: Route) -> str:
        """The one asked for, else the route's."""
        return request.knowledge_base or route.knowledge_base

    async def ready(self) -> None:
        """Wait for the knowledge to be trained: a second or two after the start."""
        await self._trained.wait()

    def cache_text(self, request: ChatRequest, route: Route) -> bytes | None:
        """The normalised question; None for anything that is one customer's own.

        Never cached: talks with a history, a named customer, order or product, remembered
        conversations, confirmed actions, and questions that hold a number.
        """
        temperature = route.temperature if request.temperature is None else request.temperature
        sampled = temperature > 0 and not route.cache.any_temperature
        if sampled or _is_personal(request) or any(c.isdigit() for c in request.question):
            return None
        key = (
            chat_rules.normalise(request.question),
            request.audience,
            request.store,
            request.marketplace,
            self.knowledge_base(request, route),
            request.locale,
            request.max_output_tokens,
            temperature,
            sorted(request.allowed_tools),
        )
        return json.dumps(key, ensure_ascii=False).encode()

    def draft(self, request: ChatRequest, route: Route) -> Draft:
        """Route the message by rules. Raises NotFound for a knowledge base that is not loaded."""
        knowledge = self._knowledge(self.knowledge_base(request, route))
        context = chat_rules.MessageContext(
            language=request.locale,
            audience=chat_rules.Audience(request.audience),
            marketplace=request.marketplace,
            order_ids=request.order_ids,
            sku=request.sku,
            today=self._today(),
            tools=frozenset(
                tool.serves.value for tool in self._offered(request, route) if tool.serves
            ),
        )
        return Draft(chat_rules.route(request.question, context, knowledge), knowledge)

    def prompt(self, request: ChatRequest, draft: Draft | None, route: Route) -> Prompt | None:
        """The instruction, the knowledge and the talk.

        None when the customer wants a person, or has confirmed an action: that needs no model.
        """
        if draft is None or draft.decision.reason == ASKED_FOR_PERSON or request.confirm_token:
            return None
        tools = tuple(spec_of(tool) for tool in self._offered(request, route))
        language = draft.decision.language
        knowledge = draft.knowledge.knowledge
        entries = [
            entry
            for entry in knowledge.entries
            if entry.is_valid_on(self._today())
            and entry.is_for(chat_rules.Audience(request.audience), request.marketplace)
        ]
        system = "\n\n".join(
            part
            for part in (
                system_text(request.audience, language),
                TOOL_RULES if tools else "",
                knowledge_text(knowledge, entries, language),
            )
            if part
        )
        return Prompt(
            messages=(Message(Role.SYSTEM, system), *request.messages),
            max_output_tokens=request.max_output_tokens or route.max_output_tokens,
            temperature=route.temperature if request.temperature is None else request.temperature,
            tools=tools,
        )

    def parse(self, request: ChatRequest, draft: Draft | None, completion: Completion) -> ChatReply:
        """The model's text; raises OutputInvalid when there is none.

        Where an action waits for a yes, the text is the question, not what the model says of it.
        """
        if draft is not None and draft.use.pending is not None:
            action, language = draft.use.pending, draft.decision.language
            reply = asked_first(request, action, self._tools().get(action.tool), language)
            return replace(reply, tool_results=told(draft.use))
        text = completion.text.strip()
        if not text:
            raise OutputInvalid("the reply is empty; answer the customer")
        if len(text) > MAX_REPLY_CHARACTERS:
            raise OutputInvalid("the reply is far too long; answer in a few sentences")
        return ChatReply(
            text=text,
            kind=AnswerKind.MODEL_TEXT,
            conversation_id=request.conversation_id,
            intent=draft.decision.intent if draft else "",
            intent_confidence=draft.decision.confidence if draft else 0.0,
            tool_results=told(draft.use) if draft else (),
            finish=completion.finish,
        )

    def rules(self, request: ChatRequest, draft: Draft) -> ChatReply:
        """The rules' own reply: an answer, suggestions, a question back, or a hand-over."""
        if draft.use.acted is not None:
            return acted(request, draft.use, draft.decision.language)
        lookup = lookup_of(draft.use.looked_up)
        reply = chat_rules.reply(draft.decision, draft.knowledge.knowledge, lookup)
        needed = reply.handoff.needed or reply.handoff.reason == TOOL_FAILED
        return ChatReply(
            text=reply.text,
            kind=AnswerKind(reply.answer_kind.value),
            conversation_id=request.conversation_id,
            intent=reply.intent,
            intent_confidence=reply.intent_confidence,
            citations=tuple(Citation(c.document, c.title, c.quote) for c in reply.citations),
            suggestions=tuple(Suggestion(s.faq_id, s.question) for s in reply.suggestions),
            tool_results=told(draft.use),
            handoff=Handoff(needed, reply.handoff.reason, reply.handoff.summary),
        )

    def asker(self, request: ChatRequest) -> Asker:
        """Who asks, by the ERP's login."""
        return asker_of(request)

    def look_up(
        self, request: ChatRequest, draft: Draft, route: Route
    ) -> tuple[str, Mapping[str, Any]] | None:
        """The tool, with its argument, that the rules' answer needs."""
        return look_up(draft.decision, self._offered(request, route))

    def informed(self, draft: Draft, use: ToolUse) -> Draft:
        """The draft that knows what tools brought."""
        return replace(draft, use=use)

    def _offered(self, request: ChatRequest, route: Route) -> tuple[Tool, ...]:
        return offered(request, route, self._tools())

    def _knowledge(self, name: str) -> chat_rules.ChatModel:
        found = self._models.get(name)
        if found is None:
            raise NotFound(f"knowledge base {name!r} is not known; leave the field empty")
        return found


def _is_personal(request: ChatRequest) -> bool:
    return bool(
        len(request.messages) > 1
        or request.customer_id
        or request.order_ids
        or request.sku
        or request.conversation_id
        or request.remember
        or request.confirm_token
    )
