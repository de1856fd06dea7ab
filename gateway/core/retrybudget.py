"""How many retries one deployment gets from all requests together. Pure."""

from gateway.core.options import RetryOptions
from gateway.core.window import Window

PERIOD_S = 10.0
"""The time over which calls and retries are compared (Finagle's RetryBudget)."""


class RetryBudget:
    """Retries of the last ten seconds, held against the calls of the same time.

    Without it every request's own small budget adds up: a deployment that is going down would get
    three times its usual load. The options come with each question, for routes differ in them.
    """

    def __init__(self) -> None:
        self._window = Window(PERIOD_S)

    def called(self, now_s: float) -> None:
        """A try begins, the first of a request or a later one."""
        self._window.add(now_s, total=1)

    def take(self, now_s: float, options: RetryOptions) -> bool:
        """Whether one more retry may go; if so, it is counted."""
        self._window.advance(now_s)
        most = options.share_of_calls * self._window.total + options.per_second * PERIOD_S
        if self._window.hits + 1 > most:
            return False
        self._window.add(now_s, hits=1)
        return True

    def __repr__(self) -> str:
        return f"<RetryBudget {self._window.hits} retries of {self._window.total} calls>"
