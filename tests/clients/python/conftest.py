"""One gateway with its models for all tests of a module, as a process of its own."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from tests.golden.serve import Addresses
from tests.processes import ROOT


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all tests of a module.

    grpc.aio tells a closed loop of calls that ended late, and whichever test runs then fails.
    """
    return "asyncio"


@pytest.fixture(scope="module", autouse=True)
async def one_loop(anyio_backend: str) -> AsyncIterator[None]:  # its loop
    """Keeps the loop open between tests."""
    yield  # noqa: PT022 # a fixture that has ended would let the loop go


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    with serving("plain") as found:
        yield found


@contextmanager
def serving(security: str) -> Iterator[Addresses]:
    """The golden set's gateway: `plain`, `tls` or `mtls`."""
    command = [sys.executable, "-m", "tests.golden.serve", security]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            yield Addresses(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(60)
