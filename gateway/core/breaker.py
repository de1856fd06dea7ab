"""The circuit breaker of one deployment in one process. Pure.

closed      Every call is admitted. Opens when the window holds `minimum_calls` and at least
            `failure_ratio` of them failed, or at `consecutive_failures` in a row.
open        No call is admitted for open_base_s x (ejections in a row), at most open_cap_s,
            shortened by a random share up to `jitter` so that many processes do not probe at once.
half open   Exactly one real call, the probe, is admitted. Its success closes, its failure opens
            again for longer, and a probe that was abandoned makes room for the next.

Every admitted call holds a ticket and must be given back with exactly one verdict. The ticket
carries the generation in which it was given; every change of state begins a new generation, so a
late verdict of an earlier one changes nothing.
"""

from dataclasses import dataclass
from enum import StrEnum

from gateway.core.options import BreakerOptions
from gateway.core.ports import Shuffle
from gateway.core.window import Window


class BreakerState(StrEnum):
    """What the breaker does with calls."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave for one call."""

    generation: int
    probe: bool = False


class Breaker:
    """Takes a failing deployment out and lets it back in; see the module's text."""

    def __init__(self, options: BreakerOptions, rng: Shuffle) -> None:
        self._options = options
        self._rng = rng
        self._window = Window(options.window_s)
        self._leave = Ticket(0)
        self._in_a_row = 0
        self._ejections = 0
        self._open_until_s: float | None = None
        self._probing = False

    @property
    def options(self) -> BreakerOptions:
        """The options in force; new ones keep the state, a new window length empties it."""
        return self._options

    @options.setter
    def options(self, options: BreakerOptions) -> None:
        if options.window_s != self._options.window_s:
            self._window = Window(options.window_s)
        self._options = options

    @property
    def ejections(self) -> int:
        """How often it opened since it last closed."""
        return self._ejections

    @property
    def open_until_s(self) -> float | None:
        """When the next probe may go; None while closed."""
        return self._open_until_s

    def state(self, now_s: float) -> BreakerState:
        """The state at `now_s`."""
        if self._open_until_s is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now_s < self._open_until_s else BreakerState.HALF_OPEN

    def admit(self, now_s: float) -> Ticket | None:
        """A ticket, or None: go elsewhere."""
        if not self.admits(now_s):
            return None
        if self._open_until_s is None:
            return self._leave
        self._probing = True
        return Ticket(self._leave.generation, probe=True)

    def admits(self, now_s: float) -> bool:
        """Whether `admit` would give a ticket."""
        return self._open_until_s is None or (now_s >= self._open_until_s and not self._probing)

    def succeeded(self, ticket: Ticket, now_s: float) -> None:
        """The call came back with an answer."""
        if ticket.generation != self._leave.generation:
            return
        if ticket.probe:
            self._close()
        self._in_a_row = 0
        self._window.add(now_s, total=1)

    def failed(self, ticket: Ticket, now_s: float) -> None:
        """The call failed through the deployment's fault."""
        if ticket.generation != self._leave.generation:
            return
        self._in_a_row += 1
        self._window.add(now_s, hits=1, total=1)
        if ticket.probe or self._too_many():
            self._open(now_s)

    def abandoned(self, ticket: Ticket, now_s: float) -> None:  # noqa: ARG002 - one shape of verdict
        """The call says nothing about the deployment: cancelled, cut short, a caller's mistake."""
        if ticket.generation == self._leave.generation:
            self._probing = False

    def _too_many(self) -> bool:
        options = self._options
        return self._in_a_row >= options.consecutive_failures or (
            self._window.total >= options.minimum_calls
            and self._window.hits >= options.failure_ratio * self._window.total
        )

    def _open(self, now_s: float) -> None:
        self._ejections += 1
        longest_s = min(self._options.open_cap_s, self._options.open_base_s * self._ejections)
        self._open_until_s = now_s + longest_s * (1 - self._options.jitter * self._rng.random())
        self._begin()

    def _close(self) -> None:
        self._ejections = 0
        self._open_until_s = None
        self._begin()

    def _begin(self) -> None:
        self._leave = Ticket(self._leave.generation + 1)  # one for all: cheap on the hot path
        self._probing = False
        self._window.clear()

    def __repr__(self) -> str:
        if self._open_until_s is None:
            return f"<Breaker closed, {self._in_a_row} failures in a row, {self._window!r}>"
        probing = ", probing" if self._probing else ""
        return (
            f"<Breaker open until {self._open_until_s:.3f}, ejections {self._ejections}{probing}>"
        )
