"""`python -m tests.fake_erp --port N`: serves until SIGTERM or SIGINT.

`--mcp`: as an MCP server at `/mcp` instead; `--mcp-stdio`: over its pipes.
"""

import argparse
import asyncio
import signal

from tests.fake_erp.server import FakeErp


async def serve(port: int) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with FakeErp(port) as erp:
        print(erp.url, flush=True)  # noqa: T201 # a command prints
        await stopping.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.fake_erp")
    parser.add_argument("--port", type=int, default=8070)
    parser.add_argument("--mcp", action="store_true")
    parser.add_argument("--mcp-stdio", action="store_true")
    asked = parser.parse_args()
    if asked.mcp or asked.mcp_stdio:
        from tests.fake_erp import mcp_face  # the optional SDK

        mcp_face.serve_pipes() if asked.mcp_stdio else mcp_face.serve_http(asked.port)
    else:
        asyncio.run(serve(asked.port))
