"""Conversations that the gateway keeps: their nouns, their bounds, and how they are written down.

A conversation belongs to one tenant and one customer: both are part of its key, so a foreign one
cannot be told from one that never was. It lives for KEEP_S after its last message.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.core.model import Message, Role
from gateway.core.tokens import tokens_in

MAX_TURNS = 20
"""Turns kept and told to a model, the newest."""
MAX_TOKENS = 6_000
"""... and tokens of them, estimated; whole turns are left out, the oldest first."""
KEEP_S = 1_800.0
"""Life of a conversation after its last message: thirty minutes, sliding."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one call added: the messages as sent (users' and assistants'), then our answer.

    The answer is missing where a person has the conversation. `pending_tool`: the look-up whose id
    our answer asked for, so that a bare number sent next is understood.
    """

    messages: tuple[Message, ...]
    pending_tool: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The turns so far, oldest first. `with_person`: handed to a person and not released yet."""

    turns: tuple[Turn, ...] = ()
    with_person: bool = False

    def with_turn(self, turn: Turn, with_person: bool | None) -> "Conversation":  # noqa: FBT001 # as the port's
        """The conversation one turn later; None leaves who has it as it was."""
        return Conversation(
            (*self.turns, turn)[-MAX_TURNS:],
            self.with_person if with_person is None else with_person,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """What names a request's conversation; an empty `conversation_id` begins a new one."""

    conversation_id: str
    customer_id: str


def conversation_key(tenant: str, customer_id: str, conversation_id: str) -> bytes:
    """32 bytes under which a store keeps it; parts are length-prefixed."""
    digest = hashlib.sha256()
    for part in (tenant, customer_id, conversation_id):
        raw = part.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()


def history(turns: Sequence[Turn]) -> tuple[Message, ...]:
    """The messages of the newest turns that fit MAX_TURNS and MAX_TOKENS, oldest first."""
    kept: list[Turn] = []
    room = MAX_TOKENS
    for turn in reversed(turns[-MAX_TURNS:]):
        room -= _tokens(turn.messages)
        if room < 0:
            break
        kept.append(turn)
    return tuple(message for turn in reversed(kept) for message in turn.messages)


def bounded(turn: Turn) -> Turn:
    """The turn with as many of its last messages as a conversation may hold; call it before add."""
    messages = turn.messages
    while len(messages) > 1 and _tokens(messages) > MAX_TOKENS:
        messages = messages[1:]
    if _tokens(messages) > MAX_TOKENS:
        messages = tuple(replace(m, text=m.text[-MAX_TOKENS:]) for m in messages)
    return replace(turn, messages=messages)


def new_messages(turns: Sequence[Turn], sent: Sequence[Message]) -> tuple[Message, ...]:
    """What is new in `sent`: callers may send the whole talk or what came since the last call.

    The longest end of the kept talk that `sent` begins with is left out.
    """
    known = [message for turn in turns for message in turn.messages]
    longest = min(len(known), len(sent) - 1)
    for count in range(longest, 0, -1):
        if known[-count:] == list(sent[:count]):
            return tuple(sent[count:])
    return tuple(sent)


def written(turn: Turn) -> bytes:
    """The turn as JSON, for stores outside the process."""
    messages = [[message.role.value, message.text] for message in turn.messages]
    return json.dumps({"m": messages, "t": turn.pending_tool}, ensure_ascii=False).encode()


def read(raw: bytes) -> Turn:
    """The turn of `written`. Raises ValueError for anything else."""
    try:
        said = json.loads(raw)
        messages = tuple(Message(Role(role), str(text)) for role, text in said["m"])
        return Turn(messages, str(said["t"]))
    except (KeyError, TypeError) as error:
        raise ValueError("this is no turn of a conversation") from error


def _tokens(messages: Sequence[Message]) -> int:
    return sum(tokens_in(message.text) for message in messages)
