"""What each ending of a try does to the health of its deployment: one table."""

from collections.abc import Mapping
from enum import Flag, auto

from gateway.core.model import Outcome


class Effect(Flag):
    """What the end of a try does to the deployment's health."""

    NONE = 0
    SUCCESS = auto()
    """Closes the breaker, ends alarm and growth of cool-downs; its latency is remembered."""
    FAILURE = auto()
    """Held against it by the breaker."""
    COOL_DOWN = auto()
    """Left alone until Retry-After, or for a short growing time."""
    COOL_DOWN_IF_TOLD = auto()
    """Left alone until Retry-After, if one was sent."""
    ALARM = auto()
    """Taken out for long, and a person must look."""
    SHRINK = auto()
    """Gets fewer calls at once."""


EFFECTS: Mapping[Outcome, Effect] = {
    Outcome.OK: Effect.SUCCESS,
    Outcome.CONNECT_FAILED: Effect.FAILURE,
    Outcome.CONNECTION_LOST: Effect.FAILURE,
    Outcome.TIMEOUT: Effect.FAILURE | Effect.SHRINK,
    Outcome.DEADLINE: Effect.NONE,
    Outcome.RATE_LIMITED: Effect.COOL_DOWN | Effect.SHRINK,
    Outcome.OVERLOADED: Effect.FAILURE | Effect.COOL_DOWN_IF_TOLD | Effect.SHRINK,
    Outcome.SERVER_ERROR: Effect.FAILURE | Effect.COOL_DOWN_IF_TOLD,
    Outcome.AUTH_FAILED: Effect.FAILURE | Effect.ALARM,
    Outcome.NOT_FOUND: Effect.FAILURE,
    Outcome.REQUEST_REJECTED: Effect.NONE,
    Outcome.CONTEXT_TOO_LONG: Effect.NONE,
    Outcome.CONTENT_FILTERED: Effect.NONE,
    Outcome.OUTPUT_INVALID: Effect.FAILURE,
    Outcome.TRUNCATED: Effect.FAILURE,
    Outcome.SKIPPED: Effect.NONE,
    Outcome.LIMITED: Effect.NONE,
    Outcome.ABANDONED: Effect.NONE,
    # the deployment works; a customer who talks it into nonsense must not take it from the others
    Outcome.ANSWER_REFUSED: Effect.NONE,
}
