"""A port that is open before what answers on it has loaded."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

import pytest

from gateway.wiring.late import LatePort

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """The gateway runs on uvloop, which begins to read at another moment than asyncio does."""
    return "asyncio", {"use_uvloop": request.param}


class Echo(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(b"heard " + data)


@asynccontextmanager
async def opened(late: Callable[[], asyncio.Protocol]) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(late, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def waiting(late: LatePort, count: int) -> None:
    async with asyncio.timeout(10):
        while f"{count} wait" not in repr(late):
            await asyncio.sleep(0)
    for _ in range(10):  # time for the loop to read what was sent
        await asyncio.sleep(0)


async def test_who_comes_early_waits_and_is_heard_in_full() -> None:
    late = LatePort()
    async with opened(late) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"early")
        await waiting(late, 1)
        writer.write(b" and later")
        late.serve(Echo)
        told = await reader.readexactly(11)
        assert told == b"heard early"
        reader, other = await asyncio.open_connection("127.0.0.1", port)
        other.write(b"late")
        assert await reader.readexactly(10) == b"heard late"
        writer.close()
        other.close()
    assert repr(late) == "LatePort(serving, 0 wait)"


async def test_who_is_just_being_accepted_when_serving_begins_is_answered() -> None:
    late = LatePort()

    def accept() -> asyncio.Protocol:
        accepted = late()
        late.serve(Echo)  # before the loop has told the protocol of its connection
        return accepted

    async with opened(accept) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"early")
        assert await reader.readexactly(11) == b"heard early"
        writer.write(b"later")
        assert await reader.readexactly(11) == b"heard later"
        writer.close()


async def test_who_is_just_being_accepted_when_the_port_closes_is_hung_up_on() -> None:
    late = LatePort()

    def accept() -> asyncio.Protocol:
        accepted = late()
        late.close()
        return accepted

    async with opened(accept) as port, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_who_waits_is_hung_up_on_when_the_port_closes() -> None:
    late = LatePort()
    async with opened(late) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await waiting(late, 1)
        late.close()
        assert await reader.read() == b""
        writer.close()
        await waiting(late, 0)
