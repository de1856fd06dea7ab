"""Several observers, or watchers, as one."""

import logging
from collections.abc import Sequence
from typing import Any

from gateway.core.current import CURRENT, CallEnd, CallInProgress, WatchesCalls
from gateway.core.model import Answer, Attempt, Call, Caller, Served
from gateway.core.ports import Observer

log = logging.getLogger(__name__)


class FanOut:
    """An `Observer` that tells each of several; what one raises is logged and hurts no other."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        """One try ended."""
        for observer in self._observers:
            try:
                observer.attempted(call, caller, attempt)
            except Exception:
                log.exception("%r failed on a try", observer)

    def answered(self, call: Call, caller: Caller, answer: Answer[Any], served: Served) -> None:
        """A call was answered; who hears of its end finds the answer in it."""
        if current := CURRENT.get():
            current.answer = answer
        for observer in self._observers:
            try:
                observer.answered(call, caller, answer, served)
            except Exception:
                log.exception("%r failed on an answer", observer)


class Watchers:
    """A `WatchesCalls` that tells each of several; what one raises is logged and hurts no call."""

    def __init__(self, watchers: Sequence[WatchesCalls]) -> None:
        self._watchers = tuple(watchers)

    def begun(self, call: CallInProgress, traceparent: str) -> None:
        """A call arrived."""
        for watcher in self._watchers:
            try:
                watcher.begun(call, traceparent)
            except Exception:
                log.exception("%r failed on a call's begin", watcher)

    def ended(self, call: CallInProgress, end: CallEnd) -> None:
        """It is over."""
        for watcher in self._watchers:
            try:
                watcher.ended(call, end)
            except Exception:
                log.exception("%r failed on a call's end", watcher)
