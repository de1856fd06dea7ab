"""Other gateways, each installed into an environment of its own under .cache/bench.

None is asked for a key, none logs calls, none retries: what is left is the least each can cost.
"""

import asyncio
import socket
import subprocess
import sys
import venv
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

import orjson

from benchmarks.speed.processes import started
from benchmarks.speed.subjects import CACHE, Subject
from benchmarks.speed.targets import over_openai

LITELLM, PORTKEY, TENSORZERO = "LiteLLM proxy", "Portkey", "TensorZero"
VERSIONS = {LITELLM: version("litellm"), PORTKEY: "1.15.2", TENSORZERO: "2026.6.0"}
"""LiteLLM's proxy is of the same version as the library in use."""
PORTKEY_PINS = {"@hono/node-server": "1.13.8"}
"""With a newer one Portkey 1.15.2 does not stream."""


@asynccontextmanager
async def litellm_proxy(upstream: str) -> AsyncIterator[Subject]:
    """LiteLLM's proxy, one worker."""
    wanted = f"litellm[proxy]=={VERSIONS[LITELLM]}"
    python = await asyncio.to_thread(environment, "litellm", wanted)
    config = CACHE / "litellm.yaml"
    config.write_bytes(orjson.dumps(_litellm_config(upstream)))
    port = _free_port()
    command = [str(python.parent / "litellm"), "--config", str(config), "--port", str(port)]
    command += ["--host", "127.0.0.1", "--num_workers", "1"]
    env = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    env["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"  # asks nobody for a key
    async with started(command, env, CACHE / "litellm.log") as process:
        url = f"http://127.0.0.1:{port}/v1"
        await _listening(process.process, port)
        targets = {
            "plain": over_openai(url, model="uncached"),
            "cached": over_openai(url, model="cached"),
            "stream": over_openai(url, model="uncached", stream=True),
            "paced": over_openai(url, model="paced", stream=True),
            "fallback": over_openai(url, model="bad"),
        }
        yield Subject(LITELLM, process.pid, url, targets)


def _litellm_config(upstream: str) -> Mapping[str, object]:
    def entry(
        name: str, path: str, more: Mapping[str, object], model: str = "bench"
    ) -> dict[str, object]:
        params: dict[str, object] = {
            "model": f"openai/{model}",
            "api_base": f"{upstream}{path}",
            "api_key": "bench",
        }
        return {"model_name": name, "litellm_params": params | dict(more)}

    off: dict[str, object] = {"cache": {"no-cache": True, "no-store": True}}
    return {
        "model_list": [
            entry("cached", "/v1", {}),
            entry("uncached", "/v1", off),
            entry("paced", "/v1", off, "pace-25"),
            entry("bad", "/bad/v1", off),
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


@asynccontextmanager
async def portkey(upstream: str) -> AsyncIterator[Subject]:
    """Portkey's gateway; its open version has no cache."""
    home = await asyncio.to_thread(_portkey_environment)
    port = _free_port()
    command = ["node", str(home / "node_modules/@portkey-ai/gateway/build/start-server.js")]
    command += [f"--port={port}", "--headless"]
    async with started(command, {"NODE_ENV": "production"}, CACHE / "portkey.log") as process:
        await _listening(process.process, port)
        url = f"http://127.0.0.1:{port}/v1"
        good = {"provider": "openai", "custom_host": f"{upstream}/v1", "api_key": "bench"}
        bad = good | {"custom_host": f"{upstream}/bad/v1"}
        plain = _portkey_header(good)
        fallback = _portkey_header({"strategy": {"mode": "fallback"}, "targets": [bad, good]})
        targets = {
            "plain": over_openai(url, headers=plain),
            "stream": over_openai(url, stream=True, headers=plain),
            "paced": over_openai(url, model="pace-25", stream=True, headers=plain),
            "fallback": over_openai(url, headers=fallback),
        }
        yield Subject(PORTKEY, process.pid, url, targets)


def _portkey_header(config: Mapping[str, object]) -> dict[str, str]:
    return {"x-portkey-config": orjson.dumps(config).decode()}


def _portkey_environment() -> Path:
    home = CACHE / "portkey"
    installed = home / "node_modules" / "@portkey-ai" / "gateway"
    wanted = {"@portkey-ai/gateway": VERSIONS[PORTKEY]}
    package = orjson.dumps(
        {"private": True, "dependencies": wanted | PORTKEY_PINS, "overrides": PORTKEY_PINS}
    )
    if not installed.exists() or (home / "package.json").read_bytes() != package:
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_bytes(package)
        command = ["npm", "install", "--silent", "--no-audit"]
        subprocess.run(command, cwd=home, check=True, timeout=300)  # from PATH
    return home


TENSORZERO_HOST = """
import sys
from tensorzero.tensorzero import _start_http_gateway as start
gateway = start(config_file=sys.argv[1], clickhouse_url=None, postgres_url=None, valkey_url=None,
                async_setup=False)
print("serving on", gateway.base_url, flush=True)
sys.stdin.read()
"""
"""Its wheel holds the Rust gateway; the package starts it so for clients of OpenAI's."""


@asynccontextmanager
async def tensorzero(upstream: str) -> AsyncIterator[Subject]:
    """TensorZero's gateway in its Python host, with no database and so no cache."""
    wanted = f"tensorzero=={VERSIONS[TENSORZERO]}"
    python = await asyncio.to_thread(environment, "tensorzero", wanted)
    config = CACHE / "tensorzero.toml"
    config.write_text(_tensorzero_config(upstream))
    command = [str(python), "-c", TENSORZERO_HOST, str(config)]
    async with started(
        command, {"BENCH_KEY": "bench", "RUST_LOG": "off"}, CACHE / "tensorzero.log"
    ) as process:
        url = await process.line("serving on ")
        named = "tensorzero::model_name::"
        targets = {
            "plain": over_openai(url, model=f"{named}plain"),
            "stream": over_openai(url, model=f"{named}plain", stream=True),
            "paced": over_openai(url, model=f"{named}paced", stream=True),
            "fallback": over_openai(url, model=f"{named}fallback"),
        }
        yield Subject(TENSORZERO, process.pid, url, targets)


def _tensorzero_config(upstream: str) -> str:
    def model(name: str, asked: str, paths: Mapping[str, str]) -> str:
        providers = "".join(
            f'[models.{name}.providers.{provider}]\ntype = "openai"\nmodel_name = "{asked}"\n'
            f'api_base = "{upstream}{path}/"\napi_key_location = "env::BENCH_KEY"\n'
            for provider, path in paths.items()
        )
        return f"[models.{name}]\nrouting = {list(paths)}\n{providers}"

    ok = {"ok": "/v1"}
    models = [model("plain", "bench", ok), model("paced", "pace-25", ok)]
    models.append(model("fallback", "bench", {"bad": "/bad/v1"} | ok))
    return "[gateway]\nobservability.enabled = false\n" + "".join(models)


def environment(name: str, *wanted: str) -> Path:
    """The Python of a virtual environment under .cache/bench that holds these packages."""
    home = CACHE / name
    python, mark = home / "bin" / "python", home / "wanted.txt"
    if not mark.exists() or mark.read_text() != " ".join(wanted):
        venv.create(home, clear=True)
        uv = Path(sys.executable).with_name("uv")
        command = [str(uv), "pip", "install", "-q", "--compile-bytecode", "--python", str(python)]
        subprocess.run([*command, *wanted], check=True, timeout=600)  # pinned
        mark.write_text(" ".join(wanted))
    return python


async def _listening(process: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(90):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
            else:
                writer.close()
                return
    raise RuntimeError("the server ended before it listened")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


PEERS = {LITELLM: litellm_proxy, PORTKEY: portkey, TENSORZERO: tensorzero}
