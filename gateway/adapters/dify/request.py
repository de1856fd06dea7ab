"""What a Dify app is sent. Pure."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from gateway.core.blocks import bare
from gateway.core.errors import RequestRejected
from gateway.core.model import Message, Origin, Prompt, Role
from gateway.core.options import Deployment

MAX_HISTORY_CHARACTERS = 8_000
"""Of earlier turns, the latest; only where the app does not remember the talk itself."""

_SPEAKERS = {Role.USER: "Customer", Role.ASSISTANT: "Answer"}


def user_of(origin: Origin) -> str:
    """Who asks, as Dify keeps talks apart: not to be traced back, and different for each tenant."""
    return f"u-{_hashed(origin.tenant, origin.end_user)[:32]}"


def key_of(deployment: Deployment, origin: Origin) -> str:
    """Under which a talk's id at Dify is kept; empty: the talk has no id of its own here.

    The end user is part of it, so that nobody continues another's talk by naming it.
    """
    if not origin.conversation_id:
        return ""
    return _hashed(deployment.name, origin.tenant, origin.end_user, origin.conversation_id)


def body_of(deployment: Deployment, prompt: Prompt, conversation_id: str) -> dict[str, Any]:
    """The request's body. Raises RequestRejected for what an app cannot do.

    The app has instructions and knowledge of its own, so ours are not sent, nor the blocks that
    they speak of. In a talk that it remembers it gets the last message alone.
    """
    if prompt.json_schema is not None:
        raise RequestRejected(f"deployment {deployment.name!r}: a Dify app cannot promise JSON")
    extra: Mapping[str, Any] = deployment.quirks.extra_body
    return {
        "inputs": {},
        **extra,
        "query": _query(prompt.messages, remembered=bool(conversation_id)),
        "response_mode": "streaming",
        "conversation_id": conversation_id,
        "user": user_of(prompt.origin),
        "auto_generate_name": False,
    }


def _hashed(*names: str) -> str:
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()


def _query(messages: tuple[Message, ...], *, remembered: bool) -> str:
    said = [message for message in messages if message.role in _SPEAKERS and message.text]
    last = bare(said[-1].text) if said else ""
    if remembered or len(said) < 2:  # noqa: PLR2004 # nothing was said before
        return last
    lines = [f"{_SPEAKERS[message.role]}: {bare(message.text)}" for message in said[:-1]]
    history = "\n".join(lines)[-MAX_HISTORY_CHARACTERS:]
    return f"Said before:\n{history}\n\nCustomer now: {last}"
