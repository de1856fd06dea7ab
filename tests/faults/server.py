"""The fault server: an OpenAI-compatible HTTP server that misbehaves as the model's name says."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import orjson

from tests.faults.certificate import Certificate
from tests.faults.connection import Connection
from tests.faults.control import control
from tests.faults.http_request import Request
from tests.faults.listening import Port
from tests.faults.log import Log, Seen
from tests.faults.replying import answered, plain
from tests.faults.script import Play, Player
from tests.faults.wire import Step

CLOSING_S = 5.0  # how long connections may take to go away before the server calls it a bug


@dataclass(frozen=True, slots=True)
class Options:
    """How a fault server runs.

    `time_scale` multiplies every pause of every behaviour (0.1: `stall-20-30` lasts 3 s), so that
    the same names serve short tests and runs in real time. `seed` makes `chaos` repeatable.
    `control_port` (0: any) adds a second port with the same endpoints that `/_down` leaves open.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: bool = False
    time_scale: float = 1.0
    seed: int = 0
    control_port: int | None = None


class FaultServer:
    """`async with FaultServer() as faults:` serves on loopback until the block ends.

    Leaving the block drops all connections and raises the server's own errors, if it had any.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()
        self.time_scale = self.options.time_scale
        self.log = Log()
        self.player = Player(Random(self.options.seed))
        self._connections: set[Connection] = set()
        self._errors: list[BaseException] = []
        self._later: set[asyncio.Task[None]] = set()
        self._certificate = Certificate.make() if self.options.tls else None
        self._port: Port | None = None
        self._control_port: Port | None = None

    # ---- life

    async def __aenter__(self) -> Self:
        self._port = Port(self.options.host, self.options.port)
        self._listen()
        await self._port.opened()
        if self.options.control_port is not None:
            self._control_port = Port(self.options.host, self.options.control_port)
            self._control_port.open(self._connection)
            await self._control_port.opened()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        for port in (self._port, self._control_port):
            if port is not None:
                await port.release()
        await self._drop(list(self._connections))
        if self._certificate is not None:
            self._certificate.discard()
        if self._errors and error is None:
            raise RuntimeError("the fault server itself failed") from self._errors[0]

    async def go_down(self) -> None:
        """Refuse new connections and reset the open ones, as when the process dies."""
        await self._listening_port.close()
        await self._drop([one for one in self._connections if not one.serving_control])
        self.noticed()

    async def come_up(self) -> None:
        """Listen again on the same port."""
        self._listen()
        await self._listening_port.opened()
        self.noticed()

    # ---- what tests ask and set

    @property
    def port(self) -> int:
        """The bound port."""
        return self._listening_port.number

    @property
    def control_port(self) -> int | None:
        """The bound control port, if one was asked for."""
        return None if self._control_port is None else self._control_port.number

    @property
    def root(self) -> str:
        """Scheme, host and port, as in `http://127.0.0.1:4000`."""
        return f"{'https' if self.options.tls else 'http'}://{self.options.host}:{self.port}"

    @property
    def url(self) -> str:
        """The base URL a client is configured with, `/v1` included."""
        return f"{self.root}/v1"

    @property
    def certificate(self) -> Path:
        """The PEM file to trust; only with `tls`."""
        if self._certificate is None:
            raise RuntimeError("the fault server speaks plain HTTP: pass Options(tls=True)")
        return self._certificate.file

    @property
    def listening(self) -> bool:
        """Whether new connections are taken."""
        return self._listening_port.listening

    @property
    def open_connections(self) -> int:
        """How many TCP connections are open now."""
        return len(self._connections)

    @property
    def in_flight(self) -> int:
        """How many of the logged calls have neither ended nor been hung up."""
        return sum(seen.in_flight for seen in self.log.seen())

    def script(self, model: str, written: Sequence[str | Play | Mapping[str, Any]]) -> None:
        """Set what the model's next calls get, in order, the last one for ever."""
        self.player.script(model, written)

    def seen(self, model: str | None = None) -> list[Seen]:
        """The last 10,000 calls, of one model or of all, oldest first."""
        return self.log.seen(model)

    def count(self, model: str) -> int:
        """How often the model was called since the last reset; not bounded by the log."""
        return self.player.calls[model]

    async def until_seen(self, model: str, calls: int = 1, within_s: float = 10.0) -> list[Seen]:
        """Wait for so many calls of a model to have come; TimeoutError if they do not."""
        await self.log.until(lambda: len(self.seen(model)) >= calls, within_s)
        return self.seen(model)

    async def until_over(self, model: str, within_s: float = 10.0) -> list[Seen]:
        """Wait until no call of a model is in flight any more, and return them."""
        await self.log.until(lambda: not any(s.in_flight for s in self.seen(model)), within_s)
        return self.seen(model)

    def reset(self) -> None:
        """Forget calls, counts and scripts; connections stay."""
        self.log.clear()
        self.player.reset()

    # ---- what the control endpoints command

    def close_listening(self, for_s: float | None) -> None:
        """Go down once the reply to this command is written; up again after `for_s`, if given."""
        self._do_later(self._down_and_up(for_s))

    def open_listening(self) -> None:
        """Listen again; callers are queued from this moment on."""
        self._listen()

    # ---- what connections ask

    def opened(self, connection: Connection) -> None:
        """A connection begins."""
        self._connections.add(connection)

    def closed(self, connection: Connection) -> None:
        """A connection is gone."""
        self._connections.discard(connection)
        self.log.changed()

    def noticed(self) -> None:
        """Wake who waits: a record of the log, or the listening, changed."""
        self.log.changed()

    def failed(self, error: BaseException) -> None:
        """Keep an error of the server itself for the end of the block."""
        self._errors.append(error)

    def answer(self, request: Request) -> tuple[tuple[Step, ...], Seen | None]:
        """The reply to a request, and its record unless it is a control request."""
        if request.path.startswith("/_") and not request.path.startswith("/_elsewhere"):
            status, reply = control(self, request)
            return (plain(status, orjson.dumps(reply)),), None
        return answered(request, self.log, self.player, self._elsewhere)

    @property
    def _elsewhere(self) -> str:
        other = "127.0.0.1" if self.options.host == "localhost" else "localhost"
        return f"{'https' if self.options.tls else 'http'}://{other}:{self.port}"

    # ---- listening

    @property
    def _listening_port(self) -> Port:
        if self._port is None:
            raise RuntimeError("the fault server is not running: use `async with FaultServer()`")
        return self._port

    def _connection(self) -> Connection:
        return Connection(self)

    def _listen(self) -> None:
        tls = None if self._certificate is None else self._certificate.server_context()
        self._listening_port.open(self._connection, tls)

    async def _drop(self, connections: list[Connection]) -> None:
        for connection in connections:
            connection.drop()
        await self.log.until(lambda: self._connections.isdisjoint(connections), CLOSING_S)
        await asyncio.sleep(0)  # the loop closes the sockets after it has told the protocols

    async def _down_and_up(self, for_s: float | None) -> None:
        await self.go_down()
        if for_s is not None:
            await asyncio.sleep(for_s * self.time_scale)
            await self.come_up()

    def _do_later(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)
