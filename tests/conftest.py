"""What every test may ask for."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, which is what the gateway runs on."""
    return "asyncio"
