"""From our errors to what callers see: one table, complete over the error tree (a test proves it).

An error that is not in the table is a bug: callers get a fixed text, the detail stays in our log.
`docs/errors.md` is written from this table.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RetryInfo
from grpc import StatusCode

from gateway.api.bounds import MAX_VIOLATIONS
from gateway.api.errors import MalformedRequest, NotOffered, TooLarge
from gateway.api.status import Status, plain
from gateway.core.errors import (
    ContentRefused,
    DeadlineExceeded,
    Draining,
    GatewayError,
    InvalidRequest,
    NoAnswer,
    NotFound,
    PermissionDenied,
    PromptTooLong,
    QuotaExhausted,
    RequestIdReused,
    Shed,
    Starting,
    Unauthenticated,
)
from gateway.core.model import Attempt

DOMAIN = "gateway.erpai"
"""`ErrorInfo.domain` of every error."""

MAX_ATTEMPTS_SHOWN = 12
"""Most attempts told in an error; a call's retry budget allows fewer."""

DRAINING_RETRY_S = 0.5
"""Mean wait before a call refused by a draining server is tried again, elsewhere."""

INTERNAL_MESSAGE = "internal error; tell the gateway's operators the request id"
"""The fixed text of INTERNAL."""

STARTING_RETRY_S = 0.1
"""The same for one that a server refused which is still loading: it has half a second at most."""

NO_METADATA: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Extra:
    """What one error adds: to ErrorInfo.metadata, as further details, and as a wait."""

    metadata: Mapping[str, str] = field(default_factory=lambda: NO_METADATA)
    details: tuple[Message, ...] = ()
    retry_after_s: float | None = None


def _nothing(_: GatewayError) -> Extra:
    return Extra()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    `when`: for the documentation. `more`: reads the dynamic part out of the error. `retry`: what
    gRPC clients are told: True wait (jittered) and retry, False never, None nothing.
    """

    code: StatusCode
    reason: str
    when: str
    more: Callable[[Any], Extra] = _nothing
    retry: bool | None = None
    details: str = ""


def _violations(error: InvalidRequest) -> Extra:
    listed = [
        BadRequest.FieldViolation(field=v.field, description=v.description)
        for v in error.violations[:MAX_VIOLATIONS]
    ]
    return Extra(details=(BadRequest(field_violations=listed),))


def _attempts(attempts: Sequence[Attempt]) -> dict[str, str]:
    shown = [f"{a.deployment[:64]}:{a.outcome.value}" for a in attempts[:MAX_ATTEMPTS_SHOWN]]
    return {"attempts": ",".join(shown), "attempts_count": str(len(attempts))}


def _refused(error: ContentRefused) -> Extra:
    return Extra({"deployment": error.deployment[:64], **_attempts(error.attempts)})


def _quota(error: QuotaExhausted) -> Extra:
    limit = error.limit[:128]
    violation = QuotaFailure.Violation(subject=limit, description="used up")
    return Extra({"limit": limit}, (QuotaFailure(violations=[violation]),), error.retry_after_s)


TABLE: Mapping[type[GatewayError], Row] = MappingProxyType(
    {
        InvalidRequest: Row(
            code=StatusCode.INVALID_ARGUMENT,
            reason="INVALID_REQUEST",
            when="the request or its metadata breaks documented rules; all of them are listed, "
            f"at most {MAX_VIOLATIONS}",
            more=_violations,
            details="BadRequest",
        ),
        MalformedRequest: Row(
            code=StatusCode.INVALID_ARGUMENT,
            reason="MALFORMED_REQUEST",
            when="the bytes are no such message, or hold text that is not UTF-8",
        ),
        RequestIdReused: Row(
            code=StatusCode.INVALID_ARGUMENT,
            reason="REQUEST_ID_REUSED",
            when="the x-request-id stands for another request of the last ten minutes",
        ),
        TooLarge: Row(
            code=StatusCode.RESOURCE_EXHAUSTED,
            reason="REQUEST_TOO_LARGE",
            when="the request or its metadata is over the limit (over HTTP 413 for the "
            "body and 431 for the headers; over gRPC refused by gRPC itself, without details)",
        ),
        ContentRefused: Row(
            code=StatusCode.INVALID_ARGUMENT,
            reason="CONTENT_FILTERED",
            when="the provider refused the content on its policy; never routed around",
            more=_refused,
            details="metadata: deployment, attempts",
        ),
        PromptTooLong: Row(
            code=StatusCode.INVALID_ARGUMENT,
            reason="CONTEXT_TOO_LONG",
            when="no model of the route can hold the request; shorten it",
            more=lambda error: Extra(_attempts(error.attempts)),
            details="metadata: attempts",
        ),
        Unauthenticated: Row(
            code=StatusCode.UNAUTHENTICATED,
            reason="UNAUTHENTICATED",
            when="no valid key: absent, unknown, wrong, expired or revoked, in the same words",
        ),
        PermissionDenied: Row(
            code=StatusCode.PERMISSION_DENIED,
            reason="PERMISSION_DENIED",
            when="the key may not do this: call, route, knowledge base or SYSTEM messages",
        ),
        QuotaExhausted: Row(
            code=StatusCode.RESOURCE_EXHAUSTED,
            reason="QUOTA_EXHAUSTED",
            when="the tenant's limit is used up and its policy is to reject",
            more=_quota,
            details="QuotaFailure, RetryInfo; metadata: limit",
        ),
        NotFound: Row(
            code=StatusCode.NOT_FOUND,
            reason="NOT_FOUND",
            when="no such conversation or knowledge base for this tenant; another tenant's looks "
            "the same",
        ),
        NotOffered: Row(
            code=StatusCode.UNIMPLEMENTED,
            reason="UNIMPLEMENTED",
            when="the method is unknown, or this server does not offer it yet",
        ),
        NoAnswer: Row(
            code=StatusCode.UNAVAILABLE,
            reason="ALL_MODELS_FAILED",
            when="no model answered, and the route or the caller forbids rules",
            more=lambda error: Extra(_attempts(error.attempts)),
            retry=False,
            details="metadata: attempts",
        ),
        DeadlineExceeded: Row(
            code=StatusCode.DEADLINE_EXCEEDED,
            reason="DEADLINE_EXCEEDED",
            when="the caller's time is over; not even the rules could answer in it",
        ),
        Shed: Row(
            code=StatusCode.UNAVAILABLE,
            reason="OVERLOADED",
            when="refused before any work, because of overload",
            more=lambda error: Extra(retry_after_s=error.retry_after_s),
            retry=True,
            details="RetryInfo",
        ),
        Draining: Row(
            code=StatusCode.UNAVAILABLE,
            reason="DRAINING",
            when="refused before any work, because this server is going away",
            more=lambda _: Extra(retry_after_s=DRAINING_RETRY_S),
            retry=True,
            details="RetryInfo",
        ),
        Starting: Row(
            code=StatusCode.UNAVAILABLE,
            reason="STARTING",
            when="refused before any work: this server has just started, and the call leaves it "
            "no time to load what answers",
            more=lambda _: Extra(retry_after_s=STARTING_RETRY_S),
            retry=True,
            details="RetryInfo",
        ),
    }
)

INTERNAL = Row(
    code=StatusCode.INTERNAL,
    reason="INTERNAL",
    when="a bug; a fixed text, the detail stands only in the server's log under the request id",
)


def row_of(error: BaseException) -> Row:
    """The table's row of an error, by its nearest class; INTERNAL if it has none."""
    for kind in type(error).__mro__:
        if row := TABLE.get(kind):
            return row
    return INTERNAL


