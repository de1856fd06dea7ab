"""What every test shares."""

import os
import shutil

import pytest
from hypothesis import settings

settings.register_profile("gateway", deadline=None)  # a busy machine is no failure
settings.load_profile("gateway")

INSTALLED_BY = {
    "openssl": "apt-get install openssl",
    "curl": "apt-get install curl",
    "promtool": "apt-get install --no-install-recommends prometheus",
    "kubectl": "apt-get install kubernetes-client",
    "redis-server": "apt-get install redis-server",
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that needs a tool of the machine is skipped aloud without it; in CI it fails."""
    for mark in item.iter_markers("needs"):
        for tool in mark.args:
            if shutil.which(tool) is None:
                told = f"no {tool} here; install it with: {INSTALLED_BY.get(tool, 'apt-get')}"
                if os.environ.get("ERP_GATEWAY_REQUIRE_TOOLS"):
                    pytest.fail(told, pytrace=False)
                pytest.skip(told)


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the server does."""
    return "asyncio"
