"""Times out of a deployment that are no failures of it: rate limits, and refused keys. Pure."""

from gateway.core.breaker import Ticket

COOLDOWN_CAP_S = 60.0
"""Longest cool-down that a Retry-After header can ask for."""
COOLDOWN_BASE_S = 0.5
"""First cool-down after a 429 without the header; doubles each time. Tries at 0, 0.5 and 1.5 s
leave room for jitter and stay under the four in three seconds that providers put up with."""
COOLDOWN_GROWN_CAP_S = 30.0
"""Longest cool-down without the header, so that a recovered deployment is used again in 30 s."""
ALARM_BASE_S = 30.0
"""First time out after 401, 402 or 403; doubles each time. A person must act, so longer than any
breaker, yet a key that was mended at the provider works again within a minute."""
ALARM_CAP_S = 600.0
"""Longest time out for a refused key."""
MOST_DOUBLINGS = 10
"""More would pass every cap, and overflow in the end."""


def usable_s(retry_after_s: float | None) -> float | None:
    """A Retry-After that tells something; None for none, 0, less, or what is no number."""
    return retry_after_s if retry_after_s is not None and retry_after_s > 0 else None


class Cooldown:
    """After a 429 the deployment is left alone until Retry-After has passed.

    Without the header the time doubles with each 429 that comes after the last cool-down was
    over; several 429s of one burst count once. The answer to a call that began after the last 429
    starts again from the shortest.
    """

    def __init__(self) -> None:
        self._until_s = float("-inf")
        self._limited_at_s = float("-inf")
        self._in_a_row = 0

    @property
    def until_s(self) -> float:
        """When calls may go again; in the past when they may."""
        return self._until_s

    def admits(self, now_s: float) -> bool:
        """Whether calls may go."""
        return now_s >= self._until_s

    def limited(self, now_s: float, retry_after_s: float | None = None) -> None:
        """A 429 came, with a Retry-After of so many seconds or without (see `usable_s`)."""
        if self.admits(now_s):
            self._in_a_row += 1
        told_s = usable_s(retry_after_s)
        wait_s = self._grown_s() if told_s is None else min(COOLDOWN_CAP_S, told_s)
        self._limited_at_s = now_s
        self._until_s = max(self._until_s, now_s + wait_s)

    def told(self, now_s: float, left_s: float) -> None:
        """Another gateway was asked to leave it alone for `left_s` more."""
        self._until_s = max(self._until_s, now_s + min(COOLDOWN_CAP_S, left_s))

    def answered(self, started_s: float) -> None:
        """A call that began at `started_s` was answered."""
        if started_s >= self._limited_at_s:
            self._in_a_row = 0

    def _grown_s(self) -> float:
        doublings = min(max(0, self._in_a_row - 1), MOST_DOUBLINGS)
        return min(COOLDOWN_GROWN_CAP_S, COOLDOWN_BASE_S * 2.0**doublings)

    def __repr__(self) -> str:
        return f"<Cooldown until {self._until_s:.3f}, {self._in_a_row} in a row>"


class Alarm:
    """A key was refused (401, 402, 403): out for long, and somebody must look.

    After the time one real request checks again, as a breaker's probe does; only its answer
    clears the alarm, another refusal doubles the time. Tickets carry a generation, so that calls
    begun before the alarm, or with the key before the last, neither raise nor clear it.
    """

    def __init__(self) -> None:
        self._leave = Ticket(0)
        self._until_s: float | None = None
        self._refusals = 0
        self._checking = False

    @property
    def raised(self) -> bool:
        """Whether somebody must look."""
        return self._until_s is not None

    @property
    def until_s(self) -> float | None:
        """When one request may check again; None when all is well."""
        return self._until_s

    def admits(self, now_s: float) -> bool:
        """Whether `admit` may be called."""
        return self._until_s is None or (now_s >= self._until_s and not self._checking)

    def admit(self) -> Ticket:
        """The ticket of a call that goes now; `probe`: it checks a raised alarm."""
        if not self.raised:
            return self._leave
        self._checking = True
        return Ticket(self._leave.generation, probe=True)

    def refused(self, ticket: Ticket, now_s: float) -> None:
        """The key was refused."""
        if ticket.generation == self._leave.generation:
            wait_s = min(ALARM_CAP_S, ALARM_BASE_S * 2.0 ** min(self._refusals, MOST_DOUBLINGS))
            self._begin(self._refusals + 1, now_s + wait_s)

    def answered(self, ticket: Ticket) -> None:
        """The call came back with an answer, so the key is good."""
        if ticket.probe and ticket.generation == self._leave.generation:
            self.clear()

    def abandoned(self, ticket: Ticket) -> None:
        """The call ended without a word about the key: the next may check."""
        if ticket.generation == self._leave.generation:
            self._checking = False

    def clear(self) -> None:
        """All is well, or the key was changed."""
        self._begin(0, None)

    def _begin(self, refusals: int, until_s: float | None) -> None:
        self._leave = Ticket(self._leave.generation + 1)
        self._refusals = refusals
        self._until_s = until_s
        self._checking = False

    def __repr__(self) -> str:
        if self._until_s is None:
            return "<Alarm off>"
        return f"<Alarm raised, {self._refusals} refusals, check at {self._until_s:.3f}>"
