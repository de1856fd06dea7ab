"""Which behaviour a model's next call gets, and the reply made of it."""

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import orjson

from tests.faults import faulty_answers, faulty_framing, faulty_timing, refusals
from tests.faults.answer import DEFAULT_TOKENS, KEYWORDS, Answer, ToolCall, tokens_of
from tests.faults.catalogue import CATALOGUE, UnknownBehaviourError, parts_of, plan_of
from tests.faults.draft import Call, Draft
from tests.faults.wire import Step, steps_of

REGISTERED = (
    faulty_answers,
    faulty_framing,
    faulty_timing,
    refusals,
)  # importing them fills the catalogue
CACHED_REPLIES = 2_000

CHAOS = tuple(
    shlex.split(
        """
        status-500 status-502-html status-503 status-429 status-429-retry-1 status-401 context
        reset reset-headers close silent redirect wait-1 slow-first-1 stall-20-1 hang-20
        cut-0 cut-40 cut-40-reset cut-40-clean cut-40-event until-close+cut-40 midstream-error-20
        badjson-10 badjson-extra-10 dup-5 swap-5 no-finish no-end usage-none
        empty-choices null-content empty-text not-json empty-body error-200 content-type
        length-long length-short
        """
    )
)
"""What `chaos-P` draws from."""
CHAOS_REPLIES = tuple(name for name in CHAOS if not name.startswith("status-"))
"""What `chaos-P-replies` draws from: no refusal takes the deployment out for long."""
CHAOS_GOOD = ("ok", "ok+pace-0.02")
"""A good answer all at once, or token by token."""


@dataclass(frozen=True, slots=True)
class Play:
    """One call's behaviour, with what to say: a text, or tool calls, instead of the canned one."""

    do: str = "ok"
    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()

    @classmethod
    def read(cls, written: "str | Play | Mapping[str, Any]") -> "Play":
        """From a name, or from the mapping `/_script` takes: do, text or json, tool_calls.

        Raises UnknownBehaviourError with the name or the key it does not know.
        """
        if isinstance(written, Play):
            return written
        if isinstance(written, str):
            return cls(written)
        unknown = set(written) - {"do", "text", "json", "tool_calls"}
        if unknown:
            raise UnknownBehaviourError(f"a behaviour has no key {min(unknown)!r}")
        said = orjson.dumps(written["json"]).decode() if "json" in written else written.get("text")
        calls = tuple(_tool_call(call) for call in written.get("tool_calls", ()))
        return cls(written.get("do", "ok"), said, calls)


def _tool_call(written: Mapping[str, Any]) -> ToolCall:
    arguments = written.get("arguments", {})
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    return ToolCall(str(written["name"]), text)


@dataclass(slots=True)
class Player:
    """Every model's script and how far it has been played."""

    rng: Random
    calls: Counter[str] = field(default_factory=Counter)
    _plans: dict[str, list[Play]] = field(default_factory=dict)
    _played: Counter[str] = field(default_factory=Counter)
    _replies: dict[tuple[Any, ...], tuple[Step, ...]] = field(default_factory=dict)

    def script(self, model: str, written: Sequence["str | Play | Mapping[str, Any]"]) -> None:
        """Set what the model's next calls get, in order, the last one for ever."""
        plays = [play for one in written for play in _unfolded(Play.read(one))]
        if not plays:
            raise UnknownBehaviourError(f"the script of {model!r} is empty")
        self._plans[model] = plays
        self._played[model] = 0

    def reset(self) -> None:
        """Forget all scripts and counts."""
        self._plans.clear()
        self._played.clear()
        self.calls.clear()

    def next(self, model: str) -> Play:
        """The model's next behaviour; UnknownBehaviourError if its name means nothing."""
        plan = self._plans.get(model)
        if plan is None:
            plan = self._plans[model] = _unfolded(Play(model))
        position = self._played[model]
        self._played[model] += 1
        self.calls[model] += 1
        return self._drawn(plan[min(position, len(plan) - 1)])

    def reply(self, play: Play, call: Call) -> tuple[Step, ...]:
        """The steps of a reply; made once for behaviours that do not look into the call."""
        parts = parts_of(play.do)
        if any(part.behaviour.reads_call for part in parts):
            return steps_of(_drafted(play, call), call)
        key = (play, call.model, call.stream, call.include_usage, call.response_format)
        found = self._replies.get(key)
        if found is None:
            if len(self._replies) >= CACHED_REPLIES:
                self._replies.clear()
            found = self._replies[key] = steps_of(_drafted(play, call), call)
        return found

    def _drawn(self, play: Play) -> Play:
        if not play.do.startswith("chaos"):
            return play
        arguments = parts_of(play.do)[0].arguments
        faults = CHAOS_REPLIES if "replies" in arguments.words else CHAOS
        fails = self.rng.random() * 100 < arguments.number(0, 50)
        return replace(play, do=self.rng.choice(faults if fails else CHAOS_GOOD))


def _unfolded(play: Play) -> list[Play]:
    return [replace(play, do=step) for step in plan_of(play.do)]


def _drafted(play: Play, call: Call) -> Draft:
    said = tokens_of(play.text) if play.text is not None else _canned(call)
    answer = Answer(model=call.model, tokens=said, tool_calls=play.tool_calls)
    draft = Draft(answer=answer)
    for part in parts_of(play.do):
        draft = part.behaviour.apply(draft, call, part.arguments)
        if draft.refused:
            return draft
        if play.text is not None and part.behaviour.name.startswith("ok-"):
            draft = draft.saying(tokens=said)
    return draft


def _canned(call: Call) -> tuple[str, ...]:
    if call.response_format == "text":
        return DEFAULT_TOKENS
    return tokens_of(orjson.dumps(KEYWORDS).decode())


def known_behaviours() -> list[str]:
    """The names of the catalogue, sorted."""
    return sorted(CATALOGUE)
