"""What a client library's tests run against: gateway processes, the fault server behind them."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.faults import FaultServer, Options
from tests.faults.certificate import Certificate

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
READY = "serving on "
PATIENCE_S = 240.0
"""Far longer than a start or a drain takes; a bound for machines that are very busy."""


def free_port(rng: Random) -> int:
    """A port below those of outgoing connections: none takes it while its gateway is down."""
    for _ in range(100):
        port = rng.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("found no free port between 20000 and 32000")


@dataclass
class Gateway:
    """One gateway: its command, and its process while it runs."""

    name: str
    port: int
    command: Sequence[str]
    log: Path
    process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start and wait until calls are answered; nothing if it runs already."""
        if self.process is not None:
            return
        with self.log.open("ab") as stderr:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, *self.command),
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                cwd=ROOT,
                env=os.environ | {"CLIENT_TEST_KEY": "k-upstream"},
                start_new_session=True,  # a group of its own, for `end`
            )
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            while line := await self.process.stdout.readline():
                if READY in line.decode():
                    return
        told = self.log.read_text()[-2000:]
        raise RuntimeError(f"gateway {self.name!r} did not start: {told}")

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for it: SIGTERM drains, SIGKILL does not."""
        if self.process is None:
            return
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            await self.process.wait()
        with suppress(ProcessLookupError):
            os.killpg(
                self.process.pid, signal.SIGKILL
            )  # a killed gateway leaves its workers behind
        self.process = None


@dataclass
class Stage:
    """The fault server, and gateways by name."""

    faults: FaultServer
    gateways: dict[str, Gateway]
    server_certificate: Path
    client: Certificate

    def told(self) -> dict[str, str]:
        """What a test has to know, as strings."""
        return {
            "faults": self.faults.root,
            "ca": str(self.server_certificate),
            "client_certificate": str(self.client.file),
            "client_key": str(self.client.key),
            **{name: f"localhost:{gateway.port}" for name, gateway in self.gateways.items()},
        }

    async def obey(self, command: str, name: str) -> None:
        """`start`, `stop` (drains), `kill`, `restart` (stop and start) a gateway."""
        gateway = self.gateways[name]
        if command in {"stop", "restart"}:
            await gateway.end()
        if command == "kill":
            await gateway.end(signal.SIGKILL)
        if command in {"start", "restart"}:
            await gateway.start()


@asynccontextmanager
async def staged(folder: Path, rng: Random) -> AsyncIterator[Stage]:
    """The stage with no gateway started; `folder` takes the configurations and the logs."""
    async with AsyncExitStack() as cleaning:
        faults = await cleaning.enter_async_context(FaultServer(Options()))
        server, client = await asyncio.to_thread(Certificate.make), Certificate.make()
        cleaning.callback(server.discard)
        cleaning.callback(client.discard)
        gateways = _gateways(folder, faults.url, (server, client), rng)
        try:
            yield Stage(faults, gateways, server.file, client)
        finally:
            await asyncio.gather(*(gateway.end() for gateway in gateways.values()))


def _gateways(
    folder: Path, faults_url: str, certificates: tuple[Certificate, Certificate], rng: Random
) -> dict[str, Gateway]:
    server, client = certificates
    config = folder / "gateway.yaml"
    template = (HERE / "gateway.yaml").read_text()
    knowledge = str(HERE / "knowledge")
    config.write_text(template.replace("FAULTS", faults_url).replace("KNOWLEDGE", knowledge))
    tls = ("--tls", str(server.directory))
    kinds = {
        "plain": ("gateway", "serve"),
        "guarded": ("tests.clients.guarded",),
        "tls": ("tests.clients.guarded", *tls),
        "mtls": ("tests.clients.guarded", *tls, "--client-ca", str(client.file)),
    }
    made: dict[str, Gateway] = {}
    for name, command in kinds.items():
        port = free_port(rng)
        where = ("--config", str(config), "--listen", f"127.0.0.1:{port}")
        made[name] = Gateway(name, port, ("-m", *command, *where), folder / f"{name}.log")
    return made
