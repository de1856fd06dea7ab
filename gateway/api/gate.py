"""Who is inside: calls in progress, bounded per method, and closed to new ones while draining.

One gate serves all doors of a process, so that a drain waits for the calls of each.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from types import TracebackType

from gateway.core.errors import Draining, Shed

MAX_CALLS = 20_000
"""Calls of one method in progress at once; 10,000 at once is a promised load, and each takes about
20 KB."""


class Gate:
    """Counts calls in and out. `limits` overrides MAX_CALLS for methods by name."""

    def __init__(self, limits: Mapping[str, int] | None = None) -> None:
        self._limits = dict(limits or {})
        self._inside: Counter[str] = Counter()
        self._total = 0
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()

    def __repr__(self) -> str:
        state = "draining" if self._draining else "open"
        return f"Gate({state}, {self._total} inside)"

    @property
    def inside(self) -> int:
        """Calls in progress."""
        return self._total

    @property
    def draining(self) -> bool:
        """Whether new calls are refused."""
        return self._draining

    def admit(self, method: str) -> "Pass":
        """Let one call in, for a `with`; raises Draining or Shed before anything is done for it."""
        if self._draining:
            raise Draining("this server is going away; another one will take the call")
        if self._inside[method] >= self._limits.get(method, MAX_CALLS):
            raise Shed(f"{method} has {self._inside[method]} calls in progress; try again soon")
        return Pass(self, method)

    def drain(self) -> None:
        """Refuse new calls from now on; those inside go on."""
        self._draining = True

    async def wait_empty(self, timeout_s: float) -> bool:
        """Wait until the last call is out, at most `timeout_s`; says whether it is."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    def enter(self, method: str) -> None:
        """One more inside; use `admit`."""
        self._inside[method] += 1
        self._total += 1
        self._empty.clear()

    def leave(self, method: str) -> None:
        """One less inside."""
        self._inside[method] -= 1
        self._total -= 1
        if self._total == 0:
            self._empty.set()


class Pass:
    """One call's stay inside."""

    __slots__ = ("_gate", "_method")

    def __init__(self, gate: Gate, method: str) -> None:
        self._gate = gate
        self._method = method

    def __enter__(self) -> None:
        self._gate.enter(self._method)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._gate.leave(self._method)
