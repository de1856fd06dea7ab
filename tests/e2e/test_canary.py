"""Secrets that go through the whole process come out nowhere but where they are meant for."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import pytest
from aiohttp import web

from gateway.core.keys import id_of
from gateway.v1 import common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.certificates import SERVER, authority, signed
from tests.e2e.test_answers import KNOWLEDGE, question
from tests.e2e.test_http import ASKED, SERVICE
from tests.e2e.test_keys import bearer, command, keys, until_logged
from tests.e2e.test_tls import PATIENCE_S, context
from tests.processes import gateway

pytestmark = [pytest.mark.anyio, pytest.mark.e2e, pytest.mark.needs("openssl")]

PROVIDER = "sk-canary-provider-4f1d0c2b9a"
FILED = "sk-canary-filed-77aa01cc52"
TOOL = "canary-tool-c0ffee12345678"
TOKENS = "canary-token-key-00112233445566778899aabb"
STRAY = "sk-canary-stray-5b5b5b5b5b"
"""Another system's key, sent to us by mistake."""
ENV = {"CANARY_KEY": PROVIDER, "CANARY_TOOL": TOOL, "ERP_GATEWAY_TOKEN_KEY": TOKENS}

CONFIG = """
server: {{listen: "127.0.0.1:0", http_listen: "127.0.0.1:0"}}
admin: {{listen: "127.0.0.1:0"}}
metrics: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
security:
  keys_file: keys.json
  tls: {{certificate_file: server.pem, key_file: server.key}}
deployments:
  direct: {{provider: openai, model: m, base_url: "{url}", api_key_env: CANARY_KEY}}
  library:
    {{provider: openai, model: m, base_url: "{url}", api_key_file: filed, transport: litellm}}
tools:
  order:
    description: An order.
    url: "{url}/orders/{{order_id}}"
    arguments: {{type: object, properties: {{order_id: {{type: string}}}}, required: [order_id]}}
    fields: {{order_id: order_id, status: status}}
    owner_field: user_id
    api_key_env: CANARY_TOOL
    serves: order_status
routes:
  - {{name: all, tiers: [direct, library], tools: [order]}}
"""


@dataclass
class Tattler:
    """Where it listens, and the headers that it was sent."""

    url: str = ""
    sent: list[str] = field(default_factory=list)


@pytest.fixture
async def tattler() -> AsyncIterator[Tattler]:
    """A provider that says in every error which key it was sent, as real ones do."""

    async def refuse(request: web.Request) -> web.Response:
        sent = {name: value for name, value in request.headers.items() if name != "Host"}
        error = {"message": f"Incorrect API key provided: {json.dumps(sent)}", "type": "auth"}
        return web.json_response({"error": error}, status=statuses[len(told.sent) % len(statuses)])

    told = Tattler()
    statuses = (500, 401, 400, 429, 200)

    @web.middleware
    async def count(request: web.Request, handler: Any) -> Any:
        told.sent.append(str(request.headers))
        return await handler(request)

    application = web.Application(middlewares=[count])
    application.router.add_route("*", "/{rest:.*}", refuse)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    told.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield told
    await runner.cleanup()


async def test_no_secret_shows_in_answers_errors_logs_metrics_admin_output_or_commands(
    tmp_path: Path, tattler: Tattler
) -> None:
    ca = authority(tmp_path, "ca")
    server = signed(tmp_path, "server", ca, SERVER)
    (tmp_path / "filed").write_text(FILED)
    good = await keys(tmp_path, "create", "--tenant", "eu")
    revoked = await keys(tmp_path, "create", "--tenant", "eu")
    await keys(tmp_path, "revoke", id_of(revoked))
    near = good[:-1] + ("a" if good[-1] != "a" else "b")
    config = tmp_path / "gateway.yaml"
    config.write_text(CONFIG.format(knowledge=KNOWLEDGE, url=tattler.url))
    heard: list[str] = []

    async with gateway(config, tmp_path / "log", ENV, "--log-level", "debug") as running:
        credentials = grpc.ssl_channel_credentials(ca.pem)
        async with (
            grpc.aio.secure_channel(running.address, credentials) as channel,
            aiohttp.ClientSession() as session,
        ):
            stub: Any = GatewayServiceStub(channel)
            model_only = question()
            model_only.options.answer_by = common_pb2.ANSWER_BY_MODEL_ONLY
            nowhere = question()
            nowhere.knowledge_base = "nowhere"
            order = question("where is my order #W4817420")
            order.options.answer_by = common_pb2.ANSWER_BY_RULES_ONLY
            order.customer.id, order.customer.verified = "C1", True
            for key in (good, good, near, revoked, STRAY, ""):
                requests = (question(), model_only, nowhere, order)
                heard += [await by_grpc(stub.Chat, asked, key) for asked in requests]
                for path in ("Chat", "Nope"):
                    url = f"https://{running.http}/{SERVICE}/{path}"
                    bodies: tuple[Any, ...] = (ASKED, {"nonsense": 1})
                    heard += [await by_http(session, url, b, key, context(ca)) for b in bodies]
            whole = (tmp_path / "keys.json").read_text()
            (tmp_path / "keys.json").write_text(whole.replace('"tenant"', f'"{near}"', 1))
            await until_logged(running, "keys file cannot be used")
            (tmp_path / "server.pem").write_bytes(server.key_pem)
            await until_logged(running, "TLS certificate cannot be used")
            async with session.get(f"http://{running.metrics}/metrics") as scraped:
                heard.append(await scraped.text())
        for asked_ops in ("status --json", "status --config", "recent", "reload"):
            heard += map(str, await command(*asked_ops.split(), "--target", running.admin))
        heard += running.printed
    (tmp_path / "keys.json").write_text(whole)
    for arguments in (
        ("check",),
        ("explain", "--key", id_of(good)),
        ("keys", "list"),
        ("keys", "rotate", "nope"),
        ("config", "docs"),
    ):
        where = () if arguments[0] == "config" else ("--config", str(config))
        heard += map(str, await command(*arguments, *where))
    heard.append((tmp_path / "log").read_text())

    behind = "\n".join(tattler.sent)
    assert [s for s in (PROVIDER, FILED, TOOL) if s not in behind] == []  # they were in use
    everything = "\n".join(heard)
    # the log was on, the tattler heard, the scrape and the configuration in force came
    seen = ["a key was refused", "UNAUTHENTICATED", "auth_failed"]
    seen += ["erp_gateway_build_info", "api_key_env"]
    assert [what for what in seen if what not in everything] == []
    secrets = [PROVIDER, FILED, TOOL, TOKENS, STRAY]
    secrets += [key.rsplit("_", 1)[1][:20] for key in (good, near, revoked)]
    secrets += [line for line in server.key_pem.decode().splitlines() if "-----" not in line]
    assert [secret for secret in secrets if secret in everything] == []


async def by_grpc(method: Any, request: Any, key: str) -> str:
    call = method(request, metadata=bearer(key), timeout=PATIENCE_S)
    try:
        told = str(await call)
    except grpc.aio.AioRpcError as error:
        told = repr(error) + str(error.trailing_metadata())
    return told + str(await call.trailing_metadata()) + str(await call.initial_metadata())


async def by_http(
    session: aiohttp.ClientSession, url: str, sent: Any, key: str, trusting: Any
) -> str:
    headers = dict(bearer(key))
    async with session.post(url, json=sent, ssl=trusting, headers=headers) as got:
        return await got.text() + str(got.headers)
