"""The conversation's part of a walk: what was said before comes in, what was said now is kept."""

import logging
import secrets
from typing import Any, TypeVar

from gateway.core.abilities import remembers
from gateway.core.conversations import (
    Conversation,
    bounded,
    conversation_key,
)
from gateway.core.errors import NotFound
from gateway.core.ports import StoreDown
from gateway.core.rooms import Rooms
from gateway.core.walk import Walk

ID_BYTES = 16
"""Random bytes in the id of a new conversation: nobody guesses another's."""

A = TypeVar("A")

log = logging.getLogger(__name__)


class Remembering:
    """Reads and keeps conversations for tasks that have them; nothing for all others.

    A store that cannot be reached costs the memory, never the answer.
    """

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def recall(self, walk: Walk[Any, Any, Any]) -> None:
        """Put the conversation so far into the request. Raises NotFound for an unknown one."""
        task = walk.task
        kept = task.kept(walk.request) if remembers(task) else None
        if not remembers(task) or kept is None:
            return
        identity, conversation = kept.conversation_id, Conversation()
        if identity:
            walk.conversation = conversation_key(walk.caller.tenant, kept.customer_id, identity)
            conversation = await self._read(walk.conversation)
        else:
            identity = secrets.token_urlsafe(ID_BYTES)
            walk.conversation = conversation_key(walk.caller.tenant, kept.customer_id, identity)
        walk.conversation_id = identity
        walk.request = task.continued(walk.request, identity, conversation)

    async def keep(self, walk: Walk[Any, Any, A], value: A) -> None:
        """Add what this call has brought."""
        if walk.conversation is None or not remembers(walk.task):
            return
        turn, with_person = walk.task.turn(walk.request, walk.draft, value)
        try:
            await self._rooms.conversations.add(
                walk.conversation, bounded(turn), with_person=with_person, ttl_s=self._rooms.keep_s
            )
        except StoreDown as error:
            log.warning("a turn of a conversation is not kept: %s", error)

    async def _read(self, key: bytes) -> Conversation:
        try:
            conversation = await self._rooms.conversations.read(key)
        except StoreDown as error:
            log.warning("answering without the conversation so far: %s", error)
            return Conversation()
        if conversation is None:
            raise NotFound(
                "this conversation is not known for this customer, or too old; "
                "leave conversation_id empty to begin a new one"
            )
        return conversation
