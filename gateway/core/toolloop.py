"""The loop of a model and its tools as pure decisions: limits, what may run, what a model is told.

A model's turn may end in wishes (tool calls) instead of an answer. Each is sifted:
1. a tool that was not offered, or arguments that do not fit its schema: told to the model
2. a tool that writes: never run; it becomes an action that the customer must confirm
3. a call that has run for this request, by any deployment: its result is used again
4. more than MAX_EXECUTIONS: told to the model
5. anything else: run
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.core.errors import ToolLoop
from gateway.core.halves import holds_half
from gateway.core.model import Completion, Message, Prompt, Role, ToolCall
from gateway.core.options import Tool
from gateway.core.tools import NO_TOOLS, Action, Asker, Ended, ToolRun, ToolUse

MAX_TURNS = 4
"""Model turns of one deployment; in the last one no tools are offered."""
MAX_EXECUTIONS = 6
"""Runs of one request, whichever deployment asks for them."""
MAX_AT_ONCE = 3
"""Runs at the same time."""
MAX_RESULT_CHARACTERS = 7_000
"""Of one result as a model sees it; with its frame below 8,000, about 2,000 tokens."""
MAX_INT = 2**63 - 1
"""Largest whole number in arguments, as in most systems behind tools."""
BETWEEN_TURNS = "\n\n"

_TOO_LONG = "the arguments are too long to be confirmed by the customer; shorten them"
_LIMIT = f"no more than {MAX_EXECUTIONS} tool calls are allowed; answer with what you have"


@dataclass(frozen=True, slots=True)
class Wish:
    """A tool call that may run: its tool, its arguments, and what makes it the same as another."""

    tool: Tool
    arguments: Mapping[str, Any]

    @property
    def identity(self) -> str:
        """Equal for equal calls, whatever the order of the arguments."""
        return f"{self.tool.name}\n{json.dumps(self.arguments, sort_keys=True)}"


Sifted = Wish | str
"""A wish, or why there is none."""


def why_not(tool: Tool, asker: Asker) -> str:
    """Why this tool does not run for this customer; empty: it may."""
    if not asker.customer_id and not (tool.public and not tool.writes):
        return "the customer is not logged in, so nothing of theirs can be looked up or changed"
    if not asker.verified and (tool.verified_only or tool.writes):
        return "the shop has not verified the customer; a colleague must do this"
    return ""


def sift(
    call: ToolCall, offered: Mapping[str, Tool], refusal: Callable[[Tool, Mapping[str, Any]], str]
) -> Sifted:
    """What to make of a tool call. `refusal`: why arguments do not fit the tool's schema."""
    tool = offered.get(call.name)
    if tool is None:
        return f"there is no tool {call.name[:64]!r}; there are: {', '.join(offered) or 'none'}"
    arguments = _arguments(call)
    if arguments is None:
        return "the arguments are not a JSON object; call the tool again with one"
    return refusal(tool, arguments) or Wish(tool, arguments)


def _arguments(call: ToolCall) -> Mapping[str, Any] | None:
    try:
        arguments = json.loads(
            call.arguments_json or "{}", parse_int=_sent_int, parse_constant=_no_number
        )
        halved = holds_half(call.arguments_json, arguments)
    except (ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) and not halved else None


def _sent_int(text: str) -> int:
    """A whole number that other systems can read. Raises ValueError for a longer one."""
    number = int(text)
    if abs(number) > MAX_INT:
        raise ValueError(text)
    return number


def _no_number(text: str) -> None:
    """NaN and Infinity are Python's JSON alone."""
    raise ValueError(text)


