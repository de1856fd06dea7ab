"""Keys at the real process: asked of everybody, changed while it serves, scopes that hold."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest

from gateway.core.keys import id_of
from gateway.v1 import chat_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.certificates import SERVER, authority, signed
from tests.e2e.test_answers import KNOWLEDGE, LISTING, question
from tests.e2e.test_http import ASKED, SERVICE
from tests.e2e.test_tls import PATIENCE_S, context
from tests.processes import ROOT, GatewayProcess, gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

CONFIG = f"""
server: {{listen: "127.0.0.1:0", http_listen: "127.0.0.1:0"}}
knowledge: {KNOWLEDGE}
security: {{keys_file: keys.json%s}}
routes:
  - {{name: beta, match: {{labels: {{beta: "yes"}}}}}}
  - {{name: all}}
"""
UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
DENIED = grpc.StatusCode.PERMISSION_DENIED


async def command(*arguments: str) -> tuple[int, str, str]:
    """`erp-gateway ...` as ops run it: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def keys(folder: Path, *arguments: str) -> str:
    code, out, err = await command("keys", *arguments, "--keys-file", str(folder / "keys.json"))
    assert code == 0, err
    return out.strip()


@asynccontextmanager
async def serving(folder: Path, extra: str = "") -> AsyncIterator[GatewayProcess]:
    config = folder / "gateway.yaml"
    config.write_text(CONFIG % extra)
    async with gateway(config, folder / "log") as process:
        yield process


