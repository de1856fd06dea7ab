"""One gateway with its models for all tests of a module, as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.golden.serve import Addresses
from tests.processes import ROOT


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
