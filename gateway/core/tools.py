"""The nouns of tools: on whose behalf they run, how a run ended, what a call has of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Ended(StrEnum):
    """How one run of a tool ended."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    FAILED = "failed"
    """Whether anything happened is not known."""
    NOT_REACHED = "not_reached"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as the request's typed fields say it; nothing of this comes from a text."""

    customer_id: str = ""
    verified: bool = False
    conversation_id: str = ""
    confirm_token: str = ""


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """What a tool's call carries beside its arguments. `once` (writing): the same for a repeat."""

    tenant: str
    customer_id: str
    request_id: str
    once: str = ""


@dataclass(frozen=True, slots=True)
class ToolRun:
    """One run: of which tool, how it ended, the fields of its result, why it failed."""

    tool: str
    ended: Ended
    fields: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether the system behind it answered."""
        return self.ended in (Ended.FOUND, Ended.NOT_FOUND)


@dataclass(frozen=True, slots=True)
class Action:
    """A run of a tool that writes, to be confirmed; `token` lets it happen until `expires_at_s`.

    `once` tells this action from an equal one. Wall seconds.
    """

    tool: str
    arguments: Mapping[str, Any]
    once: str
    expires_at_s: float
    token: str = ""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """What one call has of tools.

    `runs`: all, in order; `looked_up`: the rules' own; `pending`: an action that waits for a yes;
    `acted`: the confirmed action and how it ended.
    """

    runs: tuple[ToolRun, ...] = ()
    looked_up: ToolRun | None = None
    pending: Action | None = None
    acted: tuple[Action, ToolRun] | None = None


NO_TOOLS = ToolUse()
