"""The SDK is heavy and optional: loaded when a server is connected to, and missed by name."""

import asyncio
import sys

import pytest

from tests.processes import ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

UNLOADED = """
import sys, gateway.wiring
print([name for name in ("mcp", "mcp_types", "httpx2", "starlette") if name in sys.modules])
"""
MISSING = """
import asyncio, sys
sys.modules["mcp"] = None  # as where it is not installed
from gateway.adapters.mcp.session import SdkMissing, connect
from gateway.core.options import McpServer
async def main():
    async with connect(McpServer(name="erp", url="http://127.0.0.1:1/mcp"), lambda: None):
        pass
try:
    asyncio.run(main())
except SdkMissing as error:
    print(error)
"""


async def printed(program: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return out.decode().strip()


async def test_a_gateway_without_servers_does_not_load_the_sdk() -> None:
    assert await printed(UNLOADED) == "[]"


async def test_a_missing_sdk_is_named_with_its_remedy() -> None:
    told = "MCP servers need the optional package: pip install 'erp-ai-gateway[mcp]'"
    assert await printed(MISSING) == told
