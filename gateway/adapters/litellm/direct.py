"""The direct transport: LiteLLM's provider configuration around our own pooled HTTP client."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import aiohttp
import orjson
from yarl import URL

from gateway.adapters.litellm.asking import asked
from gateway.adapters.litellm.assembly import Assembly
from gateway.adapters.litellm.http import MAX_STREAM_BYTES, Client, Unpacker, drained
from gateway.adapters.litellm.loading import Vendor
from gateway.adapters.litellm.mapping import RequestMapping
from gateway.adapters.litellm.pricing import tariff_of
from gateway.adapters.litellm.reply import Source, completion_of
from gateway.adapters.litellm.sse import EventReader
from gateway.core.errors import OutputInvalid
from gateway.core.model import Chunk, Completion, Prompt
from gateway.core.options import Deployment

AFTER_FINISH_S = 1.0
"""How long usage and the end marker are waited for after a finish reason."""
DRAIN_S = 0.02
"""How long the end of the HTTP body is waited for after the end marker."""


class DirectTransport:
    """Speaks to one deployment."""

    def __init__(self, deployment: Deployment, vendor: Vendor, tls: ssl.SSLContext) -> None:
        self.deployment = deployment
        self.in_flight = 0
        self._mapping = RequestMapping(deployment, vendor)
        self._url = URL(self._mapping.url)
        self._source = Source(
            deployment.name, deployment.model, tariff_of(deployment, vendor.price_map)
        )
        self._client = Client(deployment, tls)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """Ask once."""
        async with self._post(prompt, timeout_s, stream=False) as response:
            body = await self._client.read(response)
        return completion_of(_parsed(body), self._source)

    @asynccontextmanager
    async def stream(self, prompt: Prompt, timeout_s: float) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream."""
        async with self._post(prompt, timeout_s, stream=True) as response:
            kind = response.content_type if "Content-Type" in response.headers else ""
            if kind == "application/json":
                chunks = self._whole(response)
            elif kind in ("", "text/event-stream", "text/plain", "application/octet-stream"):
                chunks = self._events(response)
            else:
                raise OutputInvalid(f"deployment {self.deployment.name!r} sent no event stream")
            async with aclosing(chunks):
                yield chunks

    @asynccontextmanager
    async def _post(
        self, prompt: Prompt, timeout_s: float, *, stream: bool
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        body = orjson.dumps(self._mapping.body(asked(self.deployment, prompt, stream=stream)))
        self.in_flight += 1
        try:
            async with self._client.post(
                self._url, body, self._mapping.headers, timeout_s
            ) as response:
                yield response
        finally:
            self.in_flight -= 1

    async def _whole(self, response: aiohttp.ClientResponse) -> AsyncIterator[Chunk]:
        """A server that ignores `stream` and answers at once."""
        completion = completion_of(_parsed(await self._client.read(response)), self._source)
        yield Chunk(
            text=completion.text,
            finish=completion.finish,
            usage=completion.usage,
            model=completion.model,
            tool_calls=completion.tool_calls,
        )

    async def _events(self, response: aiohttp.ClientResponse) -> AsyncIterator[Chunk]:
        assembly = Assembly(self._source)
        reader = EventReader()
        unpacker = Unpacker(response.headers.get("Content-Encoding", ""), MAX_STREAM_BYTES)
        patience = _Patience()
        while not assembly.marked:
            block = await self._next_block(response, assembly, patience)
            events = reader.feed(unpacker.feed(block)) if block else reader.end()
            for event in events:
                assembly.take_data(event)
            chunk = assembly.chunk()
            if chunk is not None:
                yield chunk
            if not block:
                break
        yield assembly.end()
        if assembly.marked:
            await drained(response, DRAIN_S)

    async def _next_block(
        self, response: aiohttp.ClientResponse, assembly: Assembly, patience: "_Patience"
    ) -> bytes:
        """Bytes as they come; empty at the end, or when enough was waited after a finish."""
        try:
            if not assembly.finished:
                return await response.content.readany()
            async with asyncio.timeout_at(patience.until_s()):
                return await response.content.readany()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if assembly.finished:
                return b""
            raise self._client.translated(error) from error


class _Patience:
    """When waiting ends, counted from the first time it is asked."""

    def __init__(self) -> None:
        self._until_s: float | None = None

    def until_s(self) -> float:
        if self._until_s is None:
            self._until_s = asyncio.get_running_loop().time() + AFTER_FINISH_S
        return self._until_s


def _parsed(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise OutputInvalid("the reply is no JSON") from error
