"""Several observers as one."""

import logging
from collections.abc import Sequence
from typing import Any

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
        """A call was answered."""
        for observer in self._observers:
            try:
                observer.answered(call, caller, answer, served)
            except Exception:
                log.exception("%r failed on an answer", observer)
