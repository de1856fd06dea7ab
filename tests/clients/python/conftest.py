"""One gateway with its models for all tests of a module, as a process of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.golden.serve import Addresses
from tests.processes import ROOT


@pytest.fixture(scope="module")
def addresses() -> Iterator[Addresses]:
    command = [sys.executable, "-m", "tests.golden.serve"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        try:
            yield Addresses(**json.loads(process.stdout.readline()))
        finally:
            process.terminate()
            process.wait(60)
