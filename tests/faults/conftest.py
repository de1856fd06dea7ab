"""A running fault server and a client for it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.faults import FaultServer, Options
from tests.faults.caller import Caller


@pytest.fixture
async def faults(anyio_backend: str) -> AsyncIterator[FaultServer]:
    """A server whose pauses last a fiftieth of what their names say."""
    async with FaultServer(Options(time_scale=0.02)) as server:
        yield server


@pytest.fixture
async def caller(faults: FaultServer) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, faults)
