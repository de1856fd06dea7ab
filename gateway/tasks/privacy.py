"""A provider that never sees personal data: placeholders go out, values come back.

It stands between the walk and the real provider, so that whatever is above it (the cache, tools,
the ERP, the answer) has the real values, and whatever is below has none. Each try masks the talk
anew; since placeholders are numbered in the order of the talk, they are the same in every turn and
for every deployment.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Set
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Self

from gateway.core.ahead import AtHand, at_hand
from gateway.core.model import Chunk, Completion, Message, PersonalData, Prompt, Role, ToolCall
from gateway.core.options import Deployment
from gateway.core.ports import Provider
from gateway.rules import masking
from gateway.rules.masking import ALWAYS, Kind

MAX_ON_LOOP_CHARACTERS = 1_500
"""Longer talks are masked in a thread: so many characters take 1.5 ms, full of finds up to 6 ms."""

KINDS: Mapping[PersonalData, frozenset[Kind]] = {
    PersonalData.ADDRESS: frozenset({Kind.ADDRESS}),
    PersonalData.EMAIL: frozenset({Kind.EMAIL}),
    PersonalData.IBAN: frozenset({Kind.IBAN}),
    PersonalData.NAME: frozenset({Kind.NAME}),
    PersonalData.NATIONAL_ID: frozenset({Kind.CN_ID, Kind.ID}),
    PersonalData.NUMBER: frozenset({Kind.NUMBER}),
    PersonalData.PHONE: frozenset({Kind.PHONE}),
}


class PrivateProvider:
    """A `Provider` around another one. What is masked says the prompt; cards and secrets always."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def ready(self) -> None:
        """Return once the provider can speak."""
        await self._provider.ready()

    async def complete(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> Completion:
        """Ask once, with placeholders."""
        masked, names = await hidden(prompt)
        completion = await self._provider.complete(deployment, masked, timeout_s)
        if not names:
            return completion
        return replace(
            completion,
            text=names.shown(completion.text),  # JSON was asked with JSON: it is escaped already
            tool_calls=_shown_calls(completion.tool_calls, names),
        )

    @asynccontextmanager
    async def stream(
        self, deployment: Deployment, prompt: Prompt, timeout_s: float
    ) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream, with placeholders."""
        masked, names = await hidden(prompt)
        async with self._provider.stream(deployment, masked, timeout_s) as chunks:
            if not names:
                yield chunks
                return
            async with at_hand(chunks) as read:
                yield _Shown(read, names)


async def hidden(prompt: Prompt) -> tuple[Prompt, "masking.Placeholders"]:
    """The prompt as it may leave, and its placeholders."""
    if (
        sum(len(m.text) for m in prompt.messages if m.role is not Role.SYSTEM)
        > MAX_ON_LOOP_CHARACTERS
    ):
        return await asyncio.to_thread(_hidden, prompt)
    return _hidden(prompt)


def _hidden(prompt: Prompt) -> tuple[Prompt, "masking.Placeholders"]:
    kinds = _kinds(prompt.mask)
    names = masking.Placeholders(_texts(prompt))
    own = prompt.messages[:1] if prompt.messages[0].role is Role.SYSTEM else ()
    messages = (
        *(_instruction(message, names) for message in own),
        *(_masked(message, names, kinds) for message in prompt.messages[len(own) :]),
    )
    return (replace(prompt, messages=messages) if names else prompt), names


@lru_cache(maxsize=64)
def _kinds(mask: tuple[PersonalData, ...]) -> frozenset[Kind]:
    return ALWAYS.union(*(KINDS[PersonalData(kind)] for kind in mask))


def _instruction(message: Message, names: "masking.Placeholders") -> Message:
    """The gateway's own words with the shop's knowledge: public, but for cards and secrets."""
    if _is_clean(message.text):
        return message
    return replace(message, text=names.hidden(message.text, ALWAYS))


def _masked(message: Message, names: "masking.Placeholders", kinds: Set[Kind]) -> Message:
    text = names.hidden(message.text, kinds)
    if not message.tool_calls:
        return message if text == message.text else replace(message, text=text)
    calls = tuple(
        replace(call, arguments_json=names.hidden(call.arguments_json, kinds))
        for call in message.tool_calls
    )
    return replace(message, text=text, tool_calls=calls)


@lru_cache(maxsize=64)
def _is_clean(text: str) -> bool:
    """Whether a first message, mostly the same for every call, holds no card and no secret."""
    return not masking.find_spans(text, ALWAYS)


def _texts(prompt: Prompt) -> list[str]:
    return [message.text for message in prompt.messages] + [
        call.arguments_json for message in prompt.messages for call in message.tool_calls
    ]


def _shown_calls(
    calls: tuple[ToolCall, ...], names: "masking.Placeholders"
) -> tuple[ToolCall, ...]:
    return tuple(
        replace(call, arguments_json=names.shown_in_json(call.arguments_json)) for call in calls
    )


class _Shown:
    """The chunks with values; text that may be half a placeholder waits for its other half."""

    def __init__(self, chunks: AtHand, names: "masking.Placeholders") -> None:
        self._chunks = chunks
        self._names = names
        self._restorer = masking.Restorer(names)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk:
        chunk = await anext(self._chunks, None)
        if chunk is not None:
            return self._with_values(chunk)
        if rest := self._restorer.rest():
            return Chunk(text=rest)
        raise StopAsyncIteration

    def at_hand(self) -> Chunk | None:
        """What has come already."""
        chunk = self._chunks.at_hand()
        return None if chunk is None else self._with_values(chunk)

    def _with_values(self, chunk: Chunk) -> Chunk:
        if chunk.restart:  # what waited was taken back, too
            self._restorer = masking.Restorer(self._names)
        text = self._restorer.feed(chunk.text) if chunk.text else ""
        if chunk.finish:
            text += self._restorer.rest()
        return replace(chunk, text=text, tool_calls=_shown_calls(chunk.tool_calls, self._names))