def bearer(key: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {key}"),) if key else ()


async def code_of(running: GatewayProcess, key: str, request: Any = None) -> grpc.StatusCode:
    """How a call with this key ends."""
    async with grpc.aio.insecure_channel(running.address) as channel:
        stub: Any = GatewayServiceStub(channel)
        asked = question() if request is None else request
        is_chat = isinstance(asked, chat_pb2.ChatRequest)
        call = (stub.Chat if is_chat else stub.ExtractKeywords)(
            asked, metadata=bearer(key), timeout=PATIENCE_S
        )
        code: grpc.StatusCode = await call.code()
        return code


async def until(running: GatewayProcess, key: str, wanted: grpc.StatusCode) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await code_of(running, key) is not wanted:
            await asyncio.sleep(0.1)


async def until_logged(running: GatewayProcess, text: str, times: int = 1) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while running.log.read_text().count(text) < times:
            await asyncio.sleep(0.1)


async def test_keys_come_and_go_while_it_serves_and_a_broken_file_changes_nothing(
    tmp_path: Path,
) -> None:
    first = await keys(tmp_path, "create", "--tenant", "eu")
    path = tmp_path / "keys.json"
    async with serving(tmp_path) as running:
        assert not any("OPEN" in line for line in running.printed)
        assert await code_of(running, first) is grpc.StatusCode.OK
        assert await code_of(running, "") is UNAUTHENTICATED
        second = await keys(tmp_path, "create", "--tenant", "eu")
        await until(running, second, grpc.StatusCode.OK)
        await keys(tmp_path, "revoke", id_of(first))
        await until(running, first, UNAUTHENTICATED)

        whole, broken_before = path.read_text(), 0
        for broken in (whole[: len(whole) // 2], "", "\x00\x01", "{}"):
            path.write_text(broken)
            await until_logged(running, "keys file cannot be used", broken_before + 1)
            broken_before += 1
            assert await code_of(running, second) is grpc.StatusCode.OK
            assert await code_of(running, first) is UNAUTHENTICATED
            path.write_text(whole)
            await until_logged(running, "keys file can be used again", broken_before)
        path.unlink()
        await until_logged(running, "there is no such file")
        assert await code_of(running, second) is grpc.StatusCode.OK
        path.write_text(whole)
        await until_logged(running, "keys file can be used again", broken_before + 1)
        third = (await keys(tmp_path, "rotate", id_of(second), "--overlap-hours", "0")).strip()
        await until(running, third, grpc.StatusCode.OK)
        await until(running, second, UNAUTHENTICATED)
        log = running.log.read_text()
    assert f"{path}:" in log  # line and column of the fault
    for key in (first, second, third):
        assert key.rsplit("_", 1)[1] not in log


async def test_no_call_fails_while_keys_are_rotated(tmp_path: Path) -> None:
    steady = await keys(tmp_path, "create", "--tenant", "eu")
    async with serving(tmp_path) as running:
        over = asyncio.Event()

        async def call_on() -> list[grpc.StatusCode]:
            codes = []
            while not over.is_set():
                codes.append(await code_of(running, steady))
            return codes

        calling = asyncio.create_task(call_on())
        for _ in range(2):
            other = await keys(tmp_path, "create", "--tenant", "us")
            await until(running, other, grpc.StatusCode.OK)
            await keys(tmp_path, "revoke", id_of(other))
            await until(running, other, UNAUTHENTICATED)
        over.set()
        assert set(await calling) == {grpc.StatusCode.OK}


async def test_scopes_hold_for_calls_routes_knowledge_bases_and_system_messages(
    tmp_path: Path,
) -> None:
    async def made(tenant: str, *scope: str) -> str:
        return await keys(tmp_path, "create", "--tenant", tenant, *scope)

    listing = keywords_pb2.ExtractKeywordsRequest(listing=LISTING)
    beta, system, nowhere = question(), question(), question()
    beta.options.labels["beta"] = "yes"
    system.messages.insert(0, chat_pb2.ChatMessage(role=chat_pb2.ROLE_SYSTEM, text="Rhyme."))
    nowhere.knowledge_base = "nowhere"
    ok, missing = grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND
    cases: Sequence[tuple[str, tuple[str, ...], dict[int, grpc.StatusCode]]] = [
        ("t1", (), {0: ok, 1: ok, 2: ok, 3: DENIED, 4: missing}),
        ("t2", ("--call", "extract_keywords"), {0: DENIED, 1: ok, 2: DENIED}),
        ("t3", ("--route", "beta"), {0: DENIED, 1: DENIED, 2: ok}),
        ("t4", ("--knowledge-base", "eu"), {0: DENIED, 1: ok, 2: DENIED, 4: DENIED}),
        ("t5", ("--knowledge-base", "shop"), {0: ok, 1: ok, 4: DENIED}),
        ("t6", ("--system-messages",), {0: ok, 3: ok}),
    ]
    made_keys = [await made(tenant, *scope) for tenant, scope, _ in cases]
    requests = [question(), listing, beta, system, nowhere]
    async with serving(tmp_path) as running:
        for key, (tenant, _, expected) in zip(made_keys, cases, strict=True):
            for number, wanted in expected.items():
                assert await code_of(running, key, requests[number]) is wanted, (tenant, number)
    config = ("--config", str(tmp_path / "gateway.yaml"))
    _, told, _ = await command("explain", *config, "--key", id_of(made_keys[2]))
    assert "refused as PERMISSION_DENIED: the key may not use the route 'all'" in told
    _, told, _ = await command(
        "explain", *config, "--key", id_of(made_keys[2]), "--label", "beta=yes"
    )
    assert "route 'beta' takes it" in told


async def test_demo_asks_with_the_key_of_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(await keys(tmp_path, "create", "--tenant", "eu") + "\n")
    async with serving(tmp_path) as running:
        target = ("--target", running.address)
        code, out, _ = await command("demo", *target, "--key-file", str(tmp_path / "key"))
        assert (code, out.count("──") > 3) == (0, True)
        code, out, _ = await command("demo", *target)
        assert code == 1
        assert "UNAUTHENTICATED" in out
        assert (await command("health", *target))[:2] == (0, "SERVING\n")


@pytest.mark.needs("openssl")
async def test_a_client_certificate_is_its_tenant_with_its_scopes(tmp_path: Path) -> None:
    ca = authority(tmp_path, "ca")
    signed(tmp_path, "server", ca, SERVER)
    mapped = signed(tmp_path, "mapped", ca, "URI:spiffe://erp.example/eu,DNS:erp")
    stranger = signed(tmp_path, "stranger", ca, "DNS:spiffe.example")
    key = await keys(tmp_path, "create", "--tenant", "eu")
    foreign = await keys(tmp_path, "create", "--tenant", "us")
    tls = (
        ", tls: {certificate_file: server.pem, key_file: server.key, client_ca_file: ca.pem,"
        ' clients: {"uri:spiffe://erp.example/eu": {tenant: eu, calls: [chat]}}}'
    )
    async with serving(tmp_path, tls) as running:

        async def by_grpc(own: Any, key: str, call: str = "Chat") -> grpc.StatusCode:
            made = grpc.ssl_channel_credentials(ca.pem, own.key_pem, own.pem)
            async with grpc.aio.secure_channel(running.address, made) as channel:
                stub: Any = GatewayServiceStub(channel)
                listing = keywords_pb2.ExtractKeywordsRequest(listing=LISTING)
                asked = question() if call == "Chat" else listing
                ended: grpc.StatusCode = await getattr(stub, call)(
                    asked, metadata=bearer(key), timeout=PATIENCE_S
                ).code()
                return ended

        async def by_http(own: Any, key: str) -> int:
            trusting = context(ca, own)
            url = f"https://{running.http}/{SERVICE}/Chat"
            async with (
                aiohttp.ClientSession() as session,
                session.post(url, json=ASKED, ssl=trusting, headers=dict(bearer(key))) as got,
            ):
                return got.status

        assert (await by_grpc(mapped, ""), await by_http(mapped, "")) == (grpc.StatusCode.OK, 200)
        assert await by_grpc(mapped, "", "ExtractKeywords") is DENIED
        assert await by_grpc(mapped, key, "ExtractKeywords") is grpc.StatusCode.OK
        for own, sent in ((mapped, foreign), (stranger, ""), (mapped, "wrong")):
            assert (await by_grpc(own, sent), await by_http(own, sent)) == (UNAUTHENTICATED, 401)
        assert await by_grpc(stranger, foreign) is grpc.StatusCode.OK


# ---- open doors


async def test_without_keys_this_machine_alone_may_call_and_is_told_so_loudly(
    tmp_path: Path,
) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text('server: {listen: "127.0.0.1:0"}\nroutes: [{name: all}]\n')
    async with gateway(config, tmp_path / "log") as running:
        assert "OPEN: no key is asked; everybody on this machine" in running.printed[0]
        listing = keywords_pb2.ExtractKeywordsRequest(listing=LISTING)
        assert await code_of(running, "", listing) is grpc.StatusCode.OK
    assert "OPEN: no key is asked" in (tmp_path / "log").read_text()


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "gateway.internal:0"])
async def test_without_keys_no_start_where_others_reach(tmp_path: Path, address: str) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text("routes: [{name: all}]\n")
    code, out, err = await command("serve", "--config", str(config), "--listen", address)
    assert (code, out) == (1, "")
    assert "nobody is asked for a key" in err
    assert "erp-gateway keys create --tenant NAME" in err
    assert "security: {open: true}" in err


async def test_who_opens_the_doors_on_purpose_is_told_in_capitals(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text(
        'server: {listen: "0.0.0.0:0"}\nsecurity: {open: true}\nroutes: [{name: a}]\n'
    )
    async with gateway(config, tmp_path / "log") as running:
        assert "EVERYBODY WHO REACHES A PORT" in running.printed[0]
        assert running.printed[1].startswith("PLAIN TEXT on 0.0.0.0:0")


async def test_a_named_keys_file_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG % "")
    code, _, err = await command("serve", "--config", str(config))
    assert code == 1
    assert f"{tmp_path / 'keys.json'}:1:1: there is no such file" in err
