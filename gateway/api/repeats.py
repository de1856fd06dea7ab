"""Calls sent again under the caller's own request id get the first answer (see CallMetadata)."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from gateway.api.decoding import Body, decoded
from gateway.api.methods import UnaryMethod
from gateway.core.idempotency import Once, Repeatable, repeat_key
from gateway.core.model import Caller


class Repeats:
    """Answers a repeated call with its first response, byte for byte."""

    def __init__(self, once: Once) -> None:
        self._once = once

    def __repr__(self) -> str:
        return f"Repeats({self._once!r})"

    async def answer(
        self,
        method: UnaryMethod[Any, Any, Any],
        call: Repeatable,
        work: Callable[[], Awaitable[Message]],
    ) -> Message:
        """The response of `work`, or the one that the same request got before.

        Raises RequestIdReused and DeadlineExceeded beside what `work` raises.
        """
        made: list[Message] = []

        async def bytes_made() -> bytes:
            made.append(await work())
            return made[0].SerializeToString()

        result = await self._once.run(call, bytes_made)
        return made[0] if made else method.response.FromString(result)


def repeatable(method: UnaryMethod[Any, Any, Any], body: Body, who: Caller) -> Repeatable:
    """The call as a store knows it. Any encoding of the same request is the same."""
    message = decoded(method.request, body)
    digest = hashlib.sha256(message.SerializeToString(deterministic=True)).digest()
    return Repeatable(repeat_key(who.tenant, method.name, who.request_id), digest, who.deadline)
