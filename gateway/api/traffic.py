"""Which calls a door still has in hand, so that its server is not stopped under them.

Two things would be lost over gRPC (both measured). A handler that has returned is not an answered
call: grpc.aio sends its response afterwards. And clients that have just got an answer send their
next call at once: one that has arrived, but was not handed to a handler when the server is stopped,
ends as CANCELLED (51 of 64 callers in one restart; none after a quiet moment).
"""

import asyncio

from gateway.api.grpc_types import Context

QUIET_S = 0.05
"""A drained server is stopped when no call has come for this long. Clients that were refused wait
at least five times as long (error_table.DRAINING_RETRY_S) before they call again."""


class Traffic:
    """Counts calls from the handler's start until their answer is sent."""

    def __init__(self) -> None:
        self._began = 0
        self._open = 0

    def began(self, context: Context) -> None:
        """Count one RPC in, and out when it is over."""
        self.entered()
        context.add_done_callback(self.left)  # type: ignore[arg-type] # stubs name no protocol

    def entered(self) -> None:
        """One more."""
        self._began += 1
        self._open += 1

    def left(self, _context: object = None) -> None:
        """One is over."""
        self._open -= 1

    async def wait_quiet(self, timeout_s: float) -> bool:
        """Wait until none is open and none came for QUIET_S; False if that takes too long."""
        began = -1
        try:
            async with asyncio.timeout(timeout_s):
                while self._open or began != self._began:
                    began = self._began
                    await asyncio.sleep(QUIET_S)
        except TimeoutError:
            return False
        return True
