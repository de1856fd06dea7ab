"""Reloads under load: `make reloads` changes the configuration of a real process 1,000 times.

Each version has its own models, labels and clocks, and every answer is held against the one
version that it names. In between come files that are cut, empty, binary, bombs or gone, and swaps
of symlinks as Kubernetes makes them: none of them may be seen by a caller.
"""

import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import grpc

from gateway.admin.v1 import admin_pb2 as pb
from gateway.admin.v1.admin_pb2_grpc import AdminServiceStub
from gateway.config import load_text
from gateway.v1 import chat_pb2, common_pb2, keywords_pb2
from gateway.v1.gateway_service_pb2_grpc import GatewayServiceStub
from tests.failover.scorecard import KNOWLEDGE
from tests.faults import FaultServer, Options
from tests.processes import gateway

if TYPE_CHECKING:
    from gateway.admin.v1.admin_pb2_grpc import AdminServiceAsyncStub
    from gateway.v1.gateway_service_pb2_grpc import GatewayServiceAsyncStub

RELOADS = 1_000
CALLERS = 12
DEADLINE_S = 30.0
ANSWERS_BETWEEN = 3
"""Answers between two changes; a streamed one lives through several."""
ENV = {"TEST_KEY": "k"}
TEXT = """
server: {{listen: "127.0.0.1:0"}}
admin: {{listen: "127.0.0.1:0"}}
live: {{poll_s: 0.05}}
knowledge: {knowledge}
defaults: {{cache: {{enabled: false}}}}
deployments:
  main: {{provider: openai, model: "ok+pace-0.003@m{n}", base_url: {url!r}, api_key_env: TEST_KEY,
          timeouts: {{total_s: {total_s}}}}}
  spare: {{provider: openai, model: "ok@s{n}", base_url: {url!r}, api_key_env: TEST_KEY}}
routes:
  - {{name: words, match: {{calls: [extract_keywords]}}, tiers: [spare], model_version: r{n}}}
  - {{name: all, tiers: [main, spare], model_version: r{n}}}
"""
BAD = [
    b"",
    b"\x00\xff\x00binary",
    b"a: &a [x]\nb: [*a,*a,*a]\n",
    b"deployments:\n  main: {provider: op",
    b"routes: [{name: all, tires: []}]\n",
]
LISTING = keywords_pb2.Listing(title="Stainless Steel Water Bottle with Straw Lid, 32 oz")


@dataclass
class Tally:
    """What the callers saw."""

    answers: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)


@dataclass
class Stage:
    """A gateway under load, its files as Kubernetes mounts them, and what each version must say."""

    folder: Path
    url: str
    numbers: dict[str, int] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    stopped: bool = False
    stub: "GatewayServiceAsyncStub" = field(init=False)
    admin: "AdminServiceAsyncStub" = field(init=False)

    def text(self, number: int) -> str:
        """The configuration of this number; remembered by its version."""
        total_s = 20 + number % 5
        text = TEXT.format(n=number, url=self.url, knowledge=KNOWLEDGE, total_s=total_s)
        version = load_text(text, str(self.folder / "gateway.yaml"), ENV).plan.version
        self.numbers[version] = number
        return text

    def swap(self, content: bytes, number: int) -> None:
        """A new folder behind the link `..data`, in one rename; the old one goes."""
        (fresh := self.folder / f"..v{number}").mkdir()
        (fresh / "gateway.yaml").write_bytes(content)
        link = self.folder / "..data"
        old = link.resolve() if link.is_symlink() else None
        (temporary := self.folder / "..data_tmp").symlink_to(fresh.name)
        temporary.rename(link)
        if old is not None:
            (old / "gateway.yaml").unlink(missing_ok=True)
            old.rmdir()

    def judge(self, info: common_pb2.AnswerInfo) -> None:
        """Hold an answer against the version it names."""
        number = self.numbers.get(info.config_version)
        self.tally.versions.add(info.config_version)
        self.tally.answers[common_pb2.Source.Name(info.source)] += 1
        models = {"main": f"@m{number}", "spare": f"@s{number}", "": ""}
        if info.model_version != f"r{number}" or not info.model.endswith(models[info.deployment]):
            self.tally.mixed.append(f"{number}: {info.model_version} {info.model}")


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """A gateway before healthy models."""
    async with AsyncExitStack() as stack:
        faults = await stack.enter_async_context(FaultServer(Options()))
        mounted = folder / "mounted"
        mounted.mkdir()
        made = Stage(mounted, faults.url)
        made.swap(made.text(0).encode(), 0)
        (file := mounted / "gateway.yaml").symlink_to("..data/gateway.yaml")
        running = await stack.enter_async_context(
            gateway(file, folder / "log", ENV, "--log-level", "warning")
        )
        calls = await stack.enter_async_context(grpc.aio.insecure_channel(running.address))
        made.stub = GatewayServiceStub(calls)
        admin = await stack.enter_async_context(grpc.aio.insecure_channel(running.admin))
        made.admin = AdminServiceStub(admin)
        await chat(made, "")
        yield made


