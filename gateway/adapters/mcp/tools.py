"""Runs tools of MCP servers: the ToolRunner over one link for each server."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from random import Random
from typing import Any

import orjson

from gateway.adapters.mcp.link import Link
from gateway.adapters.mcp.session import Connect, Said, SessionLost, connect
from gateway.adapters.tool_arguments import refusal
from gateway.adapters.tool_request import belongs_to, projected
from gateway.core.described import Described, why_changed
from gateway.core.errors import ToolFailed, ToolNotReached, ToolRefused
from gateway.core.options import Fact, McpBinding, McpServer, Tool
from gateway.core.tools import OnBehalf

META = "gateway.erpai/"
"""Prefix of what every call carries in `_meta`: customer-id, tenant, request-id,
idempotency-key."""

LINGER_S = 5.0
"""A link that a new configuration does not need is closed after this; a tool has 3 s by default."""
FRESH_S = 5.0
"""A tool that reads is run if its description was compared this long ago; one that writes is
compared first. A list costs a few milliseconds."""

log = logging.getLogger(__name__)


class McpTools:
    """The ToolRunner of MCP tools. `use` connects in the background, `aclose()` ends it.

    `off`: tools that their servers describe otherwise than approved, with the reason.
    """

    def __init__(self, rng: Random, connect: Connect = connect) -> None:
        self._rng = rng
        self._connect = connect
        self._bindings: Mapping[str, McpBinding] = {}
        self._links: dict[str, Link] = {}
        self._said: dict[str, Mapping[str, Described]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self.off: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return f"McpTools({list(self._links.values())}, off={sorted(self.off)})"

    def use(self, servers: Mapping[str, McpServer], tools: Mapping[str, Tool]) -> None:
        """Have a link to every server of which a tool is on, and to no other; needs a loop.

        May be called again with a new configuration: a link whose server stays as it is goes on,
        and one that is not needed any more is closed once its calls have had their time.
        """
        self._bindings = {name: tool.mcp for name, tool in tools.items() if tool.mcp}
        needed = {binding.server for binding in self._bindings.values()}
        wanted = {name: server for name, server in servers.items() if name in needed}
        for name, link in list(self._links.items()):
            if wanted.get(name) != link.server:
                self._leave(self._links.pop(name))
                self._said.pop(name, None)
        for name in wanted.keys() - self._links.keys():
            self._links[name] = self._linked(name, wanted[name])
            self._links[name].start()
        self._judge()

    def _linked(self, name: str, server: McpServer) -> Link:
        def heard(said: Mapping[str, Described]) -> None:
            if self._links.get(name) is link:  # and not one that is only lingering
                self._said[name] = said
                self._judge()

        link = Link(server, self._connect, heard, self._rng)
        return link

    async def aclose(self) -> None:
        """Close every connection."""
        for task in self._leaving:
            task.cancel()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        for link in self._links.values():
            await link.aclose()

    def _leave(self, link: Link) -> None:
        async def later() -> None:
            try:
                await asyncio.sleep(LINGER_S)
            finally:
                await link.aclose()

        task = asyncio.create_task(later())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def refusal(self, tool: Tool, arguments: Mapping[str, Any]) -> str:
        """Why these arguments do not fit the tool's schema, for the model; empty: they do."""
        return refusal(tool, arguments)

    async def run(
        self, tool: Tool, arguments: Mapping[str, Any], behalf: OnBehalf
    ) -> Mapping[str, Any] | None:
        """The allowed fields of its result; None: no such record of this customer."""
        binding = tool.mcp
        link = self._links.get(binding.server) if binding else None
        if binding is None or link is None:
            raise ToolNotReached("its server is not connected to")
        facts = _facts(behalf, public=tool.public)
        arguments = {**arguments, **_injected(binding, facts)}
        try:
            said = await self._sent(link, tool, arguments, _meta(facts))
        except SessionLost:
            if tool.writes:
                raise ToolFailed("the connection to its server broke") from None
            said = await self._sent_again(link, tool, arguments, _meta(facts))
        result = _result(binding, said)
        if result is None:
            return None
        if not tool.public and not tool.writes and not belongs_to(tool, result, behalf):
            log.warning("tool %r: the record found is not this customer's", tool.name)
            return None
        return projected(tool, result)

    async def _sent(
        self, link: Link, tool: Tool, arguments: Mapping[str, Any], meta: Mapping[str, str]
    ) -> Said:
        """Send it, if it may be sent at all: over a living session, to a tool as approved."""
        await link.ready()
        with contextlib.suppress(SessionLost):
            await link.look(0.0 if tool.writes else FRESH_S)
        await link.ready()
        if why := self.off.get(tool.name):
            raise ToolRefused(f"it is off: {why}")
        return await link.call(tool.mcp.tool if tool.mcp else "", arguments, meta)

    async def _sent_again(
        self, link: Link, tool: Tool, arguments: Mapping[str, Any], meta: Mapping[str, str]
    ) -> Said:
        """Send what only reads once more, over a new session."""
        try:
            return await self._sent(link, tool, arguments, meta)
        except SessionLost as lost:
            raise ToolFailed("the connection to its server broke") from lost

    def _judge(self) -> None:
        """Switch off what a server describes otherwise than approved, and on what fits again."""
        off: dict[str, str] = {}
        for name, binding in self._bindings.items():
            said = self._said.get(binding.server)
            why = why_changed(binding.approved, said.get(binding.tool)) if said is not None else ""
            if why:
                off[name] = why
            if why and self.off.get(name) != why:
                log.warning(
                    "tool %r of MCP server %r is off: %s; `erp-gateway mcp list` shows it,"
                    " `erp-gateway mcp approve` switches it on again",
                    name,
                    binding.server,
                    why,
                )
        if off != self.off:
            self.off = off


def _facts(behalf: OnBehalf, *, public: bool) -> dict[Fact, str]:
    """What the gateway says by itself; a public tool need not know who asks."""
    known = {
        Fact.CUSTOMER_ID: "" if public else behalf.customer_id,
        Fact.TENANT: behalf.tenant,
        Fact.REQUEST_ID: behalf.request_id,
        Fact.IDEMPOTENCY_KEY: behalf.once,
    }
    return {fact: value for fact, value in known.items() if value}


def _meta(facts: Mapping[Fact, str]) -> dict[str, str]:
    return {f"{META}{fact.value.replace('_', '-')}": value for fact, value in facts.items()}


def _injected(binding: McpBinding, facts: Mapping[Fact, str]) -> dict[str, str]:
    """The arguments that the gateway fills in. Raises ToolRefused where it has nothing to say."""
    missing = [fact for fact in binding.inject if fact not in facts]
    if missing == [Fact.IDEMPOTENCY_KEY]:  # only confirmed actions have one
        missing = []
    if missing:
        raise ToolRefused(f"the request has no {missing[0].value}")
    return {argument: facts.get(fact, "") for fact, argument in binding.inject.items()}


def _result(binding: McpBinding, said: Said) -> Mapping[str, Any] | None:
    """The data of a reply; None for "not found".

    1. an error that says so: not found  2. any other error  3. data as such  4. a text that is
    JSON  5. any other text, as the field `text`
    """
    if said.is_error:
        if binding.not_found and binding.not_found.lower() in said.text.lower():
            return None
        raise ToolFailed("the tool says that it failed")
    if said.structured is not None:
        return said.structured
    try:
        data = orjson.loads(said.text)
    except orjson.JSONDecodeError:
        return {"text": said.text}
    if data is None:
        return None
    return data if isinstance(data, Mapping) else {"result": data}
