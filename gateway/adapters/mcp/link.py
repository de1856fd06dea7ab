"""The link to one MCP server: a supervising task that keeps a session, and rebuilds it when lost.

What was found of the SDK's client: when its server goes away, it cancels the task that opened it,
and it never works again. So three kinds of tasks are kept apart, each isolated from the others:

1. the supervisor, which only starts sessions, one after the other, with back-off;
2. the life of one session, which opens, watches and closes the SDK's client: whatever that does to
   its task, the supervisor goes on;
3. one task for each call: its caller waits for a result, an error, or its own time to be over, and
   never sees a cancellation that is not its own.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, TypeVar

from gateway.adapters.mcp.session import Connect, Said, Session, SessionLost, in_words
from gateway.core.described import Described
from gateway.core.errors import ToolFailed, ToolNotReached
from gateway.core.options import McpServer

RELIST_S = 60.0
"""Tools are listed again this often, also by servers that do not tell of changes."""
BACKOFF_BASE_S, BACKOFF_CAP_S = 0.1, 2.0
"""Pause after a lost session; doubles up to the cap, so that a server that comes back is used
again within 5 s. A call that waits does not shorten it: a dead server is not hammered."""
GRACE_S = 2.5
"""How long after a loss calls wait for a new session: longer than the longest pause, shorter than
a tool's 3 s."""
MOST_SILENT = 3
"""After so many calls in a row that ran out of time the session is thought dead, and rebuilt."""
SILENT_S = 1.0
"""A call that was given up sooner says nothing of the server: its caller has hung up."""
DRAIN_S = 10.0
"""Longest that a session thought dead is kept for calls that still run on it; a tool is given less
by default."""
CLOSING_S = 5.0
"""A session that takes longer to close is left to itself."""

T = TypeVar("T")

log = logging.getLogger(__name__)


