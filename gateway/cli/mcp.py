"""`erp-gateway mcp`: what MCP servers offer now, and the approval of what models shall be told."""

import argparse
import asyncio
import difflib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence

from gateway.adapters.mcp.session import connect, in_words
from gateway.cli.arguments import load_or_tell, parser
from gateway.config import Config
from gateway.config.approvals import read_approvals, write_approvals
from gateway.core.described import Described
from gateway.core.options import McpServer

Offers = Mapping[str, Mapping[str, Described]]
"""What servers say of their tools now, by server and tool; a server that is away is missing."""


def main(arguments: Sequence[str]) -> int:
    """Exit code 1: a server is away, or (`list`) a used tool is not as approved."""
    asked = _parser().parse_args(arguments)
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    servers = {n: s for n, s in config.mcp_servers.items() if asked.server in ("", n)}
    if not servers:
        print("the file has no such MCP server that is on", file=sys.stderr)
        return 1
    offers = asyncio.run(_offers(servers))
    work = _list if asked.what == "list" else _approve
    return max(work(config, offers, asked.tools), int(len(offers) < len(servers)))


async def _offers(servers: Mapping[str, McpServer]) -> Offers:
    found: dict[str, Mapping[str, Described]] = {}
    for name, server in servers.items():
        life = asyncio.create_task(_described(server))  # a lost connection cancels its own task
        await asyncio.wait({life})
        error = asyncio.CancelledError() if life.cancelled() else life.exception()
        if error is not None:
            print(f"{name}: cannot be connected to ({in_words(error)})", file=sys.stderr)
        else:
            found[name] = {tool.name: tool for tool in life.result()}
    return found


async def _described(server: McpServer) -> list[Described]:
    async with asyncio.timeout(server.connect_s):
        async with connect(server, lambda: None) as session:
            return await session.described()


def _list(config: Config, offers: Offers, _tools: Sequence[str]) -> int:
    approved = read_approvals(config.mcp_approvals)
    code = 0
    for server, offered in offers.items():
        print(f"{server}:")
        used = _used(config, server)
        for name in sorted({*offered, *used}):
            state = _state(approved.get(server, {}).get(name), offered.get(name))
            if name in used and state != "approved":
                code = 1
            print(f"  {name}: {state}{'' if name in used else ', not used by the file'}")
    return code


def _state(approved: Described | None, offered: Described | None) -> str:
    if offered is None:
        return "not offered by the server"
    if approved is None:
        return "not approved"
    return "approved" if approved == offered else "changed since it was approved"


def _approve(config: Config, offers: Offers, tools: Sequence[str]) -> int:
    approved = {
        server: dict(known) for server, known in read_approvals(config.mcp_approvals).items()
    }
    code = 0
    for server, offered in offers.items():
        known = approved.setdefault(server, {})
        for name in sorted(_used(config, server)):
            tool = offered.get(name)
            if tools and name not in tools:
                continue
            faults = ["the server does not offer it"] if tool is None else list(tool.faults())
            if tool is None or faults:
                print(f"{server}/{name} cannot be approved: {'; '.join(faults)}", file=sys.stderr)
                code = 1
            elif known.get(name) != tool:
                print("\n".join(_told(server, known.get(name), tool)))
                known[name] = tool
    write_approvals(config.mcp_approvals, approved)
    print(f"written to {config.mcp_approvals}; a gateway that watches its files takes it over")
    return code


def _told(server: str, before: Described | None, now: Described) -> Iterator[str]:
    """What is approved, as a person reads it: whole when new, else the difference."""
    if before is None:
        yield f"{server}/{now.name} is approved:"
        yield from (f"    {line}" for line in _lines(now))
        return
    yield f"{server}/{now.name} is approved again; what changed:"
    changes = difflib.unified_diff(_lines(before), _lines(now), lineterm="", n=1)
    yield from (f"    {line}" for line in list(changes)[2:])


def _lines(tool: Described) -> list[str]:
    arguments = json.dumps(tool.arguments, indent=2, ensure_ascii=False)
    return [*tool.title.splitlines(), *tool.description.splitlines(), *arguments.splitlines()]


def _used(config: Config, server: str) -> set[str]:
    """The server's names of the tools that the file uses, on or off."""
    return set(config.mcp_used.get(server, ()))


def _parser() -> argparse.ArgumentParser:
    made = parser("mcp", "Show and approve the tools of MCP servers.")
    made.add_argument("what", choices=["list", "approve"])
    made.add_argument("server", nargs="?", default="", help="default: every server of the file")
    made.add_argument(
        "tools", nargs="*", help="the server's names; default: all that the file uses"
    )
    return made
