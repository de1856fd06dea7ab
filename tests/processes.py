"""Starts the real gateway as a process of its own, as ops do, and always ends it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY = "serving on "
HTTP = "http on "
METRICS = "metrics on "
ADMIN = "admin on "
START_S = 60.0
"""Far longer than a start takes; a bound for machines that are very busy."""
SHORT = 5
"""Words of so few letters may stand in a log by chance."""
KEYS = ("OPENAI_API_KEY", "DEEPSEEK_API_KEY", "DASHSCOPE_API_KEY")


@dataclass
class GatewayProcess:
    """A running gateway: its addresses, what it printed until it was ready, and its process."""

    address: str
    printed: list[str]
    process: asyncio.subprocess.Process
    log: Path
    http: str = ""  # empty without that door
    metrics: str = ""  # likewise
    admin: str = ""  # empty without that port

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        async with asyncio.timeout(START_S):
            return await self.process.wait()


@asynccontextmanager
async def gateway(
    config: Path, log: Path, env: Mapping[str, str] | None = None, *arguments: str
) -> AsyncIterator[GatewayProcess]:
    """`erp-gateway serve --config CONFIG`; its log goes to the file `log`."""
    clean = {name: value for name, value in os.environ.items() if name not in KEYS}
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "gateway", "serve", "--config", str(config), *arguments),
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            cwd=ROOT,
            env=clean | {"ERP_GATEWAY_STATE_DIR": str(log.parent / "state")} | dict(env or {}),
        )
    try:
        yield await _ready(process, log)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 30)
            except TimeoutError:
                process.kill()
                await process.wait()
    secrets = {value for name, value in (env or {}).items() if name.endswith("_KEY") and value}
    told = log.read_text("utf-8", errors="replace")  # noqa: ASYNC240 # the process has ended
    shown = [value for value in secrets if len(value) > SHORT and value in told]
    assert not shown, "a key stands in the log of a gateway"


async def _ready(process: asyncio.subprocess.Process, log: Path) -> GatewayProcess:
    assert process.stdout is not None
    printed: list[str] = []
    async with asyncio.timeout(START_S):
        while line := (await process.stdout.readline()).decode().strip("\n"):
            printed.append(line)
            if READY in line:
                address = line.split(READY, 1)[1].split()[0]
                doors = (_told(printed, what) for what in (HTTP, METRICS, ADMIN))
                return GatewayProcess(address, printed, process, log, *doors)
    code = await process.wait()
    told = log.read_text()[-3000:]  # noqa: ASYNC240 # the test is lost anyway
    raise AssertionError(f"the gateway ended with {code}: {printed} {told}")


def _told(printed: list[str], what: str) -> str:
    return "".join(line.removeprefix(what) for line in printed if line.startswith(what))
