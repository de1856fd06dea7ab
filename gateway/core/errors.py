"""Everything that can go wrong, as one tree.

GatewayError
├── ProviderError            one try at one deployment failed; never reaches the caller as such
│   ├── ConnectFailed        no connection: refused, unknown host, TLS failure
│   ├── ConnectionLost       the connection broke before the reply was whole
│   ├── ProviderTimeout      the deployment was silent for longer than it may be
│   ├── DeadlineCut          the caller's own deadline cut the try short
│   ├── RateLimited          429
│   ├── Overloaded           503, 529
│   ├── ServerError          any other 5xx
│   ├── AuthFailed           401, 402, 403
│   ├── ModelNotFound        404
│   ├── RequestRejected      400, 422
│   ├── ContextTooLong       the prompt does not fit the model
│   ├── ContentFiltered      refused on content policy
│   ├── OutputInvalid        a reply that is no valid answer
│   │   ├── UselessReply     ... but a whole one: the model is asked again once
│   │   │   └── RefusedReply ... which may not be shown
│   │   ├── AnswerUnread     ... for all we know: our own reading or check of it failed
│   │   ├── UnsafeAnswer     ... because something in it may not be shown
│   │   └── ToolLoop         ... but ever more tool calls
│   └── StreamTruncated      a stream that ended before the answer was whole
├── ToolFailed               one run of a tool failed; told to the model, or as an honest text
│   ├── ToolNotReached       ... before anything was sent: it can safely be run again
│   └── ToolRefused          ... because the system behind it said no
├── CallerError              the call cannot be answered as it was sent
│   ├── InvalidRequest       documented rules are broken; lists every violation
│   ├── RequestIdReused      its request id stands for another request
│   ├── ContentRefused       the provider refused the content, and nobody routes around that
│   ├── PromptTooLong        no configured model can hold the request
│   ├── Unauthenticated      no, unknown or expired key
│   ├── PermissionDenied     the key may not do this
│   ├── QuotaExhausted       the tenant's limit is used up
│   └── NotFound             no such conversation or knowledge base for this tenant
└── Unanswered               the call was fine, but nothing could answer it
    ├── NoAnswer             models failed, and rules are forbidden
    ├── DeadlineExceeded     the caller's time is over
    ├── Shed                 refused before any work: overload
    ├── Draining             refused before any work: the server is going away
    └── Starting             refused before any work: the server has just begun
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from gateway.core.model import NO_USAGE, Attempt, Completion, Outcome, Usage


class GatewayError(Exception):
    """Root of the tree."""


class ProviderError(GatewayError):
    """One try at one deployment failed.

    Two facts drive every policy: `retry_here` (is another try at the same deployment worth it)
    and `counts` (is this held against the deployment by its breaker). The text is for our log
    only and never contains provider text that may hold a caller's data.
    """

    outcome: ClassVar[Outcome]
    retry_here: ClassVar[bool] = False
    counts: ClassVar[bool] = True

    def __init__(
        self, message: str, *, retry_after_s: float | None = None, usage: Usage = NO_USAGE
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.usage = usage


class ConnectFailed(ProviderError):
    """No connection: refused, unknown host, TLS failure."""

    outcome = Outcome.CONNECT_FAILED
    retry_here = True


class ConnectionLost(ProviderError):
    """The connection broke before the reply was whole."""

    outcome = Outcome.CONNECTION_LOST
    retry_here = True


class ProviderTimeout(ProviderError):
    """The deployment was silent for longer than it may be; silence is never retried here."""

    outcome = Outcome.TIMEOUT


class DeadlineCut(ProviderError):
    """The caller's own deadline cut the try short; says nothing about the deployment."""

    outcome = Outcome.DEADLINE
    counts = False


class RateLimited(ProviderError):
    """429: a cool-down until Retry-After, not a breaker failure."""

    outcome = Outcome.RATE_LIMITED
    retry_here = True
    counts = False


class Overloaded(ProviderError):
    """503 or 529: it says itself that it has no room; go elsewhere."""

    outcome = Outcome.OVERLOADED


class ServerError(ProviderError):
    """Any other 5xx."""

    outcome = Outcome.SERVER_ERROR
    retry_here = True


class AuthFailed(ProviderError):
    """401, 402 or 403: takes the deployment out and raises an alarm."""

    outcome = Outcome.AUTH_FAILED


class ModelNotFound(ProviderError):
    """404: no such model or address."""

    outcome = Outcome.NOT_FOUND


class RequestRejected(ProviderError):
    """400 or 422: this deployment cannot take such a request; says nothing about its health."""

    outcome = Outcome.REQUEST_REJECTED
    counts = False


