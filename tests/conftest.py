"""What every test shares."""

import pytest
from hypothesis import settings

settings.register_profile("gateway", deadline=None)  # a busy machine is no failure
settings.load_profile("gateway")


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the server does."""
    return "asyncio"
