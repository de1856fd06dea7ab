"""LiteLLM is loaded once per test run, in the background, as the gateway does it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.adapters.litellm import LitellmProvider, Loader
from tests.faults import FaultServer, Options


@pytest.fixture(scope="session")
def loader() -> Iterator[Loader]:
    loader = Loader()
    loader.start()
    yield loader
    loader.wait(60)


@pytest.fixture
async def faults() -> AsyncIterator[FaultServer]:
    async with FaultServer(Options(time_scale=0.05)) as server:
        yield server


@pytest.fixture
async def provider(loader: Loader) -> AsyncIterator[LitellmProvider]:
    provider = LitellmProvider(loader)
    yield provider
    await provider.aclose()
