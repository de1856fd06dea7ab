"""`python -m tests.golden.serve [plain|tls|mtls]`: the gateway and the models of the golden cases.

Prints one line of JSON with the addresses (README.md), serves until SIGTERM or SIGINT.
"""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import grpc
import uvloop
from aiohttp import web

from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.certificates import SERVER, Pair, authority, signed
from tests.faults import FaultServer, Options
from tests.golden.gateway_process import RestartableGateway
from tests.processes import ROOT

CONFIG = Path(__file__).parent / "gateway.yaml"
KNOWLEDGE = ROOT / "config" / "knowledge"
LOADING_S = 150.0
"""Longest wait for LiteLLM; far more than it takes on a busy machine."""
FROZEN_S = 10.0
"""How long a frozen gateway stays so if nobody thaws it."""
SECURITY = {
    "plain": "",
    "tls": "security: {tls: {certificate_file: server.pem, key_file: server.key}}\n",
    "mtls": "security: {tls: {certificate_file: server.pem, key_file: server.key,"
    " client_ca_file: ca.pem}}\n",
}
SIGNALS = {"restart": signal.SIGTERM, "kill": signal.SIGKILL}


@dataclass(frozen=True, slots=True)
class Addresses:
    """What replayers need to know."""

    gateway: str
    http: str
    control: str
    faults: str
    ca: str
    certificate: str
    key: str


@asynccontextmanager
async def golden(folder: Path, security: str = "plain") -> AsyncIterator[Addresses]:
    """Everything running, its files in `folder`; both doors speak as SECURITY says."""
    async with AsyncExitStack() as stack:
        faults = await stack.enter_async_context(FaultServer(Options(control_port=0)))
        written = folder / "gateway.yaml"
        written.write_text(_filled(faults.root) + SECURITY[security])
        ours = authority(folder, "ca")
        signed(folder, "server", ours, SERVER)
        client = signed(folder, "client", ours, "DNS:erp.example")
        log = folder / "gateway.log"
        process = await stack.enter_async_context(RestartableGateway(written, log))
        await _models_ready(
            process.address, None if security == "plain" else _trusting(ours, client)
        )
        faults.reset()
        yield Addresses(
            gateway=process.address,
            http=process.http,
            control=await stack.enter_async_context(_control(process, log)),
            faults=f"http://127.0.0.1:{faults.control_port}",
            ca=str(ours.certificate),
            certificate=str(client.certificate),
            key=str(client.key),
        )


def _trusting(ours: Pair, client: Pair) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(ours.pem, client.key_pem, client.pem)


async def _models_ready(address: str, credentials: grpc.ChannelCredentials | None) -> None:
    """Ask once: LiteLLM takes seconds to load, and no case's short deadline shall pay for it."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text="Are you there?")
    asked = chat_pb2.ChatRequest(messages=[message])
    asked.options.answer_by = common_pb2.ANSWER_BY_MODEL_ONLY
    async with (
        grpc.aio.secure_channel(address, credentials)
        if credentials
        else grpc.aio.insecure_channel(address)
    ) as channel:
        call: Any = GatewayServiceStub(channel).Chat(asked, timeout=LOADING_S)
        with suppress(grpc.aio.AioRpcError):  # what the models say to it does not matter
            await call


def _filled(faults: str) -> str:
    text = CONFIG.read_text().replace("FAULTS", faults).replace("LISTEN", "127.0.0.1:0")
    return text.replace("KNOWLEDGE", json.dumps(str(KNOWLEDGE)))


@asynccontextmanager
async def _control(process: RestartableGateway, log: Path) -> AsyncIterator[str]:
    """The control server of the gateway process."""
    running: set[asyncio.Task[None]] = set()

    async def again(request: web.Request) -> web.Response:
        work = asyncio.create_task(process.again(SIGNALS[request.match_info["what"]]))
        running.add(work)
        work.add_done_callback(running.discard)
        if request.query.get("wait") != "0":
            await work
        return web.json_response({"gateway": process.address})

    async def freeze(request: web.Request) -> web.Response:
        process.freeze(float(request.query.get("for_s", FROZEN_S)))
        return web.json_response({})

    async def thaw(_request: web.Request) -> web.Response:
        process.thaw()
        return web.json_response({})

    async def told(_request: web.Request) -> web.Response:
        return web.Response(text=await asyncio.to_thread(log.read_text))

    application = web.Application()
    application.router.add_post("/{what:restart|kill}", again)
    application.router.add_post("/freeze", freeze)
    application.router.add_post("/thaw", thaw)
    application.router.add_get("/log", told)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await asyncio.gather(*running)
        await runner.cleanup()


async def _serve(security: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    with tempfile.TemporaryDirectory() as folder:
        async with golden(Path(folder), security) as addresses:
            print(json.dumps(asdict(addresses)), flush=True)  # noqa: T201 # what a parent reads
            await stop.wait()


def main() -> None:
    """Serve."""
    uvloop.run(_serve(sys.argv[1] if len(sys.argv) > 1 else "plain"))


if __name__ == "__main__":
    main()