async def chat(stage: Stage, text: str) -> None:
    """One question, answered whole."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=f"Do you ship to Mars? {text}")
    request = chat_pb2.ChatRequest(messages=[message])
    stage.judge((await stage.stub.Chat(request, timeout=DEADLINE_S)).info)


async def streamed(stage: Stage, text: str) -> None:
    """One question, streamed."""
    message = chat_pb2.ChatMessage(role=chat_pb2.ROLE_USER, text=f"Do you ship to Mars? {text}")
    request = chat_pb2.StreamChatRequest(chat=chat_pb2.ChatRequest(messages=[message]))
    async for event in stage.stub.StreamChat(request, timeout=DEADLINE_S):
        if event.HasField("completed"):
            stage.judge(event.completed.info)
            return
    raise AssertionError("a stream ended without `completed`")


async def keywords(stage: Stage, _text: str) -> None:
    """One listing."""
    request = keywords_pb2.ExtractKeywordsRequest(listing=LISTING)
    stage.judge((await stage.stub.ExtractKeywords(request, timeout=DEADLINE_S)).info)


async def load(stage: Stage, number: int) -> None:
    """One caller, asking again and again."""
    asks = itertools.cycle([chat, streamed, chat, keywords])
    for turn in itertools.count():
        if stage.stopped:
            return
        try:
            await next(asks)(stage, f"{number}-{turn}")
        except (grpc.aio.AioRpcError, AssertionError) as error:
            stage.tally.failed.append(str(error)[:300])


async def reloads(stage: Stage, count: int) -> Counter[str]:
    """So many changes one after the other; every fourth is a bad file first."""
    outcomes: Counter[str] = Counter()
    swaps = itertools.count(1)
    for number in range(1, count + 1):
        if number % 4 == 0:
            stage.swap(BAD[number // 4 % len(BAD)], next(swaps))
            outcomes[await reload(stage)] += 1
        if number % 20 == 0:
            (stage.folder / "gateway.yaml").unlink()
            outcomes[await reload(stage)] += 1
            (stage.folder / "gateway.yaml").symlink_to("..data/gateway.yaml")
        stage.swap(stage.text(number).encode(), next(swaps))
        if number % 10 == 0:
            await watched(stage, number)
            outcomes["watched"] += 1
        else:
            outcomes[await reload(stage)] += 1
        await answered(stage, ANSWERS_BETWEEN)
        if number % 100 == 0:
            print(f"{number} reloads, {stage.tally.answers.total()} answers", flush=True)
    return outcomes


async def answered(stage: Stage, more: int) -> None:
    """Let so many further calls end, so that versions change under calls of every age."""
    until = stage.tally.answers.total() + more
    async with asyncio.timeout(DEADLINE_S):
        while stage.tally.answers.total() < until and not stage.tally.failed:
            await asyncio.sleep(0.002)


async def reload(stage: Stage) -> str:
    """Have it read the file; how that ended."""
    result = (await stage.admin.Reload(pb.ReloadRequest(), timeout=DEADLINE_S)).result
    return pb.ReloadOutcome.Name(result.outcome).removeprefix("RELOAD_OUTCOME_").lower()


async def watched(stage: Stage, number: int) -> None:
    """Wait until it has seen the change by itself."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            status = await stage.admin.GetStatus(pb.GetStatusRequest(), timeout=DEADLINE_S)
            if stage.numbers.get(status.config_version) == number:
                return
            await asyncio.sleep(0.02)


async def soak(stage: Stage, count: int, callers: int = CALLERS) -> Counter[str]:
    """The reloads, with callers all the while."""
    tasks = [asyncio.create_task(load(stage, number)) for number in range(callers)]
    try:
        return await reloads(stage, count)
    finally:
        stage.stopped = True
        await asyncio.gather(*tasks)


async def main(count: int) -> int:
    """Run it and tell; exit code 1 when a call failed or mixed two versions."""
    with tempfile.TemporaryDirectory() as folder:
        began_s = time.monotonic()
        async with stage(Path(folder)) as made:
            outcomes = await soak(made, count)
            tally = made.tally
    print(f"{time.monotonic() - began_s:.0f} s, reloads: {dict(outcomes)}")
    print(f"answers: {dict(tally.answers)} under {len(tally.versions)} versions")
    print(f"failed: {len(tally.failed)} {tally.failed[:3]}")
    print(f"of two versions at once: {len(tally.mixed)} {tally.mixed[:3]}")
    return 1 if tally.failed or tally.mixed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else RELOADS)))
