"""Tools of MCP servers: the only place that imports the MCP SDK, and only when it is needed."""

from gateway.adapters.mcp.link import Link
from gateway.adapters.mcp.tools import McpTools

__all__ = ["Link", "McpTools"]
