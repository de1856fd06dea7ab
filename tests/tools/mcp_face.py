"""The scripted tools as an MCP server, by the official SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError

from tests.tools.replay import ScriptedTools


@asynccontextmanager
async def mcp_face(tools: ScriptedTools) -> AsyncIterator[str]:
    """Serves on loopback; gives the address."""
    app = _server(tools).streamable_http_app()
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # uvicorn has no event for it
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.should_exit = server.force_exit = True
        await serving


def _server(tools: ScriptedTools) -> MCPServer:
    made = MCPServer("scripted")

    async def behaved(context: Context[Any, Any], tool: str, **arguments: str) -> dict[str, Any]:
        meta: dict[str, Any] = dict(context.request_context.meta or {})
        name, owner = meta["gateway.erpai/request-id"], meta.get("gateway.erpai/customer-id", "")
        found = await tools.behave(name, tool, arguments, owner)
        if found is None:
            raise ToolError("not found")
        return found

    @made.tool(description="A look-up.")
    async def get_order(order_id: str, context: Context[Any, Any]) -> dict[str, Any]:
        return await behaved(context, "get_order", order_id=order_id)

    @made.tool(description="A look-up.")
    async def track(tracking_no: str, context: Context[Any, Any]) -> dict[str, Any]:
        return await behaved(context, "track", tracking_no=tracking_no)

    @made.tool(description="A look-up.")
    async def get_stock(sku: str, context: Context[Any, Any]) -> dict[str, Any]:
        return await behaved(context, "get_stock", sku=sku)

    @made.tool(description="Cancels an order.")
    async def cancel_order(
        order_id: str, customer_id: str, context: Context[Any, Any]
    ) -> dict[str, Any]:
        assert customer_id
        return await behaved(context, "cancel_order", order_id=order_id)

    return made