@dataclass(slots=True)
class Ledger:
    """The tools of one request: what ran, what waits for a yes. Owned by its `Walk`.

    `looped`: a model wanted ever more tools, so no other is asked.
    """

    runs: dict[str, ToolRun] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    use: ToolUse = NO_TOOLS
    looped: bool = False

    @property
    def used(self) -> bool:
        """Whether this request has anything of a tool, and so is no answer for anyone else."""
        return bool(self.taken or self.use.pending or self.use.acted)

    def take(self, wishes: Sequence[Wish]) -> list[Wish]:
        """Those that must run now: each once, within the limit."""
        new: list[Wish] = []
        for wish in wishes:
            if wish.identity not in self.taken and len(self.taken) < MAX_EXECUTIONS:
                self.taken.add(wish.identity)
                new.append(wish)
        return new

    def note(self, wish: Wish, run: ToolRun) -> None:
        """How a run ended."""
        self.runs[wish.identity] = run
        self.use = replace(self.use, runs=(*self.use.runs, run))

    def waits_for(self, action: Action) -> None:
        """An action is to be confirmed."""
        self.use = replace(self.use, pending=action)

    def told(self, sifted: Sifted) -> str:
        """What the model is told of one of its calls."""
        if isinstance(sifted, str):
            return _block({"error": sifted})
        run = self.runs.get(sifted.identity)
        if sifted.tool.writes:
            return _block({"error": _TOO_LONG})
        if run is None:
            return _block({"error": _LIMIT})
        if run.ended is Ended.FOUND:
            return _block(run.fields)
        if run.ended is Ended.NOT_FOUND:
            return _block({"error": "there is no such record for this customer"})
        return _block({"error": run.why or "the tool failed"})


@dataclass(frozen=True, slots=True)
class Talk:
    """One deployment's talk: the prompt with every turn so far, and what it said meanwhile."""

    prompt: Prompt
    turn: int = 1
    said: str = ""

    def wishes(self, completion: Completion) -> tuple[ToolCall, ...]:
        """The tool calls of this turn. Raises ToolLoop where none were offered any more."""
        if completion.tool_calls and self.turn >= MAX_TURNS:
            raise ToolLoop(f"it still asks for tools in turn {self.turn}", usage=completion.usage)
        return completion.tool_calls if self.prompt.tools else ()

    def whole(self, completion: Completion) -> Completion:
        """The completion with the text of all turns, as a stream has shown it."""
        return replace(completion, text=self.lead + completion.text) if self.said else completion

    @property
    def between(self) -> str:
        """What a stream must put before the first text of this turn."""
        return BETWEEN_TURNS if self.said else ""

    @property
    def lead(self) -> str:
        """What stands before the text of this turn."""
        return self.said + BETWEEN_TURNS if self.said else ""

    def after(self, completion: Completion, told: Sequence[str]) -> "Talk":
        """The talk with this turn's wishes and, in their order, what the model is told."""
        calls = tuple(_repeatable(call) for call in completion.tool_calls)
        turn = self.turn + 1
        messages = (
            *self.prompt.messages,
            Message(Role.ASSISTANT, completion.text, tool_calls=calls),
            *(
                Message(Role.TOOL, text, tool_call_id=call.id)
                for call, text in zip(calls, told, strict=True)
            ),
        )
        tools = self.prompt.tools if turn < MAX_TURNS else ()
        prompt = replace(self.prompt, messages=messages, tools=tools)
        said = self.lead + completion.text if completion.text.strip() else self.said
        return Talk(prompt, turn, said)


def _repeatable(call: ToolCall) -> ToolCall:
    """The call as it goes back to the model; providers refuse arguments that are no JSON."""
    return call if _arguments(call) is not None else replace(call, arguments_json="{}")


def _block(content: Mapping[str, Any]) -> str:
    """Data in a delimited block that nothing inside can close."""
    text = json.dumps(content, ensure_ascii=False)
    if len(text) > MAX_RESULT_CHARACTERS:
        text = json.dumps(
            {"cut": True, "text": text[: MAX_RESULT_CHARACTERS // 2]}, ensure_ascii=False
        )[:MAX_RESULT_CHARACTERS]
    return f"<tool_result>\n{_unclosable(text)}\n</tool_result>"


def _unclosable(text: str) -> str:
    return text.replace("<", "‹").replace(">", "›")
