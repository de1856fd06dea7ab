"""The thread that writes the question log. Answers never wait for it.

What does not fit the queue, or cannot be written (disk full, folder read-only), is dropped and
counted; once a minute the log says how much.
"""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.adapters.sqlite.store import QuestionStore
from gateway.core.errors import Shed
from gateway.core.feedback import Feedback, Joined
from gateway.core.options import QuestionLogOptions
from gateway.core.ports import Clock
from gateway.core.questions import Question

MAX_WAITING = 2_000
"""Events in the queue: some seconds of a busy gateway, at most about 50 MB of cut texts."""
BATCH = 500
"""Most events of one transaction."""
WARN_EVERY_S = 60.0
"""The log is told of losses at most this often."""
PAUSE_S = 5.0
"""After a failure nothing is tried for so long: a full disk is not hammered."""
TRIM_EVERY_ROWS = 1_000
"""Rows between two trims; a trim also opens every run."""
CLOSE_S = 3.0
"""Longest wait at the end for what is still in the queue."""
RETRY_AFTER_S = 10.0
"""When to send feedback again that could not be kept."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Masks:
    """What is done to texts, in the thread, before anything reaches the disk."""

    question: Callable[[Question], Question]
    feedback: Callable[[Feedback], Feedback]


@dataclass(frozen=True, slots=True)
class _Said:
    """Feedback on its way, and who waits for its fate."""

    tenant: str
    feedback: Feedback
    loop: asyncio.AbstractEventLoop
    done: "asyncio.Future[Joined | None]"

    def settle(self, joined: Joined | Exception | None) -> None:
        """Tell who waits, on their loop; a loop that is closed waits no more."""
        try:
            self.loop.call_soon_threadsafe(self._set, joined)
        except RuntimeError:
            log.debug("feedback on %r was settled after its loop ended", self.feedback.request_id)

    def _set(self, joined: Joined | Exception | None) -> None:
        if self.done.done():
            return
        if isinstance(joined, Exception):
            self.done.set_exception(joined)
        else:
            self.done.set_result(joined)


class QuestionLog:
    """Takes events without waiting; a `FeedbackLog` too.

    `clock` is monotonic, `wall` the calendar's, both in seconds.
    """

    def __init__(
        self,
        options: QuestionLogOptions,
        masks: Masks,
        clock: Clock,
        wall: Clock,
        most_waiting: int = MAX_WAITING,
    ) -> None:
        self._store = QuestionStore(options)
        self._masks = masks
        self._clock = clock
        self._wall = wall
        self._queue: queue.Queue[Question | _Said] = queue.Queue(most_waiting)
        self._thread = threading.Thread(target=self._run, name="question-log", daemon=True)
        self._stopping = threading.Event()
        self._losses = Losses()
        self._since_trim = TRIM_EVERY_ROWS
        self._paused_until_s = float("-inf")

    def __repr__(self) -> str:
        return f"QuestionLog({self._store.path}, {self.dropped} dropped)"

    @property
    def dropped(self) -> int:
        """Events lost since the start."""
        return self._losses.total

    def start(self) -> None:
        """Begin to write; without it the queue only fills."""
        self._thread.start()

    def add(self, question: Question) -> None:
        """Write it soon. Never blocks, never raises."""
        try:
            self._queue.put_nowait(question)
        except queue.Full:
            self._lost(1, "the queue is full")

    async def judge(self, tenant: str, feedback: Feedback) -> Joined | None:
        """Join it to its answer, behind every answer before it. Raises Shed when it cannot."""
        loop = asyncio.get_running_loop()
        said = _Said(tenant, feedback, loop, loop.create_future())
        try:
            self._queue.put_nowait(said)
        except queue.Full:
            raise _unkept() from None
        return await said.done

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """Write what waits, for at most `timeout_s`; a disk that hangs does not hold the end up."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    # ---- the thread

    def _run(self) -> None:
        try:
            while not (self._stopping.is_set() and self._queue.empty()):
                if batch := self._batch():
                    self._write(batch)
        finally:
            self._store.close()

    def _batch(self) -> list[Question | _Said]:
        try:
            found = [self._queue.get(timeout=0.2)]
        except queue.Empty:
            return []
        while len(found) < BATCH:
            try:
                found.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return found

    def _write(self, batch: Sequence[Question | _Said]) -> None:
        asked = [event for event in batch if isinstance(event, Question)]
        said = [event for event in batch if isinstance(event, _Said)]
        try:
            joined = self._written(asked, said)
        except Exception as error:  # noqa: BLE001 # the thread must live; told once a minute
            self._failed(error, len(asked))
            for event in said:
                event.settle(_unkept())
            return
        for event, answer in zip(said, joined, strict=True):
            event.settle(answer)

    def _written(self, asked: Sequence[Question], said: Sequence[_Said]) -> list[Joined | None]:
        if self._clock() < self._paused_until_s:
            raise _Paused
        masked = [self._masks.question(question) for question in asked]
        judged = [(event.tenant, self._masks.feedback(event.feedback)) for event in said]
        joined = self._store.write(masked, judged, self._wall())
        self._since_trim += len(asked)
        if self._since_trim >= TRIM_EVERY_ROWS:
            self._since_trim = 0
            self._store.trim(self._wall())
        return joined

    def _failed(self, error: Exception, lost: int) -> None:
        if isinstance(error, _Paused):
            self._lost(lost, "the last write failed a moment ago")
            return
        self._lost(lost, f"{type(error).__name__}: {error}")
        self._paused_until_s = self._clock() + PAUSE_S
        try:
            aside = self._store.recover(error)
        except (OSError, sqlite3.Error) as again:
            log.warning("the damaged question log cannot be moved aside: %s", again)
            return
        if aside is not None:
            self._paused_until_s = float("-inf")
            log.error("the question log was damaged; it is now %s, a new one begins", aside)

    def _lost(self, count: int, why: str) -> None:
        told = self._losses.add(count, self._clock())
        if told:
            log.warning(
                "the question log lost %d event%s: %s (%s)",
                *(told, "s" if told > 1 else "", why, self._store.path),
            )


class Losses:
    """Counts what was lost, and says when that must be told. Safe between threads."""

    def __init__(self) -> None:
        self.total = 0
        self._untold = 0
        self._told_s = float("-inf")
        self._lock = threading.Lock()

    def add(self, count: int, now_s: float) -> int:
        """How many losses to tell now; 0 for none, or when it was told less than a minute ago."""
        with self._lock:
            self.total += count
            self._untold += count
            if not self._untold or now_s - self._told_s < WARN_EVERY_S:
                return 0
            told, self._untold, self._told_s = self._untold, 0, now_s
            return told


class _Paused(Exception):
    """Nothing is written for a moment."""


def _unkept() -> Shed:
    return Shed("the feedback cannot be kept now; send it again later", RETRY_AFTER_S)
