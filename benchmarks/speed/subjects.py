"""The servers side by side, and what each is asked.

A subject is one running server with a target for every kind of work it can do. Peers are installed
into environments of their own under .cache/bench, never into the project's.
"""

import asyncio
import socket
import struct
import subprocess
import sys
import venv
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import grpc
import orjson

from benchmarks.speed.h2load import Target
from benchmarks.speed.processes import started
from benchmarks.speed.upstream import TEXT
from gateway.v1 import chat_pb2, common_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench"
PORTKEY = {"@portkey-ai/gateway": "1.15.2"}
PORTKEY_PINS = {"@hono/node-server": "1.13.8"}
"""With a newer one Portkey 1.15.2 does not stream."""
QUESTION = (
    "Do you ship to Canada, please, and how long does it usually take until it arrives there?"
)
"""Anybody's question, which may be answered from the cache."""

CONFIG = """
server: {{listen: "127.0.0.1:0", http_listen: "127.0.0.1:0"}}
knowledge: {knowledge}
defaults:
  cache: {{enabled: false}}
  breaker: {{consecutive_failures: 1000000, minimum_calls: 1000000000}}
  concurrency: {{maximum: 100000, minimum: 100000}}
  retry: {{per_request: 0, per_deployment: 0}}
  timeouts: {{total_s: 60, first_token_s: 30, idle_s: 30}}
deployments:
  ok: {{provider: openai, model: bench, base_url: "{upstream}/v1", api_key_env: BENCH_KEY}}
  bad: {{provider: openai, model: bench, base_url: "{upstream}/bad/v1", api_key_env: BENCH_KEY}}
  paced: {{provider: openai, model: pace-25, base_url: "{upstream}/v1", api_key_env: BENCH_KEY}}
  ticking: {{provider: openai, model: pace-50, base_url: "{upstream}/v1", api_key_env: BENCH_KEY}}
  slow: {{provider: openai, model: wait-5000, base_url: "{upstream}/v1", api_key_env: BENCH_KEY}}
routes:
  - {{name: cached, match: {{labels: {{work: cached}}}}, tiers: [[ok]], cache: {{enabled: true}}}}
  - name: fallback
    match: {{labels: {{work: fallback}}}}
    tiers: [[bad], [ok]]
  - {{name: paced, match: {{labels: {{work: paced}}}}, tiers: [[paced]]}}
  - {{name: ticking, match: {{labels: {{work: ticking}}}}, tiers: [[ticking]]}}
  - {{name: slow, match: {{labels: {{work: slow}}}}, tiers: [[slow]]}}
  - {{name: plain, tiers: [[ok]]}}
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A running server: its process, and its targets by kind of work."""

    name: str
    pid: int
    targets: Mapping[str, Target] = field(default_factory=dict)


