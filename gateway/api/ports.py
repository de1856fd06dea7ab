"""What the edge needs of the rest of the house."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from gateway.api.metadata import CallMetadata
from gateway.core.events import HasText, Tell
from gateway.core.feedback import Feedback
from gateway.core.model import Answer, Call, Caller
from gateway.core.ports import Task
from gateway.core.scopes import ORDINARY, Scopes

Q = TypeVar("Q")
D = TypeVar("D")
A = TypeVar("A")
T = TypeVar("T", bound=HasText)


class Answers(Protocol):
    """`gateway.core.engine.Engine`."""

    async def answer(self, task: Task[Q, D, A], request: Q, caller: Caller) -> Answer[A]:
        """Answer one call; raises CallerError or Unanswered."""
        ...


class Streams(Protocol):
    """`gateway.core.stream.StreamEngine`."""

    async def relay(self, task: Task[Q, D, T], request: Q, caller: Caller, tell: Tell) -> None:
        """Tell the events of one call; raises as `Answers.answer`."""
        ...


class TakesFeedback(Protocol):
    """`gateway.core.feedback.FeedbackDesk`."""

    async def take(self, tenant: str, feedback: Feedback) -> bool:
        """Whether the tenant's answer was still known; raises Shed when it cannot be kept now."""
        ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a key belongs to, and what it may do.

    `key_id` is empty for callers known by a certificate, and where nobody is asked.
    """

    tenant: str = "default"
    scopes: Scopes = ORDINARY
    key_id: str = ""


class Identifies(Protocol):
    """Knows keys."""

    def __call__(self, method: str, metadata: CallMetadata) -> Identity:
        """Who calls; raises Unauthenticated or PermissionDenied. In memory only: no waiting."""
        ...


class Admission(Protocol):
    """Bounds the calls in progress, per method. Health checks never get here."""

    def admit(self, method: str) -> AbstractContextManager[None]:
        """Held while the call is in progress; raises Shed when there is no room."""
        ...


DefaultDeadline = Callable[[Call, Caller], float]
"""Seconds that a call gets which sent no deadline: its route's default."""


def anyone(method: str, metadata: CallMetadata) -> Identity:  # noqa: ARG001 # Identifies
    """No keys configured: every caller is the tenant `default` without special scopes."""
    return Identity()
