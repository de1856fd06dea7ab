"""Load on a gateway that is restarted again and again: what its callers see.

`python -m tests.clients.python.restarts [RESTARTS] [CALLERS]` measures 20 restarts under 64 callers
with the Python client as it ships, and prints the figures.
"""

import asyncio
import json
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from erp_gateway_client import AsyncGatewayClient, GatewayClient, GatewayError, Settings, question
from gateway.v1.chat_pb2 import ChatRequest
from gateway.v1.common_pb2 import ANSWER_BY_RULES_ONLY
from tests.golden.gateway_process import RestartableGateway
from tests.golden.serve import KNOWLEDGE

STREAMED_IN = 4  # every fourth caller asks for streams
CONFIG = """
server: {{listen: "127.0.0.1:0"}}
knowledge: {knowledge}
routes:
  - {{name: all, tiers: []}}
"""


@dataclass
class Seen:
    """What callers saw. `longest_s`: the longest call, restarts included."""

    answered: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, began_s: float, error: GatewayError | None) -> None:
        took_s = time.monotonic() - began_s
        with self.lock:
            self.longest_s = max(self.longest_s, took_s)
            if error is None:
                self.answered += 1
            else:
                self.failed[str(error)[:160]] += 1


def asked() -> ChatRequest:
    request = question("How long does delivery to Germany take?")
    request.options.answer_by = ANSWER_BY_RULES_ONLY
    return request


def call_until(client: GatewayClient, stop: threading.Event, seen: Seen, streamed: bool) -> None:
    """One caller in a thread."""
    while not stop.is_set():
        began_s = time.monotonic()
        try:
            if streamed:
                with client.stream_chat(asked()) as stream:
                    assert [piece.text for piece in stream.pieces()]
            else:
                assert client.chat(asked()).text
        except GatewayError as error:
            seen.note(began_s, error)
        else:
            seen.note(began_s, None)


async def acall_until(
    client: AsyncGatewayClient, stop: asyncio.Event, seen: Seen, streamed: bool
) -> None:
    """One caller on the loop."""
    while not stop.is_set():
        began_s = time.monotonic()
        try:
            if streamed:
                async with client.stream_chat(asked()) as stream:
                    assert [piece.text async for piece in stream.pieces()]
            else:
                assert (await client.chat(asked())).text
        except GatewayError as error:
            seen.note(began_s, error)
        else:
            seen.note(began_s, None)


async def restarted(
    folder: Path,
    restarts: int,
    callers: int,
    *,
    threads: bool,
    settings: Settings | None = None,
) -> Seen:
    """Restart the gateway under so many callers; each restart waits for answers in between."""
    config = folder / "gateway.yaml"
    config.write_text(CONFIG.format(knowledge=json.dumps(str(KNOWLEDGE))))
    async with RestartableGateway(config, folder / "gateway.log") as process:
        under = _under_threads if threads else _under_tasks
        return await under(process, restarts, callers, settings or Settings())


async def _restart(process: RestartableGateway, restarts: int, seen: Seen, callers: int) -> None:
    for _ in range(restarts):
        reached = seen.answered + 2 * callers  # under load again, before it goes once more
        await process.again(signal.SIGTERM)
        async with asyncio.timeout(60):
            while seen.answered < reached:
                await asyncio.sleep(0.02)


async def _under_threads(
    process: RestartableGateway, restarts: int, callers: int, settings: Settings
) -> Seen:
    seen, stop = Seen(), threading.Event()
    with GatewayClient(process.address, settings) as client, ThreadPoolExecutor(callers) as pool:
        work = [
            pool.submit(call_until, client, stop, seen, n % STREAMED_IN == 0)
            for n in range(callers)
        ]
        try:
            await _restart(process, restarts, seen, callers)
        finally:
            stop.set()
        await asyncio.gather(*(asyncio.wrap_future(one) for one in work))
    return seen


async def _under_tasks(
    process: RestartableGateway, restarts: int, callers: int, settings: Settings
) -> Seen:
    seen, stop = Seen(), asyncio.Event()
    async with (
        AsyncGatewayClient(process.address, settings) as client,
        asyncio.TaskGroup() as group,
    ):
        for n in range(callers):
            group.create_task(acall_until(client, stop, seen, n % STREAMED_IN == 0))
        try:
            await _restart(process, restarts, seen, callers)
        finally:
            stop.set()
    return seen


def main() -> None:
    """Measure both clients and print."""
    restarts, callers = (*(int(word) for word in sys.argv[1:]), *(20, 64)[len(sys.argv) - 1 :])[:2]
    for threads in (True, False):
        began_s = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            seen = asyncio.run(restarted(Path(folder), restarts, callers, threads=threads))
        print(
            f"{'sync' if threads else 'async'}: {restarts} restarts under {callers} callers: "
            f"{seen.answered} answered, {seen.failed.total()} failed, "
            f"longest call {seen.longest_s:.2f} s, {time.monotonic() - began_s:.0f} s in all"
        )
        for told, times in seen.failed.most_common(10):
            print(f"  {times} x {told}")


if __name__ == "__main__":
    main()
