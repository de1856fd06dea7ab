"""The tools of a process: over HTTP, and of MCP servers where some are configured."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

from gateway.adapters.mcp import McpTools
from gateway.adapters.tool_arguments import refusal
from gateway.config import Config
from gateway.core.options import Plan, Tool
from gateway.core.tools import OnBehalf

if TYPE_CHECKING:
    from gateway.adapters.http_tools import HttpTools

log = logging.getLogger(__name__)


class Tools:
    """The ToolRunner of all tools, each by its kind."""

    def __init__(self, config: Config, rng: Random) -> None:
        self._http: HttpTools | None = None
        self._mcp = McpTools(rng)
        self._config = config
        self._seen: tuple[Plan, Mapping[str, str], Plan] | None = None

    def start(self) -> None:
        """Connect to MCP servers in the background; say which tools are off."""
        self.take_over(self._config)

    def take_over(self, config: Config) -> None:
        """Go on with the tools of a new configuration."""
        for name, why in config.plan.tools_off.items():
            log.warning("tool %r is off: %s", name, why)
        self._mcp.use(config.mcp_servers, config.plan.tools)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._mcp.aclose()
        if self._http:
            await self._http.aclose()

    def refusal(self, tool: Tool, arguments: Mapping[str, Any]) -> str:
        """Why these arguments do not fit the tool's schema, for the model; empty: they do."""
        return refusal(tool, arguments)  # one rule for every kind

    async def run(
        self, tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf
    ) -> Mapping[str, Any] | None:
        """The allowed fields of its result; None: no such record of this customer."""
        runner = self._mcp if tool.mcp else self._over_http()
        return await runner.run(tool, arguments, behalf)

    def _over_http(self) -> "HttpTools":
        # measured: aiohttp takes 0.1 s to load; here it has come for the HTTP door or the models
        from gateway.adapters.http_tools import HttpTools  # noqa: PLC0415

        self._http = self._http or HttpTools()
        return self._http

    def in_force(self, plan: Plan) -> Plan:
        """The plan without the tools that MCP servers describe otherwise than approved."""
        off = self._mcp.off
        if not off:
            return plan
        if self._seen is None or self._seen[0] is not plan or self._seen[1] is not off:
            on = {name: tool for name, tool in plan.tools.items() if name not in off}
            rest = replace(plan, tools=on, tools_off={**plan.tools_off, **off})
            self._seen = (plan, off, rest)
        return self._seen[2]
