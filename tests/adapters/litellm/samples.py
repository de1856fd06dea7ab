"""Deployments, prompts and a way to ask, for the tests of this folder."""

from dataclasses import dataclass
from typing import Any

from gateway.adapters.litellm import LitellmProvider
from gateway.core.errors import ProviderError
from gateway.core.model import Chunk, Completion, Finish, Message, Prompt, Role, ToolSpec, Usage
from gateway.core.options import Deployment, Secret, Transport

KEY = "sk-" + "s3cret" * 4
TOOLS = (
    ToolSpec(
        "order", "find an order", {"type": "object", "properties": {"id": {"type": "string"}}}
    ),
    ToolSpec("ship", "", {"type": "object", "properties": {}}),
)
SCHEMA = {
    "type": "object",
    "properties": {"keywords": {"type": "array", "items": {"type": "string"}}},
    "required": ["keywords"],
    "additionalProperties": False,
}
PATIENT_S = 60.0  # LiteLLM may still be loading


def deployment(model: str = "ok", url: str = "", **options: Any) -> Deployment:
    fields: dict[str, Any] = {"provider": "openai", "api_key": Secret(KEY), "name": "main"}
    return Deployment(**(fields | {"model": model, "base_url": url} | options))


def library(model: str, url: str, **options: Any) -> Deployment:
    return deployment(model, url, transport=Transport.LITELLM, **options)


def prompt(*texts: str, **options: Any) -> Prompt:
    users = tuple(Message(Role.USER, text) for text in texts or ("Hi",))
    fields: dict[str, Any] = {"max_output_tokens": 200} | options
    return Prompt(messages=(Message(Role.SYSTEM, "You help."), *users), **fields)


@dataclass(frozen=True)
class Streamed:
    """A stream put together, with its chunks."""

    text: str
    finish: Finish | None
    usage: Usage | None
    model: str
    tool_calls: tuple[Any, ...]
    chunks: tuple[Chunk, ...]


async def streamed(
    provider: LitellmProvider, of: Deployment, asked: Prompt, timeout_s: float = PATIENT_S
) -> Streamed:
    async with provider.stream(of, asked, timeout_s) as source:
        chunks = tuple([chunk async for chunk in source])
    usages = [chunk.usage for chunk in chunks if chunk.usage is not None]
    return Streamed(
        "".join(chunk.text for chunk in chunks),
        chunks[-1].finish,
        usages[-1] if usages else None,
        chunks[-1].model,
        chunks[-1].tool_calls,
        chunks,
    )


def whole(reply: Completion | Streamed) -> tuple[Any, ...]:
    """What two ways of asking must agree on."""
    return reply.text, reply.finish, reply.usage or Usage(), reply.model, reply.tool_calls


async def outcome(
    provider: LitellmProvider, of: Deployment, asked: Prompt, *, stream: bool, timeout_s: float
) -> tuple[Any, ...]:
    """The whole reply, or the class of the error with its Retry-After in whole seconds."""
    try:
        if stream:
            return whole(await streamed(provider, of, asked, timeout_s))
        return whole(await provider.complete(of, asked, timeout_s))
    except ProviderError as error:
        after_s = error.retry_after_s
        return type(error).__name__, None if after_s is None else round(after_s)
