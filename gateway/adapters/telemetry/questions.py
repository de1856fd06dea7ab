"""An observer that hands answered Chat messages to the question log."""

from collections.abc import Callable
from typing import Any, Protocol

from gateway.core.model import Answer, Attempt, Call, Caller, Served
from gateway.core.ports import Clock
from gateway.core.questions import Question

MakeFailed = Callable[[Caller, BaseException, Served, float], Question]
MakeQuestion = Callable[[Caller, Answer[Any], Served, float], Question]


class TakesQuestions(Protocol):
    """The question log."""

    def add(self, question: Question) -> None:
        """Write it soon; never blocks."""
        ...


class FailedQuestions:
    """A `FailureObserver`: a Chat message that got no answer is an event too."""

    def __init__(self, log: TakesQuestions, make: MakeFailed, wall: Clock) -> None:
        self._log = log
        self._make = make
        self._wall = wall

    def failed(self, call: Call, caller: Caller, error: BaseException, served: Served) -> None:
        """Hand over a Chat message without an answer."""
        if call is Call.CHAT:
            self._log.add(self._make(caller, error, served, self._wall()))


class QuestionObserver:
    """An `Observer`. `make` turns an answered call into an event; it must be cheap."""

    def __init__(self, log: TakesQuestions, make: MakeQuestion, wall: Clock) -> None:
        self._log = log
        self._make = make
        self._wall = wall

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        """Tries are not logged here."""

    def answered(self, call: Call, caller: Caller, answer: Answer[Any], served: Served) -> None:
        """Hand over an answered Chat message."""
        if call is Call.CHAT:
            self._log.add(self._make(caller, answer, served, self._wall()))
