"""Restarts of the gateway under load are not seen by callers of the client as it ships."""

import os
from pathlib import Path

import pytest

from erp_gateway_client import Settings
from tests.clients.python.restarts import restarted

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

RESTARTS = 20 if os.environ.get("ERP_GATEWAY_REQUIRE_TOOLS") else 3
CALLERS = 64
PATIENT = Settings(deadline_s=120)
"""As it ships, but for the deadline: on a busy machine a gateway takes 15 s to start."""


@pytest.mark.parametrize("threads", [True, False], ids=["sync", "async"])
async def test_no_call_fails_while_the_gateway_restarts_again_and_again(
    threads: bool, tmp_path: Path
) -> None:
    seen = await restarted(tmp_path, RESTARTS, CALLERS, threads=threads, settings=PATIENT)
    assert seen.failed == {}
    assert seen.answered >= RESTARTS * CALLERS
