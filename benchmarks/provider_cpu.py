"""CPU per model call, side by side in one run: a bare aiohttp POST, the direct transport, LiteLLM.

    python benchmarks/provider_cpu.py [--calls 400] [--rounds 5]

The fault server runs in a process of its own, so that only the caller's CPU is counted. Rounds are
interleaved; the table shows medians of CPU milliseconds per call, for a unary call with a 1 KB
prompt, the same asking for JSON, a stream of 50 content chunks that come at once, and one whose
chunks come 2 ms apart, so that each is read by itself.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import aiohttp
import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gateway.adapters.litellm import LitellmProvider
from gateway.core.model import Message, Prompt, Role
from gateway.core.options import Deployment, Secret, Transport

TEXT = "A customer asks where the parcel of order 1001 is. " * 20
PLAIN = Prompt(
    messages=(Message(Role.SYSTEM, "You help."), Message(Role.USER, TEXT)), max_output_tokens=200
)
SCHEMA = {"type": "object", "properties": {"keywords": {"type": "array"}}}
JSON = Prompt(messages=PLAIN.messages, max_output_tokens=200, json_schema=SCHEMA)
UNARY_MODEL, STREAM_MODEL, PACED_MODEL = "ok", "tokens-50", "tokens-50+pace-0.002"
TIMEOUT_S = 30.0
SHARE = {"unary": 1, "json": 1, "stream": 2, "paced": 20}  # dearer kinds are measured less often

Call = Callable[[], Awaitable[None]]


def deployment(provider: str, transport: Transport, model: str, url: str) -> Deployment:
    return Deployment(
        name=f"{provider}-{transport}-{model}",
        provider=provider,
        model=model,
        base_url=url,
        api_key=Secret("key"),
        transport=transport,
    )


class Bare:
    """What any client must do: send JSON, read JSON."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = f"{url}/chat/completions"

    def _body(self, model: str, *, stream: bool) -> bytes:
        messages = [{"role": m.role.value, "content": m.text} for m in PLAIN.messages]
        body: dict[str, object] = {"model": model, "messages": messages, "max_tokens": 200}
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        return orjson.dumps(body)

    async def unary(self) -> None:
        body = self._body(UNARY_MODEL, stream=False)
        headers = {"Content-Type": "application/json", "Authorization": "Bearer key"}
        async with self._session.post(self._url, data=body, headers=headers) as response:
            assert orjson.loads(await response.read())["choices"]

    async def stream(self, model: str = STREAM_MODEL) -> None:
        body = self._body(model, stream=True)
        events = 0
        async with self._session.post(self._url, data=body) as response:
            async for line in response.content:
                if line.startswith(b"data: {"):
                    events += bool(orjson.loads(line[6:]))
        assert events >= 50, events


def unary(provider: LitellmProvider, target: Deployment, prompt: Prompt) -> Call:
    async def call() -> None:
        assert (await provider.complete(target, prompt, TIMEOUT_S)).text

    return call


def stream(provider: LitellmProvider, target: Deployment) -> Call:
    async def call() -> None:
        finish = None
        async with provider.stream(target, PLAIN, TIMEOUT_S) as chunks:
            async for chunk in chunks:
                finish = chunk.finish or finish
        assert finish is not None

    return call


async def cpu_ms(call: Call, calls: int) -> float:
    began = time.process_time()
    for _ in range(calls):
        await call()
    return (time.process_time() - began) / calls * 1e3


async def measure(url: str, calls: int, rounds: int) -> dict[str, dict[str, float]]:
    provider = LitellmProvider()
    provider.start_loading()
    async with aiohttp.ClientSession() as session:
        bare = Bare(session, url)
        rows: dict[str, dict[str, Call]] = {
            "bare aiohttp": {
                "unary": bare.unary,
                "json": bare.unary,
                "stream": bare.stream,
                "paced": partial(bare.stream, PACED_MODEL),
            }
        }
        for name in ("openai", "deepseek", "dashscope"):
            for transport in Transport:
                one = deployment(name, transport, UNARY_MODEL, url)
                many = deployment(name, transport, STREAM_MODEL, url)
                paced = deployment(name, transport, PACED_MODEL, url)
                rows[f"{name}, {transport}"] = {
                    "unary": unary(provider, one, PLAIN),
                    "json": unary(provider, one, JSON),
                    "stream": stream(provider, many),
                    "paced": stream(provider, paced),
                }
        found: dict[str, dict[str, list[float]]] = {}
        for kind in ("unary", "json", "stream", "paced"):
            for number in range(rounds + 1):  # the first warms up
                for name, row in rows.items():
                    share = calls // (SHARE[kind] * (4 if "litellm" in name else 1))
                    spent = await cpu_ms(row[kind], max(share, 10) if number else 10)
                    if number:
                        found.setdefault(name, {}).setdefault(kind, []).append(spent)
    await provider.aclose()
    return {n: {k: statistics.median(v) for k, v in row.items()} for n, row in found.items()}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--calls", type=int, default=400)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.faults", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parent.parent,
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        table = asyncio.run(measure(f"http://127.0.0.1:{port}/v1", given.calls, given.rounds))
    finally:
        server.terminate()
        server.wait()
    bare = table["bare aiohttp"]
    heads = (
        f"{'unary':>8}{'+bare':>8}{'json':>8}{'stream':>9}{'x bare':>8}{'paced':>9}{'x bare':>8}"
    )
    print(f"{'CPU ms per call':24}{heads}")
    for name, row in table.items():
        print(
            f"{name:24}{row['unary']:8.2f}{row['unary'] - bare['unary']:8.2f}{row['json']:8.2f}"
            f"{row['stream']:9.2f}{row['stream'] / bare['stream']:8.1f}"
            f"{row['paced']:9.2f}{row['paced'] / bare['paced']:8.1f}"
        )


if __name__ == "__main__":
    main()
