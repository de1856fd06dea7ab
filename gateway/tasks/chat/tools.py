"""What Chat makes of tools: what it offers, what the rules look up, what the customer reads."""

from collections.abc import Mapping
from typing import Any

from gateway.core.model import ToolSpec
from gateway.core.options import Route, Tool
from gateway.core.toolloop import why_not
from gateway.core.tools import Action, Asker, Ended, ToolRun, ToolUse
from gateway.rules import chat as chat_rules
from gateway.tasks.chat.action_texts import ActionTexts, texts_in
from gateway.tasks.chat.model import (
    AnswerKind,
    ChatReply,
    ChatRequest,
    Handoff,
    PendingAction,
    ToolResult,
)


def asker_of(request: ChatRequest) -> Asker:
    """Who asks, by the ERP's login."""
    return Asker(
        request.customer_id,
        request.customer_verified,
        request.conversation_id,
        request.confirm_token,
    )


def offered(request: ChatRequest, route: Route, on: Mapping[str, Tool]) -> tuple[Tool, ...]:
    """The tools of this request: its route's, narrowed by `allowed_tools`, that may run for it."""
    if not route.tools:
        return ()
    asker = asker_of(request)
    return tuple(
        on[name]
        for name in route.tools
        if name in on
        and (not request.allowed_tools or name in request.allowed_tools)
        and not why_not(on[name], asker)
    )


def spec_of(tool: Tool) -> ToolSpec:
    """The tool as a model sees it."""
    return ToolSpec(tool.name, tool.description, tool.schema())


def look_up(
    decision: chat_rules.Decision, tools: tuple[Tool, ...]
) -> tuple[str, Mapping[str, Any]] | None:
    """The tool, with its argument, that serves the rules' decision."""
    if decision.kind is not chat_rules.Kind.TOOL:
        return None
    tool = next((tool for tool in tools if tool.serves == decision.tool), None)
    if tool is None:
        return None
    (argument,) = tool.arguments["required"]  # one, as the configuration's check sees to
    return tool.name, {argument: decision.slots[chat_rules.SLOT_OF_TOOL[decision.tool]]}


def lookup_of(run: ToolRun | None) -> chat_rules.Lookup:
    """A run as the rules' texts want it: flat texts."""
    if run is None or not run.ok:
        return chat_rules.Lookup(ok=False)
    return chat_rules.Lookup(
        found=run.ended is Ended.FOUND,
        fields={name: _flat(value) for name, value in run.fields.items()},
    )


def _flat(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def told(use: ToolUse) -> tuple[ToolResult, ...]:
    """What tools did, in lines without personal data."""
    return tuple(ToolResult(run.tool, _summary(run), run.ok) for run in use.runs)


def _summary(run: ToolRun) -> str:
    if run.ended is Ended.FOUND:
        return f"found: {', '.join(run.fields)}" if run.fields else "done"
    if run.ended is Ended.NOT_FOUND:
        return "not found"
    return f"failed: {run.why}" if run.why else "failed"


def asked_first(request: ChatRequest, action: Action, tool: Tool | None, lang: str) -> ChatReply:
    """The question that comes before an action that writes: it says itself what will happen."""
    text = _question(action, tool, lang)
    return ChatReply(
        text=text,
        kind=AnswerKind.CLARIFICATION,
        conversation_id=request.conversation_id,
        intent=f"confirm:{action.tool}",
        pending_action=PendingAction(action.tool, text, action.token, action.expires_at_s),
    )


def _question(action: Action, tool: Tool | None, lang: str) -> str:
    confirm = tool.confirm if tool else {}
    template = confirm.get(lang) or confirm.get("en") or next(iter(confirm.values()), "")
    return template.format_map(dict(action.arguments)) if template else action.tool


def acted(request: ChatRequest, use: ToolUse, lang: str) -> ChatReply:
    """What became of a confirmed action; only a clear yes of the system is told as done."""
    texts = texts_in(lang)
    run = use.acted[1] if use.acted else ToolRun("", Ended.FAILED)
    text, needed = _outcome(run, texts)
    return ChatReply(
        text=text,
        kind=AnswerKind.TOOL_TEMPLATE,
        conversation_id=request.conversation_id,
        intent=f"tool:{run.tool}",
        intent_confidence=1.0,
        tool_results=told(use),
        handoff=Handoff(needed, "" if run.ended is Ended.FOUND else "tool_failed", run.tool),
    )


def _outcome(run: ToolRun, texts: ActionTexts) -> tuple[str, bool]:
    """The text, and whether a person must look."""
    if run.ended is Ended.FOUND:
        return texts.done, False
    if run.ended is Ended.NOT_REACHED:
        return texts.not_reached, False
    if run.ended is Ended.FAILED:
        return texts.unknown, True
    return texts.refused, True