def chat(work: str, model: str = "bench") -> chat_pb2.ChatRequest:
    """The question; labels tell our servers what is measured."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=QUESTION)
    options = common_pb2.RequestOptions(labels={"work": work, "model": model})
    return chat_pb2.ChatRequest(messages=[message], options=options)


def over_grpc(address: str, work: str, model: str = "bench") -> Target:
    """Chat or StreamChat as gRPC frames it."""
    stream = work in ("stream", "paced")
    asked = chat(work, model)
    sent = (chat_pb2.StreamChatRequest(chat=asked) if stream else asked).SerializeToString()
    return Target(
        url=f"http://{address}/gateway.v1.GatewayService/{'StreamChat' if stream else 'Chat'}",
        headers={"content-type": "application/grpc", "te": "trailers", "grpc-timeout": "50S"},
        body=struct.pack(">BI", 0, len(sent)) + sent,
        http1=False,
    )


def over_connect(address: str, work: str) -> Target:
    """Chat through the HTTP door, as JSON."""
    messages = [{"role": "ROLE_USER", "text": QUESTION}]
    body = orjson.dumps({"messages": messages, "options": {"labels": {"work": work}}})
    headers = {"content-type": "application/json", "connect-timeout-ms": "50000"}
    url = f"http://{address}/gateway.v1.GatewayService/Chat"
    return Target(url=url, headers=headers, body=body, http1=True)


def over_openai(
    url: str,
    *,
    model: str = "bench",
    stream: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Target:
    """A chat completion, as the peers and the model itself take it."""
    messages = [{"role": "user", "content": QUESTION}]
    body = {"model": model, "messages": messages, "temperature": 0, "stream": stream}
    sent = {"content-type": "application/json", "authorization": "Bearer bench"}
    return Target(
        url=f"{url}/v1/chat/completions",
        headers=sent | dict(headers or {}),
        body=orjson.dumps(body),
        http1=True,
    )


@asynccontextmanager
async def model() -> AsyncIterator[Subject]:
    """The upstream."""
    command = [sys.executable, "-m", "benchmarks.speed.upstream"]
    async with started(command, {}, CACHE / "upstream.log") as process:
        url = f"http://127.0.0.1:{await _line(process)}"
        targets = {"plain": over_openai(url), "stream": over_openai(url, stream=True)}
        yield Subject(url, process.pid, targets)


@asynccontextmanager
async def bare(upstream: str) -> AsyncIterator[Subject]:
    """The echo and the forwarder, one process."""
    url = f"{upstream}/v1/chat/completions"
    command = [sys.executable, "-m", "benchmarks.speed.bare", url]
    async with started(command, {}, CACHE / "bare.log") as process:
        address = f"127.0.0.1:{await _line(process)}"
        targets = {work: over_grpc(address, work) for work in ("plain", "stream", "echo")}
        targets["cached"] = targets.pop("echo")
        targets["paced"] = over_grpc(address, "paced", "pace-25")
        yield Subject("bare grpc.aio", process.pid, targets)


@asynccontextmanager
async def gateway(upstream: str, *more: str) -> AsyncIterator[tuple[Subject, Subject]]:
    """This gateway, over gRPC and over the HTTP door."""
    config = CACHE / "gateway.yaml"
    config.write_text(CONFIG.format(upstream=upstream, knowledge=ROOT / "config" / "knowledge"))
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(config)]
    command += ["--log-level", "error", *more]
    env = {"BENCH_KEY": "bench"}
    async with started(command, env, CACHE / "gateway.log") as process:
        http = await _line(process, "http on ")
        address = await _line(process, "serving on ")
        works = ("plain", "cached", "stream", "fallback", "paced")
        targets = {work: over_grpc(address, work) for work in works}
        by_http = {work: over_connect(http, work) for work in ("plain", "cached", "fallback")}
        await _checked(address)
        ours = Subject("this gateway, gRPC", process.pid, targets)
        yield ours, Subject("this gateway, HTTP", process.pid, by_http)


async def _checked(address: str) -> None:
    """Every kind of work gives the model's answer: gRPC's errors look like successes to h2load."""
    expected = {"plain": "MODEL", "cached": "CACHE", "fallback": "MODEL"}
    async with grpc.aio.insecure_channel(address) as channel:
        stub = GatewayServiceStub(channel)
        await stub.Chat(chat("cached"), timeout=60)
        for work, source in expected.items():
            answer = await stub.Chat(chat(work), timeout=60)
            told = common_pb2.Source.Name(answer.info.source)
            if answer.text != TEXT or told != f"SOURCE_{source}":
                raise RuntimeError(f"{work}: {told} said {answer}")


@asynccontextmanager
async def litellm_proxy(upstream: str) -> AsyncIterator[Subject]:
    """LiteLLM's proxy, of the same version as the library in use."""
    python = await asyncio.to_thread(_litellm_environment)
    config = CACHE / "litellm.yaml"
    config.write_text(_litellm_config(upstream))
    port = _free_port()
    command = [str(python.parent / "litellm"), "--config", str(config), "--port", str(port)]
    command += ["--host", "127.0.0.1", "--num_workers", "1"]
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    async with started(command, env, CACHE / "litellm.log") as process:
        url = f"http://127.0.0.1:{port}"
        await _listening(port)
        targets = {
            "plain": over_openai(url, model="uncached"),
            "cached": over_openai(url, model="cached"),
            "stream": over_openai(url, model="uncached", stream=True),
            "fallback": over_openai(url, model="bad"),
        }
        yield Subject(f"LiteLLM proxy {version('litellm')}", process.pid, targets)


