"""The task of Chat.

The life of a message, top to bottom:

1. validated, by the documented rules (gateway.api.validation)
2. its conversation, where the gateway keeps it (gateway.core.remembering); a person has it: silence
3. language, Unicode NFKC, hand-over words, ids of orders, parcels and items: `draft`
4. an equal or curated question's answer: `cache_text`
5. a model with tools and knowledge: `prompt`, not for what step 3 gives to a person
6. checks of what it wrote (figures, links, leaks), word by word in streams: `parse`, `gate`
7. no model in time: `rules` - look-up with template, direct answer, three questions, asking for the
   id that is missing, a person; answers that step 6 refused twice: a person
8. kept in the conversation and in the question log (gateway.core.remembering, ...questions)
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

from gateway.core.conversations import Conversation, Kept, Turn
from gateway.core.errors import NotFound, OutputInvalid
from gateway.core.model import Call, Completion, Message, Prompt, Role
from gateway.core.options import GuardOptions, Plan, Route, Tool
from gateway.core.tools import NO_TOOLS, Asker, ToolUse
from gateway.rules import chat as chat_rules
from gateway.tasks.chat import memory
from gateway.tasks.chat.cacheable import cache_text
from gateway.tasks.chat.canary import Canary
from gateway.tasks.chat.gate import AnswerGate
from gateway.tasks.chat.grounds import grounds
from gateway.tasks.chat.memory import WITH_PERSON
from gateway.tasks.chat.model import (
    AnswerKind,
    ChatReply,
    ChatRequest,
    Citation,
)
from gateway.tasks.chat.prompts import system_text, talk, with_knowledge
from gateway.tasks.chat.reading import Reader, Reading
from gateway.tasks.chat.ruled import ruled
from gateway.tasks.chat.shelf import Shelves, Shown, cited
from gateway.tasks.chat.tools import (
    asked_first,
    asker_of,
    look_up,
    offered,
    spec_of,
    told,
)

FOR_A_PERSON = frozenset({"asked_for_person", "complaint", "legal", WITH_PERSON})
"""Reasons of a hand-over that no model may talk the customer out of."""
UNVERIFIED = "unverified_answer"

MAX_REPLY_CHARACTERS = 20_000
"""Longest text taken from a model; far above what any limit of output tokens allows."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the rules make of the message: their reading, and the knowledge it rests on.

    `use`: what tools have brought meanwhile; `guard`: how a model's answer is checked.
    """

    reading: Reading
    knowledge: "chat_rules.ChatModel"
    use: ToolUse = NO_TOOLS
    guard: GuardOptions = field(default_factory=GuardOptions)

    @property
    def decision(self) -> chat_rules.Decision:
        """What the rules would do."""
        return self.reading.decision


class ChatTask:
    """The task of Chat.

    `models`: trained knowledge by name; looked up anew for every call, so that a reload is seen.
    `trained`: set once they are there for the first time.
    `today`: the calendar's day, for entries with validity dates.
    `tools`: those that are on, by name.
    """

    call = Call.CHAT
    version = "chat-2"
    drafts_first = True
    heavy = False

    def __init__(
        self,
        models: Mapping[str, "chat_rules.ChatModel"],
        trained: asyncio.Event,
        today: Callable[[], date] = date.today,
        tools: Callable[[], Mapping[str, Tool]] = dict,
    ) -> None:
        self._models = models
        self._trained = trained
        self._today = today
        self._tools = tools
        self._shelves = Shelves()
        self._reader = Reader()
        self._canary = Canary()

    def pinned(self, plan: Plan) -> Self:
        """The task with the knowledge and the tools that hold now, for one whole call."""
        pinned = object.__new__(type(self))  # for `copy` takes three times as long
        pinned.__dict__.update(self.__dict__)
        pinned._tools = lambda: plan.tools  # a copy of itself
        if self._trained.is_set():
            pinned._models = dict(self._models)
        return pinned

    def knowledge_base(self, request: ChatRequest, route: Route) -> str:
        """The one asked for, else the route's."""
        return request.knowledge_base or route.knowledge_base

    async def ready(self) -> None:
        """Wait for the knowledge to be there: some tenths of a second after the start."""
        await self._trained.wait()

    # ---- 2. and 8.: the conversation

    def kept(self, request: ChatRequest) -> Kept | None:
        """The request's conversation, if the gateway is to keep it."""
        return memory.kept(request)

    def continued(
        self, request: ChatRequest, conversation_id: str, conversation: Conversation
    ) -> ChatRequest:
        """The request with what was said before it."""
        return memory.continued(request, conversation_id, conversation)

    def turn(
        self, request: ChatRequest, draft: Draft | None, value: ChatReply
    ) -> tuple[Turn, bool | None]:
        """What to keep of an answered message."""
        return memory.turn_of(request, draft.decision if draft else None, value)

    # ---- 3. what the rules see in it

    def draft(self, request: ChatRequest, route: Route) -> Draft:
        """Route the message by rules. Raises NotFound for a knowledge base that is not loaded."""
        knowledge = self._knowledge(self.knowledge_base(request, route))
        context = self._context(request, route)
        question = request.question
        if request.with_person:
            language = chat_rules.detect_language(question, request.locale)
            reading = _handed_over(language, WITH_PERSON, knowledge)
        else:
            if asked := memory.pending_tool(request, context, knowledge):
                context = replace(context, pending_tool=asked)
            keep = route.cache.enabled
            reading = self._reader.read(question, context, knowledge, keep=keep)
        return Draft(reading, knowledge, guard=route.guard)

    def _context(self, request: ChatRequest, route: Route) -> chat_rules.MessageContext:
        tools = self._offered(request, route)
        return chat_rules.MessageContext(
            language=request.locale,
            audience=chat_rules.Audience(request.audience),
            marketplace=request.marketplace,
            order_ids=request.order_ids,
            sku=request.sku,
            previous_reply=memory.previous_reply(request),
            today=self._today(),
            tools=frozenset([tool.serves.value for tool in tools if tool.serves]),
        )

    # ---- 4. the cache

    def cache_text(self, request: ChatRequest, draft: Draft | None, route: Route) -> bytes | None:
        """The question's key; None when its answer is nobody else's."""
        if draft is None:
            return None
        tools = self._offered(request, route)
        return cache_text(request, draft.reading, route, tools, self._today())

    # ---- 5. the model

    def prompt(self, request: ChatRequest, draft: Draft | None, route: Route) -> Prompt | None:
        """The instruction, the knowledge and the talk.

        None when a person has to answer, or the customer has confirmed an action: no model then.
        """
        if draft is None or draft.decision.reason in FOR_A_PERSON or request.confirm_token:
            return None
        tools = tuple(spec_of(tool) for tool in self._offered(request, route))
        instruction = self._instruction(request, draft, tools=bool(tools))
        knowledge = self._shown(request, draft).text
        return Prompt(
            messages=(
                Message(Role.SYSTEM, with_knowledge(instruction, knowledge)),
                *talk(request.messages),
            ),
            max_output_tokens=request.max_output_tokens or route.max_output_tokens,
            temperature=route.temperature if request.temperature is None else request.temperature,
            tools=tools,
        )

    def _instruction(self, request: ChatRequest, draft: Draft, *, tools: bool) -> str:
        language = draft.decision.language
        return system_text(request.audience, language, self._canary.mark, tools=tools)

    def _shown(self, request: ChatRequest, draft: Draft) -> Shown:
        language = draft.decision.language
        return self._shelves.shown(request, draft.knowledge, language, self._today())

    # ---- 6. the checks

    def gate(self, request: ChatRequest, draft: Draft | None) -> AnswerGate:
        """What stands between a model's text and the customer."""
        if draft is None:
            raise RuntimeError("chat drafts first, so there is always a draft")
        instruction = self._instruction(request, draft, tools=True)
        shown = self._shown(request, draft)
        return AnswerGate(
            grounds(request, shown, draft.use, instruction, draft.guard), self._canary
        )

    def parse(self, request: ChatRequest, draft: Draft | None, completion: Completion) -> ChatReply:
        """The model's text without its marks, once checked; raises OutputInvalid when it is none.

        Where an action waits for a yes, the text is the question, not what the model says of it.
        """
        if draft is not None and draft.use.pending is not None:
            action, language = draft.use.pending, draft.decision.language
            reply = asked_first(request, action, self._tools().get(action.tool), language)
            return replace(reply, tool_results=told(draft.use))
        if len(completion.text) > MAX_REPLY_CHARACTERS:
            raise OutputInvalid("the reply is far too long; answer in a few sentences")
        gate = self.gate(request, draft)
        text = gate.whole(completion.text).strip()
        if not text:
            raise OutputInvalid("the reply is empty; answer the customer")
        return ChatReply(
            text=text,
            kind=AnswerKind.MODEL_TEXT,
            conversation_id=request.conversation_id,
            intent=draft.decision.intent if draft else "",
            intent_confidence=draft.decision.confidence if draft else 0.0,
            citations=self._citations(gate.cited, draft) if draft else (),
            tool_results=told(draft.use) if draft else (),
            finish=completion.finish,
        )

    def _citations(self, ids: tuple[str, ...], draft: Draft) -> tuple[Citation, ...]:
        base, language = draft.knowledge.knowledge, draft.decision.language
        return tuple(cited(base, entry, language) for entry in ids)

    def refused(self, draft: Draft) -> Draft:
        """The draft of a message whose answers by models may not be shown: a person takes it."""
        language = draft.decision.language
        return replace(draft, reading=_handed_over(language, UNVERIFIED, draft.knowledge))

    # ---- 7. the rules

    def rules(self, request: ChatRequest, draft: Draft) -> ChatReply:
        """The rules' own reply: an answer, suggestions, a question back, or a hand-over."""
        return ruled(request, draft.decision, draft.knowledge.knowledge, draft.use)

    # ---- tools, for 5. and 7.

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

    def _knowledge(self, name: str) -> "chat_rules.ChatModel":
        found = self._models.get(name)
        if found is None:
            raise NotFound(f"knowledge base {name!r} is not known; leave the field empty")
        return found


def _handed_over(language: str, reason: str, knowledge: "chat_rules.ChatModel") -> Reading:
    decision = chat_rules.Decision(chat_rules.Kind.HANDOFF, "handoff", language, reason=reason)
    return Reading(decision, "", knowledge.knowledge)
