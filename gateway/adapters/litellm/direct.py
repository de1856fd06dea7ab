"""The direct transport: LiteLLM's provider configuration around our own pooled HTTP client."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

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
from gateway.core.errors import ConnectFailed, OutputInvalid
from gateway.core.model import Chunk, Completion, Prompt
from gateway.core.options import Deployment

AFTER_FINISH_S = 1.0
"""How long usage and the end marker are waited for after a finish reason."""
LEAVE_IN_TIME = 0.9
"""... but not beyond this share of the stream's time: a whole answer must not time out."""
DRAIN_S = 0.02
"""How long the end of the HTTP body is waited for after the end marker."""


class DirectTransport:
    """Speaks to one deployment."""

    def __init__(self, deployment: Deployment, vendor: Vendor, tls: ssl.SSLContext) -> None:
        self.deployment = deployment
        self._mapping = RequestMapping(deployment, vendor)
        self._url = _address(deployment, self._mapping.url)
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
        return completion_of(self._parsed(body), self._source)

    @asynccontextmanager
    async def stream(self, prompt: Prompt, timeout_s: float) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream."""
        async with self._post(prompt, timeout_s, stream=True) as response:
            if response.content_type == "application/json":
                chunks = self._whole(response)
            else:  # whatever it is called: what is in it decides
                chunks = self._events(response, _Patience(timeout_s))
            async with aclosing(chunks):
                yield chunks

    def _post(
        self, prompt: Prompt, timeout_s: float, *, stream: bool
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        body = orjson.dumps(self._mapping.body(asked(self.deployment, prompt, stream=stream)))
        return self._client.post(self._url, body, self._mapping.headers, timeout_s)

    def _parsed(self, raw: bytes) -> object:
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise OutputInvalid(f"deployment {self.deployment.name!r} sent no JSON") from error

    async def _whole(self, response: aiohttp.ClientResponse) -> AsyncGenerator[Chunk, None]:
        """A server that ignores `stream` and answers at once."""
        completion = completion_of(self._parsed(await self._client.read(response)), self._source)
        yield Chunk(
            text=completion.text,
            finish=completion.finish,
            usage=completion.usage,
            model=completion.model,
            tool_calls=completion.tool_calls,
        )

    async def _events(
        self, response: aiohttp.ClientResponse, patience: "_Patience"
    ) -> AsyncGenerator[Chunk, None]:
        assembly = Assembly(self._source)
        reader = EventReader()
        unpacker = Unpacker(
            response.headers.get("Content-Encoding", ""), MAX_STREAM_BYTES, self.deployment.name
        )
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


def _address(deployment: Deployment, url: str) -> URL:
    try:
        return URL(url)
    except ValueError as error:
        name, base_url = deployment.name, deployment.base_url
        raise ConnectFailed(f"deployment {name!r}: base_url {base_url!r} is no address") from error


class _Patience:
    """When waiting after the finish reason ends: a little before the stream's own time does."""

    def __init__(self, timeout_s: float) -> None:
        self._clock = asyncio.get_running_loop().time
        self._latest_s = self._clock() + timeout_s * LEAVE_IN_TIME
        self._until_s: float | None = None

    def until_s(self) -> float:
        if self._until_s is None:
            self._until_s = min(self._clock() + AFTER_FINISH_S, self._latest_s)
        return self._until_s