def _litellm_config(upstream: str) -> str:
    def entry(name: str, path: str, **more: object) -> dict[str, object]:
        params = {"model": "openai/bench", "api_base": f"{upstream}{path}", "api_key": "bench"}
        return {"model_name": name, "litellm_params": params | more}

    off = {"cache": {"no-cache": True, "no-store": True}}
    written = {
        "model_list": [
            entry("cached", "/v1"),
            entry("uncached", "/v1", **off),
            entry("bad", "/bad/v1", **off),
        ],
        "litellm_settings": {
            "cache": True,
            "cache_params": {"type": "local"},
            "num_retries": 0,
            "telemetry": False,
            "fallbacks": [{"bad": ["uncached"]}],
        },
        "router_settings": {"num_retries": 0, "disable_cooldowns": True},
    }
    return orjson.dumps(written).decode()


def _litellm_environment() -> Path:
    python = CACHE / "litellm" / "bin" / "python"
    wanted = f"litellm[proxy]=={version('litellm')}"
    if not (python.parent / "litellm").exists():
        venv.create(CACHE / "litellm", clear=True)
        uv = Path(sys.executable).with_name("uv")
        command = [str(uv), "pip", "install", "-q", "--compile-bytecode"]
        subprocess.run([*command, "--python", str(python), wanted], check=True)  # pinned
    return python


@asynccontextmanager
async def portkey(upstream: str) -> AsyncIterator[Subject]:
    """Portkey's gateway."""
    home = await asyncio.to_thread(_portkey_environment)
    port = _free_port()
    command = ["node", str(home / "node_modules/@portkey-ai/gateway/build/start-server.js")]
    command += [f"--port={port}", "--headless"]
    async with started(command, {"NODE_ENV": "production"}, CACHE / "portkey.log") as process:
        await _listening(port)
        url = f"http://127.0.0.1:{port}"
        good = {"provider": "openai", "custom_host": f"{upstream}/v1", "api_key": "bench"}
        bad = good | {"custom_host": f"{upstream}/bad/v1"}
        plain = _portkey_header(good)
        fallback = _portkey_header({"strategy": {"mode": "fallback"}, "targets": [bad, good]})
        targets = {
            "plain": over_openai(url, headers=plain),
            "stream": over_openai(url, stream=True, headers=plain),
            "fallback": over_openai(url, headers=fallback),
        }
        yield Subject(f"Portkey {PORTKEY['@portkey-ai/gateway']}", process.pid, targets)


def _portkey_header(config: Mapping[str, object]) -> dict[str, str]:
    return {"x-portkey-config": orjson.dumps(config).decode()}


def _portkey_environment() -> Path:
    home = CACHE / "portkey"
    if not (home / "node_modules" / "@portkey-ai").exists():
        home.mkdir(parents=True, exist_ok=True)
        wanted = {"private": True, "dependencies": PORTKEY, "overrides": PORTKEY_PINS}
        (home / "package.json").write_bytes(orjson.dumps(wanted))
        command = ["npm", "install", "--silent", "--no-audit"]
        subprocess.run(command, cwd=home, check=True)  # from PATH
    return home


async def _line(process: asyncio.subprocess.Process, begins: str = "") -> str:
    """What follows on the first line that begins so, up to a space."""
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while line := (await process.stdout.readline()).decode():
            if line.startswith(begins):
                return line.removeprefix(begins).split()[0]
    raise RuntimeError("the server ended before it was ready")


async def _listening(port: int) -> None:
    async with asyncio.timeout(120):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
            else:
                writer.close()
                return


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
