"""A model that wishes for tools, a task that offers them, and tools that look into a dict."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from gateway.core.errors import ProviderError, ToolFailed
from gateway.core.model import Chunk, Completion, Finish, Message, Prompt, Role, ToolCall, ToolSpec
from gateway.core.options import Deployment, Route, Tool
from gateway.core.tools import Asker, OnBehalf, ToolUse
from tests.fakes import Echo, EchoTask, FakeProvider, completion

ORDER = Tool(
    name="get_order",
    description="",
    url="http://erp/{order_id}",
    arguments={"required": ["order_id"]},
    owner_field="owner",
)
CANCEL = Tool(
    name="cancel_order", description="", url="http://erp", writes=True, confirm={"en": "Cancel?"}
)
TOOLS = {tool.name: tool for tool in (ORDER, CANCEL)}

Turn = str | ProviderError | float | tuple[ToolCall, ...] | tuple[str, tuple[ToolCall, ...]]


def wish(order: str = "A1", tool: str = "get_order", **more: str) -> ToolCall:
    return ToolCall(f"call-{order}", tool, json.dumps({"order_id": order, **more}))


class ToolModel(FakeProvider):
    """Plays one turn for each call: text, an error, silence, tool calls, or text with them."""

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        self.asked.append((deployment.name, prompt))
        text, calls = await self._turn(deployment.name)
        reply = completion(text, deployment.model)
        return Completion(
            text=text, model=reply.model, finish=Finish.STOP, usage=reply.usage, tool_calls=calls
        )

    @asynccontextmanager
    async def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AsyncIterator[AsyncIterator[Chunk]]:
        self.asked.append((deployment.name, prompt))
        yield self._pieces(deployment.name)

    async def _pieces(self, name: str) -> AsyncIterator[Chunk]:
        text, calls = await self._turn(name)
        yield Chunk(text=text)
        yield Chunk(finish=Finish.STOP, tool_calls=calls)

    async def _turn(self, name: str) -> tuple[str, tuple[ToolCall, ...]]:
        turn: Any = self.script[name].pop(0)
        if isinstance(turn, tuple):
            return turn if isinstance(turn[0], str) else ("", turn)
        return await self._play(turn), ()


@dataclass
class DictTools:
    """Records by order; an exception is raised, seconds are waited."""

    records: dict[str, Any] = field(default_factory=dict)
    ran: list[tuple[str, Mapping[str, Any], OnBehalf]] = field(default_factory=list)
    at_work: int = 0
    most_at_once: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def refusal(self, tool: Tool, arguments: Mapping[str, Any]) -> str:
        return "" if isinstance(arguments.get("order_id"), str) else "order_id must be a text"

    async def run(
        self, tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf
    ) -> Mapping[str, Any] | None:
        self.ran.append((tool.name, arguments, behalf))
        self.begun.set()
        record = self.records.get(arguments["order_id"])
        self.at_work += 1
        self.most_at_once = max(self.at_work, self.most_at_once)
        try:
            await asyncio.sleep(record if isinstance(record, float) else 0)
        finally:
            self.at_work -= 1
        if isinstance(record, ToolFailed):
            raise record
        return record if isinstance(record, dict) else None


@dataclass(frozen=True)
class Use:
    """The draft of `ToolTask`."""

    use: ToolUse = ToolUse()  # noqa: RUF009 # frozen


class ToolTask(EchoTask):
    """Offers all tools to customer C1. Its rules look up order A1, or do what was confirmed."""

    drafts_first = True

    def __init__(self, asker: Asker | None = None) -> None:
        self.who = asker or Asker("C1", verified=True, conversation_id="talk")

    def draft(self, request: str, route: Route) -> Any:
        return Use()

    def prompt(self, request: str, draft: Any, route: Route) -> Prompt | None:
        tools = tuple(ToolSpec(tool.name, "", tool.schema()) for tool in TOOLS.values())
        if self.who.confirm_token:
            return None
        return Prompt(messages=(Message(Role.USER, request),), max_output_tokens=64, tools=tools)

    def parse(self, request: str, draft: Any, completion: Completion) -> Echo:
        if draft.use.pending:
            return Echo(f"confirm {draft.use.pending.token}")
        return super().parse(request, None, completion)

    def rules(self, request: str, draft: Any) -> Echo:
        run = draft.use.acted[1] if draft.use.acted else draft.use.looked_up
        return Echo(f"rules: {run.ended} {dict(run.fields)}" if run else "rules")

    def asker(self, request: str) -> Asker:
        return self.who

    def look_up(self, request: str, draft: Any, route: Route) -> Any:
        return ("get_order", {"order_id": "A1"}) if "order" in request else None

    def informed(self, draft: Any, use: ToolUse) -> Any:
        return Use(use)
