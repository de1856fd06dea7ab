"""Actions that a customer must confirm: signed tokens, and each action done once.

A token holds the tool, its arguments and its end in the clear (they are the customer's own) and an
HMAC over them and over tenant, customer and conversation, so it is of no use anywhere else.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from gateway.core.errors import InvalidRequest, Violation
from gateway.core.tools import Action, Asker, Ended, ToolRun

VALID_S = 600.0
"""A token's life: ten minutes."""
MAX_TOKEN_CHARACTERS = 1_024
"""The contract's bound of `confirm_token`."""
KEY_BYTES = 32


class Actions:
    """Seals and opens tokens with `key` (random when empty), and runs each action once.

    With a random key tokens are of no use to another process or after a restart.
    """

    def __init__(self, key: bytes = b"") -> None:
        self._key = key or secrets.token_bytes(KEY_BYTES)
        self._done: dict[str, tuple[float, asyncio.Task[ToolRun]]] = {}

    def __repr__(self) -> str:
        return f"Actions(done={len(self._done)})"

    def propose(
        self, tool: str, arguments: Mapping[str, Any], owner: tuple[str, Asker], now_s: float
    ) -> Action | None:
        """A new action with its token, for the tenant and asker of `owner`.

        None: its arguments are too long for a token. `now_s`: wall seconds.
        """
        action = Action(tool, arguments, secrets.token_urlsafe(9), float(int(now_s + VALID_S)))
        claims = {"t": tool, "a": arguments, "n": action.once, "e": int(action.expires_at_s)}
        payload = json.dumps(claims, separators=(",", ":")).encode()
        token = f"{_text(payload)}.{_text(self._mac(payload, owner))}"
        return replace(action, token=token) if len(token) <= MAX_TOKEN_CHARACTERS else None

    def confirmed(self, owner: tuple[str, Asker], now_s: float) -> Action:
        """The action of the asker's token. Raises InvalidRequest when it is not theirs, or old."""
        token = owner[1].confirm_token
        try:
            payload, mac = (_bytes(part) for part in token.split("."))
        except (ValueError, binascii.Error):
            raise _invalid("is no token of this gateway") from None
        if not hmac.compare_digest(mac, self._mac(payload, owner)):
            raise _invalid("is not of this customer and conversation, or of a gateway started anew")
        claims = json.loads(payload)  # ours: the signature is right
        if now_s >= claims["e"]:
            raise _invalid("has expired; ask again")
        return Action(claims["t"], claims["a"], claims["n"], claims["e"], token)

    async def once(
        self, action: Action, now_s: float, work: Callable[[], Awaitable[ToolRun]]
    ) -> ToolRun:
        """The run of this action, the same for every repeat; not cut short by who waits for it.

        What certainly did not happen may be tried again.
        """
        self._done = {n: kept for n, kept in self._done.items() if kept[0] > now_s}
        kept = self._done.get(action.once)
        task = kept[1] if kept else None
        if task is None or _did_not_happen(task):
            task = asyncio.ensure_future(_task(work))
            self._done[action.once] = (action.expires_at_s, task)
        return await asyncio.shield(task)

    def _mac(self, payload: bytes, owner: tuple[str, Asker]) -> bytes:
        tenant, asker = owner
        digest = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in (tenant, asker.customer_id, asker.conversation_id):
            raw = part.encode()
            digest.update(len(raw).to_bytes(4, "big") + raw)
        digest.update(payload)
        return digest.digest()


async def _task(work: Callable[[], Awaitable[ToolRun]]) -> ToolRun:
    return await work()


def _did_not_happen(task: asyncio.Task[ToolRun]) -> bool:
    if not task.done() or task.cancelled() or task.exception():
        return False
    return task.result().ended is Ended.NOT_REACHED


def _invalid(why: str) -> InvalidRequest:
    return InvalidRequest([Violation("confirm_token", why)])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(raw) != text:  # the last letter has spare bits: one token, one spelling
        raise ValueError("not the spelling of a token")
    return raw