class Link:
    """One MCP server. `start()` it, `call` its tools, `aclose()` at the end.

    `listed` is called with what the server's tools say of themselves, whenever that was read.
    """

    def __init__(
        self,
        server: McpServer,
        connect: Connect,
        listed: Callable[[Mapping[str, Described]], None],
        rng: Random,
        silent_s: float = SILENT_S,
    ) -> None:
        self.server = server
        self._connect = connect
        self._listed = listed
        self._rng = rng
        self._silent_s = silent_s
        self._session: Session | None = None
        self._suspected: Session | None = None
        self._up = asyncio.Event()
        self._wanted = asyncio.Event()
        self._looking = asyncio.Lock()
        self._worked = False
        self._silent = 0
        self._down_s = self._looked_s = float("-inf")
        self._calls: dict[asyncio.Task[Any], Session] = {}
        self._lives: set[asyncio.Task[None]] = set()
        self._supervisor: asyncio.Task[None] | None = None
        self._why = self._told = "it was not started"

    def __repr__(self) -> str:
        state = "up" if self._up.is_set() else f"down: {self._why}"
        return f"Link({self.server.name!r}, {state}, {len(self._calls)} calls)"

    def start(self) -> None:
        """Connect in the background, and stay connected."""
        if self._supervisor is None:
            self._why = "it is being connected to"
            self._down_s = _now_s()
            self._supervisor = asyncio.create_task(self._supervise())

    async def aclose(self) -> None:
        """Close the session and stay away."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait({self._supervisor}, timeout=2 * CLOSING_S)
            self._supervisor = None
        lives = set(self._lives)
        for life in lives:
            life.cancel()
        if lives:
            await asyncio.wait(lives, timeout=CLOSING_S)

    # ---- calls

    async def ready(self) -> None:
        """Return once there is a session. Raises ToolNotReached if there is none in time.

        After a loss, and after the start, GRACE_S are waited for; a server that has been away for
        longer costs no call any time.
        """
        left_s = self._down_s + GRACE_S - _now_s()
        try:
            async with asyncio.timeout(max(0.0, left_s)):
                await self._up.wait()
        except TimeoutError as error:
            raise ToolNotReached("the system behind it cannot be reached") from error

    async def call(self, tool: str, arguments: Mapping[str, Any], meta: Mapping[str, str]) -> Said:
        """Run a tool. Raises ToolFailed, or SessionLost when the connection is gone."""
        session = self._living()
        return await self._isolated(session, session.call(tool, arguments, meta))

    async def look(self, older_than_s: float = 0.0) -> None:
        """List the tools now, unless they were within `older_than_s`. Raises as `call`.

        A protocol without sessions does not tell that the server behind an address is another one.
        """
        async with self._looking:  # who waits here finds that somebody else has just looked
            session = self._living()
            if _now_s() - self._looked_s >= older_than_s:
                self._tell(await self._isolated(session, session.described()))

    def _living(self) -> Session:
        if self._session is None:
            raise SessionLost(self._why)
        return self._session

    async def _isolated(self, session: Session, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` in a task of its own; a cancellation that gets out is the caller's own."""
        task, began_s = asyncio.create_task(work), _now_s()
        self._calls[task] = session
        task.add_done_callback(self._over)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:  # the caller's time is over, or it has hung up
            task.cancel()
            if _now_s() - began_s >= self._silent_s:
                self._note_silence(session)
            raise
        error = SessionLost("the call was cancelled") if task.cancelled() else task.exception()
        if error is None or isinstance(error, ToolFailed):
            self._silent = 0
            return task.result()
        self._lose(session, in_words(error))
        raise SessionLost(in_words(error)) from error

    def _over(self, task: asyncio.Task[Any]) -> None:
        self._calls.pop(task, None)
        if not task.cancelled():
            task.exception()  # told to the caller, if that one is still there

    def _note_silence(self, session: Session) -> None:
        self._silent += 1
        if self._silent >= MOST_SILENT:
            why = f"{self._silent} calls in a row ran out of time"
            self._suspected = session
            self._lose(session, why)

    def _lose(self, session: Session, why: str) -> None:
        """Have the session closed and a new one opened, unless that has happened already."""
        if session is self._session:
            self._session, self._why, self._silent = None, why, 0
            self._down_s = _now_s()
            self._up.clear()
            self._wanted.set()

    # ---- the session

    async def _supervise(self) -> None:
        failures = 0
        while True:
            self._worked = False
            left = asyncio.Event()
            life = asyncio.create_task(self._live(left))
            self._lives.add(life)
            life.add_done_callback(self._ended)
            leaving = asyncio.create_task(left.wait())
            try:
                await asyncio.wait({life, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                leaving.cancel()
            self._note_end(life)
            failures = 0 if self._worked else failures + 1
            pause_s = min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2 ** min(failures, 8))
            await asyncio.sleep(pause_s * (0.5 + self._rng.random() / 2))

    async def _live(self, left: asyncio.Event) -> None:
        """One session from its opening to its end, which is always an error.

        `left` is set when the next one may be opened: a session that is only thought dead stays
        for calls that run on it.
        """
        used: Session | None = None
        try:
            async with asyncio.timeout(self.server.connect_s) as opening:
                async with self._connect(self.server, self._wanted.set) as session:
                    used = session
                    self._tell(await session.described())
                    opening.reschedule(None)
                    try:
                        await self._stay(session)
                    except _Silent:
                        left.set()
                        await self._drained(session)
                        raise
        finally:
            for task in self._calls_of(used):  # no call outlives its session
                task.cancel()

    async def _drained(self, session: Session) -> None:
        if calls := self._calls_of(session):
            await asyncio.wait(calls, timeout=DRAIN_S)

    def _calls_of(self, session: Session | None) -> list[asyncio.Task[Any]]:
        return [task for task, its in self._calls.items() if its is session]

    def _ended(self, life: asyncio.Task[None]) -> None:
        self._lives.discard(life)
        if not life.cancelled():
            life.exception()  # told by `_note_end`, unless it ended later

    async def _stay(self, session: Session) -> None:
        """Keep the session until a call finds it dead; list the tools again from time to time."""
        self._session, self._silent, self._worked = session, 0, True
        self._wanted.clear()
        self._up.set()
        log.info("MCP server %r: connected", self.server.name)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RELIST_S):
                    await self._wanted.wait()
            self._wanted.clear()
            if self._session is not session:
                raise _Silent(self._why) if self._suspected is session else SessionLost(self._why)
            async with asyncio.timeout(self.server.connect_s):
                self._tell(await session.described())

    def _tell(self, tools: list[Described]) -> None:
        self._looked_s = _now_s()
        self._listed({tool.name: tool for tool in tools})

    def _note_end(self, life: asyncio.Task[None]) -> None:
        error: BaseException | None = SessionLost(self._why)
        if life.done():
            cancelled = life.cancelled()
            error = SessionLost("its client was cancelled") if cancelled else life.exception()
        why = in_words(error) if error else "it ended"
        if self._session is not None:
            self._lose(self._session, why)
        if self._worked or why != self._told:
            log.warning("MCP server %r: no connection: %s", self.server.name, why)
        self._told = why


class _Silent(SessionLost):
    """Calls ran out of time; the connection itself may be fine."""


def _now_s() -> float:
    return asyncio.get_running_loop().time()
