"""Opens the HTTP door's port, without what answers on it: aiohttp takes 0.1 s to load."""

import asyncio
from collections.abc import Callable

from gateway.api.http_options import HttpOptions

BACKLOG = 4_096
"""Connections that wait to be accepted; the kernel may allow fewer."""


async def listening(
    answers: Callable[[], asyncio.BaseProtocol], options: HttpOptions
) -> asyncio.Server:
    """Listen; `answers` makes each connection's protocol. Raises OSError without the address."""
    host, _, port = options.address.rpartition(":")
    try:
        return await asyncio.get_running_loop().create_server(
            answers,
            host.strip("[]"),
            int(port),
            ssl=options.tls,
            backlog=BACKLOG,
            reuse_port=options.shared_port,
        )
    except OSError as error:
        told = f"cannot listen on {options.address!r}: is another server using it?"
        raise OSError(told) from error
