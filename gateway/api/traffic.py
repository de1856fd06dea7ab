"""Which RPCs gRPC still has in hand, so that a server is not stopped under them.

Two things would be lost (both measured). A handler that has returned is not an answered call:
grpc.aio sends its response afterwards. And clients that have just got an answer send their next
call at once: one that has arrived, but was not handed to a handler when the server is stopped, ends
as CANCELLED (51 of 64 callers in one restart; none after a quiet moment).
"""

import asyncio

from gateway.api.grpc_types import Context

QUIET_S = 0.05
"""A drained server is stopped when no call has come for this long. Clients that were refused wait
at least five times as long (error_table.DRAINING_RETRY_S) before they call again."""


class Traffic:
    """Counts RPCs from the handler's start until the status is sent."""

    def __init__(self) -> None:
        self._began = 0
        self._open = 0

    def began(self, context: Context) -> None:
        """Count one in, and out when it is over."""
        self._began += 1
        self._open += 1
        context.add_done_callback(self._ended)  # type: ignore[arg-type] # stubs name no protocol

    def _ended(self, _context: object) -> None:
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
