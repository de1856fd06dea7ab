"""The fake ERP as an MCP server, over streamable HTTP or over pipes, by the official SDK."""

import os
from typing import Annotated, Any

import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from tests.fake_erp.records import NotAllowed, NotNow, NotThere, Records

Number = Annotated[str, Field(min_length=3, max_length=40)]

TWIST = "FAKE_ERP_TWIST"
"""Environment variable: a sentence that every description ends with, as after an update."""


def server(records: Records) -> MCPServer:
    made = MCPServer("fake-erp")
    twist = os.environ.get(TWIST, "")

    def said(description: str) -> str:
        return f"{description} {twist}".strip()

    @made.tool(description=said("Looks up one order of the customer, its state and its items."))
    async def get_order(order_id: Number) -> dict[str, Any]:
        return _found(records.order, order_id)

    @made.tool(description=said("Looks up the refund of one order of the customer."))
    async def get_refund(order_id: Number) -> dict[str, Any]:
        return _found(records.refund, order_id)

    @made.tool(description=said("Looks up where a parcel of the customer is."))
    async def track_parcel(tracking_no: Number) -> dict[str, Any]:
        return _found(records.parcel, tracking_no)

    @made.tool(description=said("Looks up how many pieces of an item there are."))
    async def get_stock(sku: Number) -> dict[str, Any]:
        return _found(records.stock, sku)

    @made.tool(description=said("Cancels one pending order of the customer."))
    async def cancel_order(order_id: Number, customer_id: str) -> dict[str, Any]:
        return _found(records.cancel, order_id, customer_id)

    return made


def _found(look_up: Any, *arguments: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = look_up(*arguments)
    except NotThere:
        raise ToolError("record not found") from None
    except NotAllowed:
        raise ToolError("not this customer's") from None
    except NotNow:
        raise ToolError("not in this state") from None
    return found


def serve_http(port: int) -> None:
    """Serve on loopback until SIGTERM; prints the address once it listens."""
    app = server(Records()).streamable_http_app()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="on")
    uvicorn.Server(config).run()


def serve_pipes() -> None:
    """Serve over stdin and stdout until stdin ends."""
    server(Records()).run(transport="stdio")
