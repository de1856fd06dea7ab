"""The servers of this repository side by side: the model, the bare server, the gateway.

A subject is one running server with a target for every kind of work it can do.
"""

import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.speed.h2load import Target
from benchmarks.speed.processes import LOAD_CORES, SERVER_CORES, started
from benchmarks.speed.targets import over_connect, over_grpc, over_openai

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "bench"
OURS, DOOR, BARE = "this gateway, gRPC", "this gateway, HTTP", "bare grpc.aio"
MODEL = "the model itself"

CONFIG = """
server: {{listen: "127.0.0.1:0", http_listen: "127.0.0.1:0", max_calls: 100000}}
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
  - name: cached
    match: {{labels: {{work: cached}}}}
    tiers: [[ok]]
    cache: {{enabled: true}}
    knowledge_base: little
  - name: fallback
    match: {{labels: {{work: fallback}}}}
    tiers: [[bad], [ok]]
    knowledge_base: little
  - name: paced
    match: {{labels: {{work: paced}}}}
    tiers: [[paced]]
    knowledge_base: little
  - name: ticking
    match: {{labels: {{work: ticking}}}}
    tiers: [[ticking]]
    knowledge_base: little
  - name: slow
    match: {{labels: {{work: slow}}}}
    tiers: [[slow]]
    knowledge_base: little
  - {{name: known, match: {{labels: {{work: known}}}}, tiers: [[ok]], knowledge_base: shop}}
  - {{name: plain, tiers: [[ok]], knowledge_base: little}}
"""
"""No policy may spare an attempt: the breaker stays closed, nothing is retried, no room is full."""


LITTLE = """
entries:
  - id: office
    questions: {en: [Where is your office?]}
    answers: {en: In the old town.}
"""
"""Nearly no knowledge: bare servers and peers have none, and like is compared with like."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A running server: its process, and its targets by kind of work."""

    name: str
    pid: int
    url: str
    targets: Mapping[str, Target] = field(default_factory=dict)


@asynccontextmanager
async def model() -> AsyncIterator[Subject]:
    """The upstream, on the load generator's cores."""
    command = [sys.executable, "-m", "benchmarks.speed.upstream"]
    async with started(command, {}, CACHE / "upstream.log", LOAD_CORES) as process:
        url = f"http://127.0.0.1:{await process.line()}"
        asked = f"{url}/v1"
        targets = {"plain": over_openai(asked), "stream": over_openai(asked, stream=True)}
        targets["ticking"] = over_openai(asked, model="pace-50", stream=True)
        yield Subject(MODEL, process.pid, url, targets)


@asynccontextmanager
async def bare(upstream: str) -> AsyncIterator[Subject]:
    """The echo and the forwarder, one process."""
    url = f"{upstream}/v1/chat/completions"
    command = [sys.executable, "-m", "benchmarks.speed.bare", url]
    async with started(command, {}, CACHE / "bare.log") as process:
        address = f"127.0.0.1:{await process.line()}"
        targets = {work: over_grpc(address, work) for work in ("plain", "stream", "echo")}
        targets["cached"] = targets.pop("echo")
        targets["paced"] = over_grpc(address, "paced", "pace-25")
        targets["slow"] = over_grpc(address, "slow", "wait-5000")
        yield Subject(BARE, process.pid, address, targets)


@asynccontextmanager
async def gateway(
    upstream: str,
    workers: int = 1,
    settings: str = "",
    cores: frozenset[int] = SERVER_CORES,
) -> AsyncIterator[tuple[Subject, Subject]]:
    """This gateway, over gRPC and over the HTTP door; `settings`: more lines of configuration."""
    config = CACHE / "gateway.yaml"
    config.write_text(CONFIG.format(upstream=upstream, knowledge=_knowledge()) + settings)
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(config)]
    command += ["--log-level", "error", "--workers", str(workers)]
    async with started(command, {"BENCH_KEY": "bench"}, CACHE / "gateway.log", cores) as process:
        http = await process.line("http on ")
        address = await process.line("serving on ")
        chats = ("plain", "cached", "stream", "fallback", "paced", "ticking", "slow", "known")
        targets = {work: over_grpc(address, work) for work in (*chats, "keywords", "anomaly")}
        by_http = {work: over_connect(http, work) for work in ("plain", "cached", "fallback")}
        ours = Subject(OURS, process.pid, address, targets)
        yield ours, Subject(DOOR, process.pid, http, by_http)


def _knowledge() -> Path:
    """A folder with two bases: the shop's of the shipped configuration, and a little one."""
    folder = CACHE / "knowledge"
    shutil.copytree(ROOT / "config" / "knowledge", folder, dirs_exist_ok=True)
    (folder / "little").mkdir(exist_ok=True)
    (folder / "little" / "faq.yaml").write_text(LITTLE)
    return folder
