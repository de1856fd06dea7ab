"""One pooled HTTP client per deployment: bounded, warm, deaf to redirects and to bombs."""

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol

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
ERROR_BODY_S = 1.0
"""Longest wait for the body of a refusal, and never more than half of the time that is left: one
that does not come must not turn a 429 into a timeout."""
OWN_HEADERS = {"User-Agent": "erp-ai-gateway", "Accept-Encoding": "gzip, deflate"}
KEEP_ALIVE_S = 60.0
"""An idle connection is kept this long; below the 75 s and more of common load balancers."""
DNS_TTL_S = 30


class Body(Protocol):
    """What is left of a reply when its head has been read."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Of the reply."""
        ...

    @property
    def content(self) -> aiohttp.StreamReader:
        """Its bytes to come."""
        ...


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
        self.name = deployment.name
        self._kind_of = kind_of
        self._connect_s = deployment.timeouts.connect_s
        self._connect_timeout = aiohttp.ClientTimeout(sock_connect=self._connect_s)
        self.connector = aiohttp.TCPConnector(
            limit=deployment.concurrency.maximum,
            keepalive_timeout=KEEP_ALIVE_S,
            ttl_dns_cache=DNS_TTL_S,
            ssl=tls,
        )
        self._session = aiohttp.ClientSession(
            connector=self.connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # unpacked here, within bounds
            trust_env=False,
            headers=OWN_HEADERS,
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
        connect_s, began_s = min(self._connect_s, timeout_s), time.monotonic()
        timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=connect_s)
        try:
            response = await self._session.post(
                url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise self.translated(error) from error
        try:
            if response.status // 100 != SUCCESS:
                left_s = began_s + timeout_s - time.monotonic()
                raise await self.refused(
                    response.status, response.headers, response.content, left_s
                )
            yield response
        finally:
            response.release() if response.content.at_eof() else response.close()

    def request(self, url: URL, headers: Mapping[str, str]) -> aiohttp.ClientRequest:
        """A request as the session would send it; only its body is empty."""
        return aiohttp.ClientRequest(
            "POST",
            url,
            headers={**OWN_HEADERS, **headers},
            data=b"",
            loop=asyncio.get_running_loop(),
            session=self._session,
        )

    def connect_timeout(self, timeout_s: float) -> aiohttp.ClientTimeout:
        """For the handshake alone."""
        if timeout_s >= self._connect_s:
            return self._connect_timeout
        return aiohttp.ClientTimeout(sock_connect=timeout_s)

    def translated(self, error: BaseException) -> ProviderError:
        """What an error of aiohttp's means; only its class goes into the text."""
        return kind_of_exception(error)(f"deployment {self.name!r}: {type(error).__name__}")

    async def read(self, response: Body) -> bytes:
        """The whole body, unpacked. Raises OutputInvalid above MAX_REPLY_BYTES."""
        try:
            return await bounded(response.headers, response.content, MAX_REPLY_BYTES, self.name)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self.translated(error) from error

    async def refused(
        self,
        status: int,
        headers: Mapping[str, str],
        content: aiohttp.StreamReader,
        left_s: float,
    ) -> ProviderError:
        """What a reply without success means; `left_s`: of the time for the whole try."""
        body = None
        with suppress(TimeoutError):
            async with asyncio.timeout(min(ERROR_BODY_S, left_s / 2)):
                body = await self._error_body(headers, content)
        kind, code = self._kind_of(status, body), code_of(body)
        return kind(
            f"deployment {self.name!r} answered HTTP {status} {code}".rstrip(),
            retry_after_s=retry_after_s(headers, time.time()),
        )

    async def _error_body(
        self, headers: Mapping[str, str], content: aiohttp.StreamReader
    ) -> object:
        """The error's JSON, or None: the status still says enough."""
        try:
            return orjson.loads(await bounded(headers, content, MAX_ERROR_BYTES, self.name))
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


async def bounded(
    headers: Mapping[str, str], content: aiohttp.StreamReader, limit: int, deployment: str
) -> bytes:
    """The whole body, unpacked. Raises OutputInvalid above the limit."""
    if int(headers.get("Content-Length") or 0) > limit:
        raise too_long(deployment, limit)
    unpacker = Unpacker(headers.get("Content-Encoding", ""), limit, deployment)
    blocks = [unpacker.feed(block) async for block in content.iter_any()]
    return blocks[0] if len(blocks) == 1 else b"".join(blocks)


async def drained(response: Body, within_s: float) -> None:
    """Wait shortly for the end of a body that is whole, so that its connection can be kept."""
    try:
        async with asyncio.timeout(within_s):
            await response.content.read(1)
    except (aiohttp.ClientError, TimeoutError, OSError):
        return
