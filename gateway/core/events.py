"""What a streamed answer is told in, and who it is told to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from gateway.core.model import Answer, Outcome


class HasText(Protocol):
    """A value that can be streamed: its text is what the events spell."""

    @property
    def text(self) -> str:
        """The whole text."""
        ...


A = TypeVar("A", bound=HasText)


@dataclass(frozen=True, slots=True)
class Started:
    """The stream has begun; `deployment` will be tried first, empty for rules and cache.

    `conversation_id`: of the conversation that the gateway keeps, empty for none.
    """

    deployment: str
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """More text."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """A tool is at work; `state` is started, done or failed."""

    tool: str
    state: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """Throw away the text so far; `deployment` begins anew, empty when the rules do."""

    failed_deployment: str
    outcome: Outcome
    deployment: str


@dataclass(frozen=True, slots=True)
class Completed(Generic[A]):
    """The whole answer, authoritative."""

    answer: Answer[A]


Event = Started | Delta | ToolProgress | Restarted | Completed[Any]

Tell = Callable[[Event], Awaitable[object]]
"""Takes an event to the reader; returns once there is room for the next. It must raise no
`Exception`, which would be taken for a failure of the model; a reader who left is ReaderGone."""


class ReaderGone(BaseException):
    """The reader cannot be told any more; `error` says why. Like a cancellation, nobody's failure.

    No `Exception`, so that nothing on the way takes it for a failure to go on after.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(repr(error))
        self.error = error


class Reader:
    """Who the events of one call are told to, and what they have on their screen.

    Whose text is there and has failed is told before any other text, so that nothing is spliced.
    """

    __slots__ = ("_failed", "has_text", "tell")

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.has_text = False
        self._failed: tuple[str, Outcome] | None = None

    def __repr__(self) -> str:
        return f"Reader(has_text={self.has_text}, failed={self._failed})"

    def failed(self, deployment: str, outcome: Outcome) -> None:
        """A deployment failed. Only the one whose text the reader has is ever told of."""
        if self.has_text and self._failed is None:
            self._failed = (deployment, outcome)

    def spell(self, deployment: str, text: str) -> Awaitable[object]:
        """More text, of this deployment; empty for the rules. To be awaited at once."""
        if self._failed is not None:
            return self._spell_anew(deployment, text)
        self.has_text = True
        return self.tell(Delta(text))

    async def _spell_anew(self, deployment: str, text: str) -> None:
        failed, self._failed = self._failed, None
        if failed is not None:
            await self.tell(Restarted(*failed, deployment))
        await self.spell(deployment, text)

    async def take_back(self, deployment: str, instead_of: str) -> None:
        """What the reader has of the deployment `instead_of` is worth nothing; another text comes.

        Nothing is told where it is known already, or where there is no text.
        """
        if self.has_text and self._failed is None:
            await self.tell(Restarted(instead_of, Outcome.ABANDONED, deployment))
        self.has_text = False
