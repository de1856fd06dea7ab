"""Where a call begins and ends for the edge: whatever goes wrong inside becomes a status."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from types import TracebackType

from grpc import StatusCode

from gateway.api.error_table import INTERNAL, internal_status, row_of, status_of
from gateway.api.metadata import CallMetadata
from gateway.api.status import CallFailed, Status
from gateway.core.current import CURRENT, CallEnd, CallInProgress, WatchesCalls

HUNG_UP = "HUNG_UP"
"""Reason of a call whose caller went away."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Boundary:
    """Turns whatever goes wrong inside into CallFailed; details of bugs go to the log only.

    Whatever the end is, the watcher hears of it once; meanwhile the call is the task's current one.
    `last`: false where another boundary follows for the same call, unless this one fails.
    """

    method: str
    arrived_s: float
    metadata: CallMetadata
    watch: WatchesCalls
    clock: Callable[[], float]
    rng: Random
    last: bool = True
    _call: CallInProgress = field(init=False)

    def __enter__(self) -> None:
        self._call = CallInProgress(self.method, self.metadata.request_id)
        CURRENT.set(self._call)
        self.watch.begun(self._call, self.metadata.traceparent)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # 1. no error  2. the caller hung up, or the stream is closed  3. ours, by the table
        # 4. a bug; a stray CancelledError is one too, for the transport would never end the call
        try:
            if error is None and not self.last:
                pass
            elif error is None:
                self._ended(StatusCode.OK.name, "")
            elif _hung_up(error):
                self._ended(StatusCode.CANCELLED.name, HUNG_UP)
            else:
                status = self._status(error)
                self._ended(status.code.name, status.reason)
                raise CallFailed(status) from error
        finally:
            CURRENT.set(None)  # a connection's task goes on to its next call

    def _status(self, error: BaseException) -> Status:
        request_id = self.metadata.request_id
        if row_of(error) is not INTERNAL:
            return status_of(error, request_id, self.rng.random())
        log.error("%s failed unexpectedly, request id %s", self.method, request_id, exc_info=error)
        return internal_status(request_id)

    def _ended(self, code: str, reason: str) -> None:
        self.watch.ended(self._call, CallEnd(code, reason, self.clock() - self.arrived_s))


def _hung_up(error: BaseException) -> bool:
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0
    return not isinstance(error, Exception)
