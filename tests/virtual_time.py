"""An event loop whose clock jumps: waiting takes no time, and what comes first is certain."""

import asyncio
import selectors
from typing import Any


class _Jumps(selectors.DefaultSelector):
    """Nothing is ready and a timer is set: time goes on to it."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(None if timeout is None else 0)
        if not ready and timeout:
            self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """For tests of deadlines: `anyio_backend` returns ("asyncio", {"loop_factory": VirtualLoop}).

    Not for work in threads or other processes: their time would be no time here.
    """

    def __init__(self) -> None:
        self._jumps = _Jumps()
        super().__init__(self._jumps)

    def time(self) -> float:
        return self._jumps.now_s
