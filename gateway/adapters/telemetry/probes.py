"""What ops' probes ask of a process, and the port they ask at, without what answers there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

Holds = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Probes:
    """`started`: everything is loaded; `ready`: new calls are welcome."""

    started: Holds
    ready: Holds


async def listening(answers: Callable[[], asyncio.BaseProtocol], address: str) -> asyncio.Server:
    """Listen; `answers` makes each connection's protocol. Raises OSError without the address."""
    host, _, port = address.rpartition(":")
    try:
        loop = asyncio.get_running_loop()
        return await loop.create_server(answers, host.strip("[]"), int(port))
    except OSError as error:
        told = f"cannot listen on {address!r} (metrics.listen): is it in use?"
        raise OSError(told) from error


def port_of(listener: asyncio.Server | None) -> int:
    """The port in use; 0 without one."""
    if listener is None or not listener.sockets:
        return 0
    return int(listener.sockets[0].getsockname()[1])