class ContextTooLong(ProviderError):
    """The prompt does not fit the model."""

    outcome = Outcome.CONTEXT_TOO_LONG
    counts = False


class ContentFiltered(ProviderError):
    """Refused on content policy; never routed around."""

    outcome = Outcome.CONTENT_FILTERED
    counts = False


class OutputInvalid(ProviderError):
    """A reply that is no valid answer: empty, no JSON, wrong schema."""

    outcome = Outcome.OUTPUT_INVALID


class UselessReply(OutputInvalid):
    """A whole reply that the task cannot use; the model is asked again, told why."""

    retry_here = True

    def __init__(self, reason: str, completion: Completion) -> None:
        super().__init__(reason, usage=completion.usage)
        self.completion = completion


class AnswerUnread(OutputInvalid):
    """Our own reading or check of a reply failed, or had no room: it may not be shown.

    The deployment did its part, so nothing is held against it; asking it again would fail again.
    """

    outcome = Outcome.ANSWER_REFUSED
    counts = False


class UnsafeAnswer(OutputInvalid):
    """An answer with a figure, link or text that may not be shown; the text tells a model why."""

    outcome = Outcome.ANSWER_REFUSED
    counts = False


class RefusedReply(UselessReply):
    """A reply whose answer is unsafe; the model is asked again once, then a person takes over."""

    outcome = Outcome.ANSWER_REFUSED
    counts = False


class ToolLoop(OutputInvalid):
    """A model that asks for tools in its last turn, when none are offered any more."""


class StreamTruncated(ProviderError):
    """A stream that ended before the answer was whole."""

    outcome = Outcome.TRUNCATED


class ToolFailed(GatewayError):
    """One run of a tool failed. The text is fit for a model: no address, no data of the reply."""


class ToolNotReached(ToolFailed):
    """Nothing was sent, so nothing can have happened: it can safely be run again."""


class ToolRefused(ToolFailed):
    """The system behind the tool said no."""


class CallerError(GatewayError):
    """The call cannot be answered as it was sent."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: AIP field path, and what is wrong with the remedy."""

    field: str
    description: str


class InvalidRequest(CallerError):
    """Documented rules are broken; lists every violation, at most 20."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{v.field}: {v.description}" for v in violations))
        self.violations = tuple(violations)

    def __reduce__(self) -> tuple[type["InvalidRequest"], tuple[tuple[Violation, ...]]]:
        """Pickle whole: a rule engine raises it in another process."""
        return type(self), (self.violations,)


class RequestIdReused(CallerError):
    """The caller's request id was used for another request not long ago."""

    def __init__(self) -> None:
        super().__init__(
            "x-request-id: this id was used for another request in the last ten minutes; give every"
            " request an id of its own, and send it again only with the same request"
        )


class ContentRefused(CallerError):
    """The provider refused the content, and nobody routes around that."""

    def __init__(self, deployment: str, attempts: Sequence[Attempt] = ()) -> None:
        super().__init__(f"deployment {deployment!r} refused the content on its content policy")
        self.deployment = deployment
        self.attempts = tuple(attempts)


class PromptTooLong(CallerError):
    """No configured model can hold the request."""

    def __init__(self, attempts: Sequence[Attempt] = ()) -> None:
        super().__init__("the request is too long for every model of its route; shorten it")
        self.attempts = tuple(attempts)


class Unauthenticated(CallerError):
    """No, unknown or expired key."""


class PermissionDenied(CallerError):
    """The key may not do this."""


class QuotaExhausted(CallerError):
    """The tenant's limit is used up. `limit` names it, `retry_after_s` says when it has room."""

    def __init__(self, limit: str, retry_after_s: float) -> None:
        wait_s = math.ceil(retry_after_s)
        super().__init__(f"limit {limit!r} is used up; it has room again in {wait_s} s")
        self.limit = limit
        self.retry_after_s = retry_after_s


class NotFound(CallerError):
    """No such conversation or knowledge base for this tenant; foreign ones look the same."""


class Unanswered(GatewayError):
    """The call was fine, but nothing could answer it."""


class NoAnswer(Unanswered):
    """Models failed, and the route or the caller forbids rules."""

    def __init__(self, message: str, attempts: Sequence[Attempt] = ()) -> None:
        super().__init__(message)
        self.attempts = tuple(attempts)


class DeadlineExceeded(Unanswered):
    """The caller's time is over; not even the rules could answer in it."""


class Shed(Unanswered):
    """Refused before any work, because of overload."""

    def __init__(self, message: str, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Draining(Unanswered):
    """Refused before any work, because the server is going away."""


class Starting(Unanswered):
    """Refused before any work: what answers is still being loaded, and the call has no time."""
