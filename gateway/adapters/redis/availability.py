"""Whether Redis is of use right now. Pure; gateway.adapters.redis.guard acts on it.

up      Every operation goes to Redis.
full    Redis answers, but takes no writes (no memory, no disk, a replica): reads go on, writes
        are left out, and one of them tries again every second.
away    Nothing goes to Redis. Only the guard's own probe does, in the background, so that no call
        ever pays for finding out whether Redis is back.

From up to away, whichever comes first:
1. an operation got no answer in its time, and no other got one since it began: Redis is silent
2. `BAD_IN_A_ROW` operations in a row failed or were slow
3. `BAD_IN_WINDOW` of them within `WINDOW_S`, answers between them or not: one node of several
"""

from collections import deque
from enum import StrEnum

BAD_IN_A_ROW = 3
BAD_IN_WINDOW = 5
WINDOW_S = 10.0
FULL_RETRY_S = 1.0
"""A write tries again so often while Redis takes none."""
PROBE_FIRST_S = 0.1
"""First probe after going away: a hiccup is over by then."""
PROBE_CAP_S = 3.0
"""Longest wait between probes; with two seconds for the probe itself, back within 10 s."""
CALM_S = 30.0
"""Who stays up for so long begins at the shortest wait again."""


class State(StrEnum):
    """What Redis is good for."""

    UP = "up"
    FULL = "full"
    AWAY = "away"


class Availability:
    """The state, from what operations and probes tell. Begins away, until the first probe."""

    def __init__(self) -> None:
        self.reason = "not reached yet"
        self._up = False
        self._full_until_s: float | None = None
        self._in_a_row = 0
        self._bad: deque[float] = deque(maxlen=BAD_IN_WINDOW)
        self._answered_s = float("-inf")
        self._up_since_s = float("-inf")
        self._probe_wait_s = 0.0

    @property
    def state(self) -> State:
        """What Redis is good for."""
        if not self._up:
            return State.AWAY
        return State.UP if self._full_until_s is None else State.FULL

    def takes(self, now_s: float, *, write: bool) -> bool:
        """Whether an operation may go to Redis now."""
        if not self._up:
            return False
        if not write or self._full_until_s is None:
            return True
        if now_s < self._full_until_s:
            return False
        self._full_until_s = now_s + FULL_RETRY_S  # this one tries, the others wait
        return True

    def answered(self, now_s: float, *, write: bool) -> None:
        """An operation was answered quickly."""
        self._answered_s = now_s
        self._in_a_row = 0
        if write:
            self._full_until_s = None

    def slow(self, began_s: float, now_s: float) -> None:
        """An operation was answered, but late."""
        self._failed(now_s, f"slow: {1000 * (now_s - began_s):.0f} ms for one answer")

    def silent(self, began_s: float, now_s: float) -> None:
        """An operation that began at `began_s` was not answered in its time."""
        reason = f"no answer in {1000 * (now_s - began_s):.0f} ms"
        if self._answered_s < began_s:
            self.leave(now_s, reason)
        else:
            self._failed(now_s, reason)

    def failed(self, now_s: float, reason: str) -> None:
        """An operation failed."""
        self._failed(now_s, reason)

    def refused_write(self, now_s: float, reason: str) -> None:
        """Redis answers, but takes no writes."""
        self._answered_s = now_s
        self._full_until_s = now_s + FULL_RETRY_S
        self.reason = reason

    def leave(self, now_s: float, reason: str) -> None:
        """Go away; the wait for the next probe grows when it has not been up for long."""
        if not self._up:
            return
        self._up = False
        self.reason = reason
        calm = now_s - self._up_since_s >= CALM_S
        self._probe_wait_s = PROBE_FIRST_S if calm else self._grown_s()

    def probe_failed(self, reason: str) -> None:
        """The probe got no good answer."""
        self.reason = reason
        self._probe_wait_s = self._grown_s()

    def probe_succeeded(self, now_s: float) -> None:
        """Redis is back."""
        self._up = True
        self.reason = ""
        self._full_until_s = None
        self._in_a_row = 0
        self._bad.clear()
        self._answered_s = self._up_since_s = now_s

    @property
    def probe_wait_s(self) -> float:
        """Seconds until the next probe."""
        return self._probe_wait_s

    def _grown_s(self) -> float:
        return min(PROBE_CAP_S, max(PROBE_FIRST_S, 2 * self._probe_wait_s))

    def _failed(self, now_s: float, reason: str) -> None:
        self._in_a_row += 1
        self._bad.append(now_s)
        many = len(self._bad) == BAD_IN_WINDOW and now_s - self._bad[0] <= WINDOW_S
        if self._in_a_row >= BAD_IN_A_ROW or many:
            self.leave(now_s, reason)

    def __repr__(self) -> str:
        return f"<Availability {self.state} ({self.reason})>"
