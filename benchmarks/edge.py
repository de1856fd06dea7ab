"""What the edge costs over a bare gRPC echo, and the HTTP door beside the gRPC one: server CPU per
call, and round trips of one caller.

    python -m benchmarks.edge

The same Chat request and response travel both ways. `bare` decodes and encodes them and does
nothing else; `edge` is the whole edge (metadata, bounds, conversion, boundary, gate, trailers)
before an engine that answers at once; `binary` and `json` are the same through the HTTP door, asked
by raw sockets that are kept open. All run on uvloop, as the gateway does. Server and client
are two processes; CPU is the server's alone.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import grpc
import uvloop
from google.protobuf import json_format

from gateway.v1 import chat_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.api.conftest import edge
from tests.api.http import door

CALLS, CONCURRENCY, ROUNDS = 4_000, 16, 3
METADATA = (("x-request-id", "bench-1"), ("x-erp-version", "1.2"))
REQUEST = chat_pb2.ChatRequest(
    conversation_id="c-1",
    messages=[
        chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Where is my order? " * 20),
        chat_pb2.ChatMessage(role=chat_pb2.ROLE_ASSISTANT, text="Which order? " * 20),
        chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Number 10001"),
    ],
    customer=chat_pb2.Customer(id="7", verified=True),
    context=chat_pb2.ChatContext(store="s", marketplace="AMAZON_US", order_ids=["10001"]),
)
REQUEST.options.locale = "en-US"
REQUEST.options.labels["team"] = "returns"
ENCODED = {
    "binary": REQUEST.SerializeToString(),
    "json": json_format.MessageToJson(REQUEST).encode(),
}
WAYS = {"bare": 1, "edge": 1, "binary": CONCURRENCY, "json": CONCURRENCY}
"""What is measured, and over how many connections: gRPC's callers share one."""


async def serve(kind: str) -> None:
    if kind == "edge":
        async with edge() as running:
            print(running.server.port, flush=True)
            await asyncio.Event().wait()
    if kind in ENCODED:
        async with door() as opened:
            print(opened.server.port, flush=True)
            await asyncio.Event().wait()
    response = chat_pb2.ChatResponse(text="Your order is on its way.", intent="faq:where")

    async def echo(_request: chat_pb2.ChatRequest, _context: object) -> chat_pb2.ChatResponse:
        return response

    handler = grpc.unary_unary_rpc_method_handler(
        echo, chat_pb2.ChatRequest.FromString, chat_pb2.ChatResponse.SerializeToString
    )
    server = grpc.aio.server()
    service = grpc.method_handlers_generic_handler("gateway.v1.GatewayService", {"Chat": handler})
    server.add_generic_rpc_handlers((service,))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    await server.start()
    await asyncio.Event().wait()


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


Ask = Callable[[], Awaitable[object]]


@asynccontextmanager
async def asking_http(port: int, kind: str) -> AsyncIterator[Ask]:
    """One call over a connection of its own, kept open."""
    body = ENCODED[kind]
    lines = [
        "POST /gateway.v1.GatewayService/Chat HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: application/{'json' if kind == 'json' else 'proto'}",
        "Connect-Protocol-Version: 1",
        "Connect-Timeout-Ms: 30000",
        *(f"{name}: {value}" for name, value in METADATA),
        f"Content-Length: {len(body)}",
    ]
    request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def ask() -> None:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split()[0]))

    yield ask
    writer.close()


@asynccontextmanager
async def asking_grpc(port: int, _kind: str) -> AsyncIterator[Ask]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = GatewayServiceStub(channel)
        yield lambda: stub.Chat(REQUEST, metadata=METADATA, timeout=30)


async def measure(port: int, pid: int, kind: str) -> tuple[float, float, float]:
    asking = asking_http if kind in ENCODED else asking_grpc
    async with AsyncExitStack() as stack:
        asks = [await stack.enter_async_context(asking(port, kind)) for _ in range(WAYS[kind])]
        ask = asks[0]
        for _ in range(200):
            await ask()
        trips = []
        for _ in range(500):
            began = time.perf_counter()
            await ask()
            trips.append(time.perf_counter() - began)

        async def caller(number: int) -> None:
            for _ in range(CALLS // CONCURRENCY):
                await asks[number % len(asks)]()

        used, began = cpu_s(pid), time.perf_counter()
        await asyncio.gather(*(caller(number) for number in range(CONCURRENCY)))
        took = time.perf_counter() - began
        return (cpu_s(pid) - used) / CALLS * 1e3, CALLS / took, median(trips) * 1e3


async def main() -> None:
    for kind in [*WAYS] * ROUNDS:
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.edge", kind, stdout=subprocess.PIPE
        )
        assert server.stdout is not None
        port = int(await server.stdout.readline())
        cpu_ms, rate, trip_ms = await measure(port, server.pid, kind)
        server.kill()
        await server.wait()
        print(f"{kind}: {cpu_ms:.3f} ms CPU a call, {rate:,.0f} calls/s, {trip_ms:.3f} ms trip")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(sys.argv[1]))
    else:
        asyncio.run(main())
