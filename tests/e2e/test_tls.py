"""TLS and mTLS of the real process, both doors; certificates changed while it serves."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest

from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.certificates import SERVER, Pair, authority, signed
from tests.e2e.test_answers import KNOWLEDGE, question
from tests.e2e.test_http import ASKED, SERVICE
from tests.processes import ROOT, GatewayProcess, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e, pytest.mark.needs("openssl")]

CONFIG = f"""
server: {{listen: "127.0.0.1:0", http_listen: "127.0.0.1:0"}}
knowledge: {KNOWLEDGE}
security:
  tls: {{certificate_file: served.pem, key_file: served.key%s}}
routes: [{{name: all}}]
"""
PATIENCE_S = 180.0
"""Far longer than anything here takes; a bound for machines that are very busy."""
MTLS = ", client_ca_file: clients.pem"


@pytest.fixture
def ca(tmp_path: Path) -> Pair:
    return authority(tmp_path, "ca")


def serve_with(folder: Path, pair: Pair) -> None:
    """Put a pair where the gateway looks; each file whole at once."""
    for kind, raw in (("pem", pair.pem), ("key", pair.key_pem)):
        place(folder / f"served.{kind}", raw)


def place(path: Path, raw: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(raw)
    fresh.replace(path)


@asynccontextmanager
async def serving(folder: Path, extra: str = "") -> AsyncIterator[GatewayProcess]:
    config = folder / "gateway.yaml"
    config.write_text(CONFIG % extra)
    async with gateway(config, folder / "log") as process:
        yield process


async def by_grpc(running: GatewayProcess, *pem: bytes | None) -> str:
    credentials = grpc.ssl_channel_credentials(*pem)
    async with grpc.aio.secure_channel(running.address, credentials) as channel:
        answer = await GatewayServiceStub(channel).Chat(question(), timeout=PATIENCE_S)
        return str(answer.text)


def context(ca: Pair, own: Pair | None = None) -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=str(ca.certificate))
    if own:
        made.load_cert_chain(own.certificate, own.key)
    return made


async def by_http(running: GatewayProcess, trusting: ssl.SSLContext) -> str:
    url = f"https://{running.http}/{SERVICE}/Chat"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=ASKED, ssl=trusting) as got,
    ):
        assert got.status == 200
        return str((await got.json())["text"])


async def shown(address: str, own: Pair | None = None) -> bytes:
    """The certificate that a new connection to this door is shown, in DER."""
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    blind.set_alpn_protocols(["h2", "http/1.1"])
    if own:
        blind.load_cert_chain(own.certificate, own.key)
    host, port = address.rsplit(":", 1)
    _, writer = await asyncio.open_connection(host, int(port), ssl=blind)
    found: Any = writer.get_extra_info("ssl_object")
    writer.transport.abort()
    der: bytes = found.getpeercert(binary_form=True)
    return der


async def until_shown(running: GatewayProcess, pair: Pair) -> None:
    """Wait for both doors to show this certificate."""
    wanted = ssl.PEM_cert_to_DER_cert(pair.pem.decode())
    async with asyncio.timeout(PATIENCE_S):
        for address in (running.address, running.http):
            while await shown(address) != wanted:
                await asyncio.sleep(0.1)


async def until_logged(running: GatewayProcess, text: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while text not in running.log.read_text():
            await asyncio.sleep(0.1)


async def test_both_doors_answer_over_tls_and_nobody_in_plain_text(
    tmp_path: Path, ca: Pair
) -> None:
    serve_with(tmp_path, signed(tmp_path, "server", ca, SERVER))
    async with serving(tmp_path) as running:
        assert await by_grpc(running, ca.pem) == await by_http(running, context(ca))
        async with grpc.aio.insecure_channel(running.address) as channel:
            with pytest.raises(grpc.aio.AioRpcError):
                await GatewayServiceStub(channel).Chat(question(), timeout=PATIENCE_S)
        async with aiohttp.ClientSession() as session:
            with pytest.raises(aiohttp.ClientError):
                await session.get(f"http://{running.http}/healthz")


async def test_a_new_certificate_serves_without_a_restart_and_a_broken_one_never_does(
    tmp_path: Path, ca: Pair
) -> None:
    first, second = (signed(tmp_path, name, ca, SERVER) for name in ("first", "second"))
    serve_with(tmp_path, first)
    async with serving(tmp_path) as running:
        await until_shown(running, first)
        url = f"https://{running.http}/{SERVICE}/Chat"
        credentials = grpc.ssl_channel_credentials(ca.pem)
        async with (
            grpc.aio.secure_channel(running.address, credentials) as channel,
            aiohttp.ClientSession() as session,
        ):
            old_stub = GatewayServiceStub(channel)
            await old_stub.Chat(question(), timeout=PATIENCE_S)
            serve_with(tmp_path, second)
            await until_shown(running, second)
            place(tmp_path / "served.pem", second.pem[:300])
            await until_logged(running, "is broken or cut off")
            assert ssl.PEM_cert_to_DER_cert(second.pem.decode()) == await shown(running.address)
            assert ssl.PEM_cert_to_DER_cert(second.pem.decode()) == await shown(running.http)
            # connections from before go on
            assert (await old_stub.Chat(question(), timeout=PATIENCE_S)).text
            async with session.post(url, json=ASKED, ssl=context(ca)) as got:
                assert got.status == 200
        serve_with(tmp_path, first)
        await until_shown(running, first)
    assert "PRIVATE KEY" not in running.log.read_text()


async def test_mtls_lets_in_who_the_client_authority_signed_and_follows_its_change(
    tmp_path: Path, ca: Pair
) -> None:
    old, new = authority(tmp_path, "old"), authority(tmp_path, "new")
    ours = {
        ca_.certificate: signed(tmp_path, f"by-{i}", ca_, "DNS:erp")
        for i, ca_ in enumerate((old, new))
    }
    known, later = ours[old.certificate], ours[new.certificate]
    serve_with(tmp_path, signed(tmp_path, "server", ca, SERVER))
    place(tmp_path / "clients.pem", old.pem)
    async with serving(tmp_path, MTLS) as running:
        await lets_in(running, ca, known)
        await keeps_out(running, ca, later)
        await keeps_out(running, ca, None)
        place(tmp_path / "clients.pem", new.pem)
        await until_logged(running, "new connections get another certificate now")
        await lets_in(running, ca, later)
        await keeps_out(running, ca, known)


async def lets_in(running: GatewayProcess, ca: Pair, own: Pair) -> None:
    assert await by_grpc(running, ca.pem, own.key_pem, own.pem)
    assert await by_http(running, context(ca, own))


async def keeps_out(running: GatewayProcess, ca: Pair, own: Pair | None) -> None:
    pem = (own.key_pem, own.pem) if own else (None, None)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await by_grpc(running, ca.pem, *pem)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    with pytest.raises((aiohttp.ClientError, ssl.SSLError, ConnectionError)):
        await by_http(running, context(ca, own))


async def command(*arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()


async def test_health_and_demo_reach_a_gateway_with_mtls(tmp_path: Path, ca: Pair) -> None:
    serve_with(tmp_path, signed(tmp_path, "server", ca, SERVER))
    own = signed(tmp_path, "own", ca, "DNS:erp")
    place(tmp_path / "clients.pem", ca.pem)
    mtls = ("--ca", str(ca.certificate), "--client-certificate", str(own.certificate))
    async with serving(tmp_path, MTLS) as running:
        target = ("--target", running.address)
        assert await command("health", *target, *mtls, "--client-key", str(own.key)) == (
            0,
            "SERVING\n",
        )
        code, printed = await command("demo", *target, *mtls, "--client-key", str(own.key))
        assert (code, printed.count("──")) != (0, 0)
        code, printed = await command("health", *target, "--ca", str(ca.certificate))
        assert code == 1
        code, printed = await command("health", *target, *mtls)
        assert (code, printed) == (
            1,
            "--client-certificate and --client-key belong together: give both\n",
        )


async def test_a_certificate_that_cannot_be_used_stops_the_start(tmp_path: Path, ca: Pair) -> None:
    serve_with(tmp_path, signed(tmp_path, "server", ca, SERVER))
    place(tmp_path / "served.key", ca.key_pem)
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG % "")
    code, printed = await command("serve", "--config", str(config))
    assert code == 1
    assert "key values mismatch" in printed
    assert "Traceback" not in printed
