"""When a worker that died is started again. Pure."""

FIRST_DELAY_S = 0.5
"""Before the first restart; doubles with each death in a row."""
LONGEST_DELAY_S = 30.0
"""A worker that cannot live is tried again this often, and the log says so each time."""
STEADY_S = 60.0
"""One that lived this long died by accident: the count starts anew."""


class Restarts:
    """The deaths of one worker."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def died(self, lived_s: float) -> float:
        """Seconds to wait before it is started again."""
        if lived_s >= STEADY_S:
            self._in_a_row = 0
        delay_s: float = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(self._in_a_row, 10))
        self._in_a_row += 1
        return delay_s
