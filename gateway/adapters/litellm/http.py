"""One pooled HTTP client per deployment: bounded, warm, deaf to redirects and to bombs."""

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import orjson
from yarl import URL

from gateway.adapters.litellm.errors import Kind
from gateway.adapters.litellm.retry_after import retry_after_s
from gateway.adapters.litellm.translating import SUCCESS, code_of, kind_of_exception, kind_of_reply
from gateway.core.errors import OutputInvalid, ProviderError
from gateway.core.options import Deployment

MAX_REPLY_BYTES = 4 * 1024 * 1024
"""Longest unary reply, unpacked. A 128k-token answer is about 0.6 MB."""
MAX_STREAM_BYTES = 64 * 1024 * 1024
"""Longest stream, unpacked: about 250 bytes an event, 128k tokens, twice."""
MAX_ERROR_BYTES = 64 * 1024
KEEP_ALIVE_S = 60.0
"""An idle connection is kept this long; below the 75 s and more of common load balancers."""
DNS_TTL_S = 30


class Client:
    """The connections to one deployment, at most `concurrency.maximum` of them.

    `kind_of`: what a refusal means, by its status and its parsed body.
    """

    def __init__(
        self,
        deployment: Deployment,
        tls: ssl.SSLContext,
        kind_of: Callable[[int, object], Kind] = kind_of_reply,
    ) -> None:
        self._name = deployment.name
        self._kind_of = kind_of
        self._connect_s = deployment.timeouts.connect_s
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=deployment.concurrency.maximum,
                keepalive_timeout=KEEP_ALIVE_S,
                ttl_dns_cache=DNS_TTL_S,
                ssl=tls,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # unpacked here, within bounds
            trust_env=False,
            headers={"User-Agent": "erp-ai-gateway", "Accept-Encoding": "gzip, deflate"},
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._session.close()

    @asynccontextmanager
    async def post(
        self, url: URL, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send, and hand out the reply once its head is there and its status is a success.

        Leaving the block closes the connection unless the reply was read to its end. Raises what
        the failure means, never anything of aiohttp's.
        """
        connect_s = min(self._connect_s, timeout_s)
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=connect_s)
        try:
            response = await self._session.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise self.translated(error) from error
        try:
            if response.status // 100 != SUCCESS:
                raise await self._refused(response)
            yield response
        finally:
            response.release() if response.content.at_eof() else response.close()

    def translated(self, error: BaseException) -> ProviderError:
        """What an error of aiohttp's means; only its class goes into the text."""
        return kind_of_exception(error)(f"deployment {self._name!r}: {type(error).__name__}")

    async def read(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body, unpacked. Raises OutputInvalid above MAX_REPLY_BYTES."""
        try:
            return await _bounded(response, MAX_REPLY_BYTES, self._name)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self.translated(error) from error

    async def _refused(self, response: aiohttp.ClientResponse) -> ProviderError:
        body = await self._error_body(response)
        kind, code = self._kind_of(response.status, body), code_of(body)
        return kind(
            f"deployment {self._name!r} answered HTTP {response.status} {code}".rstrip(),
            retry_after_s=retry_after_s(response.headers, time.time()),
        )

    async def _error_body(self, response: aiohttp.ClientResponse) -> object:
        """The error's JSON, or None: the status still says enough."""
        try:
            return orjson.loads(await _bounded(response, MAX_ERROR_BYTES, self._name))
        except (aiohttp.ClientError, TimeoutError, OSError, OutputInvalid, ValueError):
            return None


class Unpacker:
    """Undoes Content-Encoding within a bound on everything unpacked."""

    __slots__ = ("_deployment", "_left", "_limit", "_zlib")

    def __init__(self, encoding: str, limit: int, deployment: str) -> None:
        self._deployment = deployment
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "deflate"):
            raise OutputInvalid(f"deployment {deployment!r} packed its reply in an unknown way")
        self._zlib = (
            zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding in ("gzip", "deflate") else None
        )
        self._limit = self._left = limit

    def feed(self, block: bytes) -> bytes:
        """The block unpacked. Raises OutputInvalid when the bound is passed or bytes are bad."""
        if self._zlib is not None:
            try:
                block = self._zlib.decompress(block, self._left + 1)
            except zlib.error as error:
                raise OutputInvalid(f"{self._deployment!r} sent what cannot be unpacked") from error
        self._left -= len(block)
        if self._left < 0:
            raise too_long(self._deployment, self._limit)
        return block


def too_long(deployment: str, limit: int) -> OutputInvalid:
    """The error for a reply beyond its bound."""
    return OutputInvalid(f"the reply of deployment {deployment!r} is longer than {limit} bytes")


async def _bounded(response: aiohttp.ClientResponse, limit: int, deployment: str) -> bytes:
    if (response.content_length or 0) > limit:
        raise too_long(deployment, limit)
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""), limit, deployment)
    blocks = [unpacker.feed(block) async for block in response.content.iter_any()]
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


async def drained(response: aiohttp.ClientResponse, within_s: float) -> None:
    """Wait shortly for the end of a body that is whole, so that its connection can be kept."""
    try:
        async with asyncio.timeout(within_s):
            await response.content.read(1)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return
