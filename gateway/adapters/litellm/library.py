"""The LiteLLM transport: `litellm.acompletion`, for providers that need more than our own client.

Dearer, and with LiteLLM's own HTTP client: see docs/providers.md for what is bounded less tightly.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from gateway.adapters.litellm.asking import asked
from gateway.adapters.litellm.assembly import Assembly
from gateway.adapters.litellm.loading import Vendor
from gateway.adapters.litellm.mapping import (
    ALLOWED,
    SupportedConstants,
    base_url_of,
    provider_of,
)
from gateway.adapters.litellm.pricing import tariff_of
from gateway.adapters.litellm.reply import Source, completion_of
from gateway.adapters.litellm.retry_after import retry_after_s
from gateway.adapters.litellm.translating import kind_of_exception
from gateway.core.errors import ProviderError, ProviderTimeout
from gateway.core.model import Chunk, Completion, Prompt
from gateway.core.options import Deployment

NO_KEY = "none"
"""Sent when there is no key, or LiteLLM would look for one in the environment."""


class LibraryTransport:
    """Speaks to one deployment."""

    def __init__(self, deployment: Deployment, vendor: Vendor) -> None:
        self.deployment = deployment
        self._acompletion = vendor.acompletion
        self._http_timeout = vendor.http_timeout
        self._constants = SupportedConstants(deployment, vendor)
        self._source = Source(
            deployment.name, deployment.model, tariff_of(deployment, vendor.price_map)
        )
        self._prefix = f"{provider_of(deployment, vendor)}/"  # it puts this before some names
        self._invariant = {
            "model": self._prefix + deployment.model,
            "api_base": base_url_of(deployment) or None,
            "api_key": deployment.api_key.reveal() or NO_KEY,
            "num_retries": 0,
            "max_retries": 0,
            "caching": False,
            "no-log": True,
            "allowed_openai_params": list(ALLOWED),
            "_skip_mcp_handler": True,  # it imports a package that tools do not need
        }

    async def aclose(self) -> None:
        """Its clients are shared by all deployments; the provider closes them."""

    async def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """Ask once."""
        reply = await self._asked(prompt, timeout_s, stream=False)
        return completion_of(self._named(_sound(reply.model_dump())), self._source)

    @asynccontextmanager
    async def stream(self, prompt: Prompt, timeout_s: float) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream."""
        reply = await self._asked(prompt, timeout_s, stream=True)
        chunks = self._chunks(reply)
        try:
            yield chunks
        finally:
            await chunks.aclose()
            await reply.aclose()

    async def _asked(self, prompt: Prompt, timeout_s: float, *, stream: bool) -> Any:  # noqa: ANN401 - LiteLLM's objects have no useful type
        request = asked(self.deployment, prompt, stream=stream)
        try:
            async with asyncio.timeout(timeout_s):
                return await self._acompletion(
                    messages=request.messages,
                    timeout=self._clocks(timeout_s),
                    extra_body=request.extra_body,
                    **self._invariant,
                    **self._constants.of(request),
                    **request.carried,
                )
        except TimeoutError as error:
            raise ProviderTimeout(
                f"deployment {self.deployment.name!r}: no reply in time"
            ) from error
        except Exception as error:
            raise self._translated(error) from error

    def _clocks(self, timeout_s: float) -> object:
        connect_s = min(self.deployment.timeouts.connect_s, timeout_s)
        return self._http_timeout(timeout_s, connect=connect_s)

    async def _chunks(self, reply: Any) -> AsyncGenerator[Chunk, None]:  # noqa: ANN401 - as above
        assembly = Assembly(self._source)
        try:
            async for event in reply:
                assembly.take(self._named(_event(event, reply)))
                chunk = assembly.chunk()
                if chunk is not None:
                    yield chunk
        except ProviderError:
            raise
        except Exception as error:
            if reply.received_finish_reason is None:
                raise self._translated(error) from error
            # the answer is whole: only the end marker or usage was waited for
            assembly.take({"choices": [{"finish_reason": reply.received_finish_reason}]})
        yield assembly.end()

    def _named(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the model as the provider knows it."""
        body["model"] = str(body.get("model") or "").removeprefix(self._prefix)
        return body

    def _translated(self, error: Exception) -> ProviderError:
        kind = kind_of_exception(error)
        return kind(
            f"deployment {self.deployment.name!r}: {type(error).__name__}",
            retry_after_s=retry_after_s(_headers(error), time.time()),
        )


def _event(event: Any, reply: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    """LiteLLM's chunk as the wire's, without the finish it makes up when a stream is cut."""
    body: dict[str, Any] = _sound(event.model_dump())
    if reply.received_finish_reason is None:
        for choice in body.get("choices") or ():
            choice["finish_reason"] = None
    return body


def _sound(value: Any) -> Any:  # noqa: ANN401 # any JSON
    """The value without half characters, which its JSON reader lets through and ours does not."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _sound(one) for name, one in value.items()}
    return [_sound(one) for one in value] if isinstance(value, list) else value


def _headers(error: Exception) -> Mapping[str, str]:
    response = getattr(error, "response", None)
    headers = getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None)
    return headers if isinstance(headers, Mapping) else {}
