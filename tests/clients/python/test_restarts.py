"""Restarts of the gateway under load are not seen by callers of the client as it ships."""

import os
from pathlib import Path

import pytest

from tests.clients.python.restarts import restarted

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

RESTARTS = 20 if os.environ.get("ERP_GATEWAY_REQUIRE_TOOLS") else 3
CALLERS = 64


@pytest.mark.parametrize("threads", [True, False], ids=["sync", "async"])
async def test_no_call_fails_while_the_gateway_restarts_again_and_again(
    threads: bool, tmp_path: Path
) -> None:
    seen = await restarted(tmp_path, RESTARTS, CALLERS, threads=threads)
    assert seen.failed == {}
    assert seen.answered >= RESTARTS * CALLERS