def status_of(error: BaseException, request_id: str, jitter: float) -> Status:
    """What the caller sees of an error. `jitter` in [0, 1) spreads retries by half either way."""
    row = row_of(error)
    if row is INTERNAL:
        return internal_status(request_id)
    extra = row.more(error)
    details: tuple[Message, ...] = (_info(row, request_id, extra.metadata), *extra.details)
    wait_ms: int | None = None
    if extra.retry_after_s is not None:
        spread = (0.5 + jitter) if row.retry else 1.0
        wait_ms = max(1, round(min(extra.retry_after_s, 86_400.0) * spread * 1000))
        # before longer details, which are the first to go
        details = (details[0], RetryInfo(retry_delay=_duration(wait_ms)), *details[1:])
    pushback_ms = {True: wait_ms, False: -1, None: None}[row.retry]
    return Status(row.code, row.reason, _message(error), request_id, details, pushback_ms)


def internal_status(request_id: str) -> Status:
    """What the caller sees of a bug."""
    row = INTERNAL
    return Status(row.code, row.reason, INTERNAL_MESSAGE, request_id, (_info(row, request_id),))


def _message(error: BaseException) -> str:
    if isinstance(error, InvalidRequest) and error.violations:
        first, more = error.violations[0], len(error.violations) - 1
        rest = f" (and {more} more, see the details)" if more else ""
        return plain(f"{first.field}: {first.description}{rest}")
    return plain(str(error))


def _info(row: Row, request_id: str, metadata: Mapping[str, str] = NO_METADATA) -> ErrorInfo:
    return ErrorInfo(
        reason=row.reason, domain=DOMAIN, metadata={"request_id": request_id, **metadata}
    )


def _duration(milliseconds: int) -> Duration:
    return Duration(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)
