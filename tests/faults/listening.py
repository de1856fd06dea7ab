"""A TCP port that can stop and start listening without ever being lost to another process."""

import asyncio
import socket
import ssl
from collections.abc import Callable

BACKLOG = 4_096  # 10,000 callers may come at once; the kernel caps it at somaxconn


class Port:
    """One port, reserved by a socket that is bound and never listens."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self._reserved = _bound(host, port)
        self.number: int = self._reserved.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._opening: asyncio.Task[None] | None = None

    @property
    def listening(self) -> bool:
        """Whether new callers are taken."""
        return self._opening is not None

    def open(
        self, factory: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None = None
    ) -> None:
        """Listen; callers are queued from this moment on and accepted in the next turns."""
        if self._opening is not None:
            return
        listening = _bound(self.host, self.number)
        listening.listen(BACKLOG)
        loop = asyncio.get_running_loop()
        self._opening = loop.create_task(self._accept(listening, factory, tls))

    async def opened(self) -> None:
        """Return once callers are accepted."""
        if self._opening is not None:
            await self._opening

    async def close(self) -> None:
        """Refuse new callers."""
        if self._opening is None:
            return
        await self._opening
        self._opening = None
        if self._server is not None:
            self._server.close()

    async def release(self) -> None:
        """Close, and let others have the port."""
        await self.close()
        self._reserved.close()

    async def _accept(
        self,
        listening: socket.socket,
        factory: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(factory, sock=listening, backlog=BACKLOG, ssl=tls)


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setblocking(False)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
