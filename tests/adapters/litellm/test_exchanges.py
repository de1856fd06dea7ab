"""Requests over pooled connections: sent as a session sends, kept only when read to the end."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from yarl import URL

from gateway.adapters.litellm.exchanges import Exchanges
from gateway.adapters.litellm.http import Client
from gateway.core.errors import (
    ConnectFailed,
    ConnectionLost,
    OutputInvalid,
    ProviderTimeout,
    RateLimited,
    ServerError,
)
from tests.adapters.litellm.samples import deployment

pytestmark = pytest.mark.anyio

HEADERS = {"Authorization": "Bearer k", "Content-Type": "application/json", "X-Own": "1"}
BODY = b'{"model":"m"}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class Peer:
    """Answers each request with the next of `replies`; an empty one leaves it waiting.

    `writers`: of its connections, by which it can say what nobody has asked for.
    """

    def __init__(self, *replies: bytes) -> None:
        self._replies = list(replies)
        self.heads: list[bytes] = []
        self.connections = 0
        self.asked = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while True:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                await reader.readexactly(len(BODY))
                self.asked.set()
                writer.write(self._replies.pop(0))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def asking(
    peer: Peer, headers: dict[str, str] | None = None
) -> AsyncIterator[tuple[Exchanges, Client, URL]]:
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    client = Client(deployment(), ssl.create_default_context())
    url = URL(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/chat?a=b")
    async with server:
        try:
            yield Exchanges(client, url, HEADERS if headers is None else headers), client, url
        finally:
            await client.aclose()


async def test_a_request_is_sent_as_the_session_sends_it() -> None:
    peer = Peer(OK, OK)
    async with asking(peer) as (exchanges, client, url):
        assert await exchanges.whole(BODY, 5) == b"hi"
        async with client.post(url, BODY, HEADERS, 5) as response:
            assert await client.read(response) == b"hi"
    ours, theirs = (sorted(head.split(b"\r\n")) for head in peer.heads)
    assert ours == theirs
    assert peer.connections == 1


async def test_an_answered_refusal_keeps_its_connection() -> None:
    peer = Peer(OK.replace(b"200 OK", b"500 No"), OK)
    async with asking(peer) as (exchanges, _, _):
        with pytest.raises(ServerError):
            await exchanges.whole(BODY, 5)
        assert await exchanges.whole(BODY, 5) == b"hi"
    assert peer.connections == 1


async def test_a_refusal_whose_body_does_not_come_is_still_what_its_status_says() -> None:
    head = b"HTTP/1.1 429 No\r\nRetry-After: 7\r\nContent-Length: 20\r\n\r\n{"
    peer = Peer(head, head, head, OK)
    async with asking(peer) as (exchanges, client, url):
        for ask in (exchanges.whole(BODY, 0.4), _by_session(client, url), _streamed(exchanges)):
            with pytest.raises(RateLimited) as refused:
                async with asyncio.timeout(0.4):  # as the try has that asks
                    await ask
            assert refused.value.retry_after_s == 7
        assert await exchanges.whole(BODY, 5) == b"hi"
    assert peer.connections == 4


async def _by_session(client: Client, url: URL) -> None:
    async with client.post(url, BODY, HEADERS, 0.4):
        pass


async def _streamed(exchanges: Exchanges) -> bytes:
    async with exchanges.begun(BODY, 0.4) as reply:
        return await reply.content.read()


async def test_a_stream_that_was_read_to_its_end_keeps_its_connection() -> None:
    peer = Peer(OK, OK)
    async with asking(peer) as (exchanges, _, _):
        assert await _streamed(exchanges) == b"hi"
        assert await _streamed(exchanges) == b"hi"
    assert peer.connections == 1


async def test_a_stream_that_was_left_before_its_end_is_hung_up_on() -> None:
    peer = Peer(OK.replace(b"Length: 2", b"Length: 9"), OK)
    async with asking(peer) as (exchanges, _, _):
        async with exchanges.begun(BODY, 5) as reply:
            assert await reply.content.readany() == b"hi"
        assert await _streamed(exchanges) == b"hi"
    assert peer.connections == 2


async def test_a_stream_whose_head_does_not_come_is_a_timeout() -> None:
    peer = Peer(b"", OK)
    async with asking(peer) as (exchanges, _, _):
        with pytest.raises(ProviderTimeout):
            async with exchanges.begun(BODY, 0.2):
                pass
        assert await _streamed(exchanges) == b"hi"
    assert peer.connections == 2


async def test_a_reply_that_nobody_waits_for_any_more_reaches_no_other_call() -> None:
    peer = Peer(b"", OK.replace(b"hi", b"ho"))
    async with asking(peer) as (exchanges, _, _):
        first = asyncio.create_task(exchanges.whole(BODY, 5))
        await peer.asked.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await exchanges.whole(BODY, 5) == b"ho"
    assert peer.connections == 2


@pytest.mark.parametrize("ask", [lambda exchanges: exchanges.whole(BODY, 5), _streamed])
async def test_what_came_before_a_call_was_sent_is_not_its_answer(
    ask: Callable[[Exchanges], Awaitable[bytes]],
) -> None:
    peer = Peer(OK, OK.replace(b"hi", b"ho"))
    async with asking(peer) as (exchanges, _, _):
        assert await exchanges.whole(BODY, 5) == b"hi"
        peer.writers[0].write(OK.replace(b"hi", b"no"))
        await asyncio.sleep(0.05)
        with pytest.raises(ConnectionLost):
            await ask(exchanges)
        assert await exchanges.whole(BODY, 5) == b"ho"
    assert peer.connections == 2


async def test_early_hints_are_no_answer() -> None:
    async with asking(Peer(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK)) as (
        exchanges,
        _,
        _,
    ):
        assert await exchanges.whole(BODY, 5) == b"hi"


async def test_what_is_no_http_is_a_lost_connection() -> None:
    async with asking(Peer(b"SSH-2.0-OpenSSH\r\n\r\n")) as (exchanges, _, _):
        with pytest.raises(ConnectionLost):
            await exchanges.whole(BODY, 5)


@pytest.mark.parametrize("key", ["a\r\nHost: evil", "a\nb", "a\0b"])
async def test_a_key_with_a_line_break_is_never_sent(key: str) -> None:
    peer = Peer(OK)
    async with asking(peer, {"Authorization": key}) as (exchanges, _, _):
        with pytest.raises(OutputInvalid):
            await exchanges.whole(BODY, 5)
    assert peer.heads == []


async def test_an_address_of_another_kind_is_a_failed_connection() -> None:
    async with asking(Peer()) as (_, client, _):
        with pytest.raises(ConnectFailed):
            await Exchanges(client, URL("ftp://h/v1"), HEADERS).whole(BODY, 5)
