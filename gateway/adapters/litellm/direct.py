"""The direct transport: LiteLLM's provider configuration around our own pooled HTTP client."""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import aiohttp
import orjson
from yarl import URL

from gateway.adapters.litellm.asking import asked
from gateway.adapters.litellm.chunks import EventStream
from gateway.adapters.litellm.http import Client
from gateway.adapters.litellm.loading import Vendor
from gateway.adapters.litellm.mapping import RequestMapping
from gateway.adapters.litellm.pricing import tariff_of
from gateway.adapters.litellm.reply import Source, completion_of
from gateway.adapters.litellm.whole import WholeReplies
from gateway.core.errors import ConnectFailed, OutputInvalid
from gateway.core.model import Chunk, Completion, Prompt
from gateway.core.options import Deployment


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
        self._whole_replies = WholeReplies(self._client, self._url, self._mapping.headers)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """Ask once."""
        reply = await self._whole_replies.ask(self._body(prompt, stream=False), timeout_s)
        return completion_of(self._parsed(reply), self._source)

    @asynccontextmanager
    async def stream(self, prompt: Prompt, timeout_s: float) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream."""
        body = self._body(prompt, stream=True)
        headers = self._mapping.headers
        async with self._client.post(self._url, body, headers, timeout_s) as response:
            if response.content_type == "application/json":
                async with aclosing(self._whole(response)) as chunks:
                    yield chunks
            else:  # whatever it is called: what is in it decides
                yield EventStream(response, self._client, self._source, timeout_s)

    def _body(self, prompt: Prompt, *, stream: bool) -> bytes:
        return orjson.dumps(self._mapping.body(asked(self.deployment, prompt, stream=stream)))

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


def _address(deployment: Deployment, url: str) -> URL:
    try:
        return URL(url)
    except ValueError as error:
        name, base_url = deployment.name, deployment.base_url
        raise ConnectFailed(f"deployment {name!r}: base_url {base_url!r} is no address") from error
