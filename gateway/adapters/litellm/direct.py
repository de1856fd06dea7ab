"""The direct transport: LiteLLM's provider configuration around our own pooled HTTP client."""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

import orjson
from yarl import URL

from gateway.adapters.litellm.asking import asked
from gateway.adapters.litellm.chunks import EventStream
from gateway.adapters.litellm.exchanges import Exchanges
from gateway.adapters.litellm.http import Body, Client
from gateway.adapters.litellm.loading import Vendor
from gateway.adapters.litellm.mapping import RequestMapping
from gateway.adapters.litellm.pricing import tariff_of
from gateway.adapters.litellm.reply import Source, completion_of
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
        self._exchanges = Exchanges(self._client, self._url, self._mapping.headers)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.aclose()

    async def complete(self, prompt: Prompt, timeout_s: float) -> Completion:
        """Ask once."""
        reply = await self._exchanges.whole(self._body(prompt, stream=False), timeout_s)
        return completion_of(self._parsed(reply), self._source)

    @asynccontextmanager
    async def stream(self, prompt: Prompt, timeout_s: float) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask once for a stream."""
        async with self._exchanges.begun(self._body(prompt, stream=True), timeout_s) as reply:
            if _is_json(reply):
                async with aclosing(self._whole(reply)) as chunks:
                    yield chunks
            else:  # whatever it is called: what is in it decides
                yield EventStream(reply, self._client, self._source, timeout_s)

    def _body(self, prompt: Prompt, *, stream: bool) -> bytes:
        return orjson.dumps(self._mapping.body(asked(self.deployment, prompt, stream=stream)))

    def _parsed(self, raw: bytes) -> object:
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise OutputInvalid(f"deployment {self.deployment.name!r} sent no JSON") from error

    async def _whole(self, reply: Body) -> AsyncGenerator[Chunk, None]:
        """A server that ignores `stream` and answers at once."""
        completion = completion_of(self._parsed(await self._client.read(reply)), self._source)
        yield Chunk(
            text=completion.text,
            finish=completion.finish,
            usage=completion.usage,
            model=completion.model,
            tool_calls=completion.tool_calls,
        )


def _is_json(reply: Body) -> bool:
    kind = reply.headers.get("Content-Type", "").partition(";")[0]
    return kind.strip().lower() == "application/json"


def _address(deployment: Deployment, url: str) -> URL:
    try:
        return URL(url)
    except ValueError as error:
        name, base_url = deployment.name, deployment.base_url
        raise ConnectFailed(f"deployment {name!r}: base_url {base_url!r} is no address") from error
