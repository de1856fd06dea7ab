"""The table from our errors to statuses: complete, bounded, and silent about bugs."""

from typing import Any

import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RetryInfo
from grpc import StatusCode
from hypothesis import given
from hypothesis import strategies as st

from gateway.api.error_table import INTERNAL, INTERNAL_MESSAGE, TABLE, row_of, status_of
from gateway.api.errors import MalformedRequest
from gateway.api.status import MAX_STATUS_BYTES, Status, wire_bytes
from gateway.core.errors import (
    CallerError,
    ContentRefused,
    Draining,
    GatewayError,
    InvalidRequest,
    NoAnswer,
    ProviderError,
    QuotaExhausted,
    Shed,
    ToolFailed,
    Unanswered,
    Violation,
)
from gateway.core.model import Attempt, Outcome


def leaves(kind: type[GatewayError]) -> set[type[GatewayError]]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*(leaves(each) for each in below))


def info(status: Status) -> ErrorInfo:
    found = status.details[0]
    assert isinstance(found, ErrorInfo)
    return found


def detail(status: Status, kind: type) -> Any:
    (found,) = [each for each in status.details if isinstance(each, kind)]
    return found


def test_every_error_that_may_reach_a_caller_has_a_row_and_no_other() -> None:
    callers = leaves(CallerError) | leaves(Unanswered)
    assert {kind for kind in callers if kind.__module__.startswith("gateway.")} == set(TABLE)


def test_every_leaf_of_the_tree_is_the_callers_a_tools_or_a_providers() -> None:
    inside = leaves(ToolFailed) | leaves(ProviderError)
    assert leaves(GatewayError) == leaves(CallerError) | leaves(Unanswered) | inside


@pytest.mark.parametrize("kind", sorted(leaves(ProviderError), key=str), ids=lambda k: k.__name__)
def test_a_providers_failure_that_gets_out_is_a_bug(kind: type[ProviderError]) -> None:
    assert row_of(kind.__new__(kind)) is INTERNAL


def test_reasons_are_upper_snake_and_unique() -> None:
    reasons = [row.reason for row in (*TABLE.values(), INTERNAL)]
    assert len(set(reasons)) == len(reasons)
    assert all(r.replace("_", "").isalpha() and r.isupper() for r in reasons)


def test_every_reason_of_the_contract_is_there() -> None:
    promised = {
        "CONTENT_FILTERED", "CONTEXT_TOO_LONG", "MALFORMED_REQUEST", "ALL_MODELS_FAILED",
        "OVERLOADED", "DRAINING", "STARTING",
    }  # fmt: skip
    assert promised <= {row.reason for row in TABLE.values()}


def test_no_row_uses_unknown_or_ok() -> None:
    codes = {row.code for row in TABLE.values()}
    assert not codes & {StatusCode.UNKNOWN, StatusCode.OK, StatusCode.INTERNAL}


@pytest.mark.parametrize(
    "error", [ValueError("secret"), KeyError("secret"), BaseException("secret")]
)
def test_a_bug_tells_the_caller_nothing_but_the_request_id(error: BaseException) -> None:
    status = status_of(error, "r-1", 0.5)
    assert (status.code, status.reason) == (StatusCode.INTERNAL, "INTERNAL")
    assert status.message == INTERNAL_MESSAGE
    assert info(status).metadata == {"request_id": "r-1"}
    assert b"secret" not in status.rpc().SerializeToString()


def test_violations_are_a_bad_request_and_the_message_names_the_first() -> None:
    error = InvalidRequest([Violation("a.b[0]", "is wrong"), Violation("c", "too")])
    status = status_of(error, "r", 0.0)
    assert status.message == "a.b[0]: is wrong (and 1 more, see the details)"
    assert [v.field for v in detail(status, BadRequest).field_violations] == ["a.b[0]", "c"]
    assert info(status).domain == "gateway.erpai"


def test_a_used_up_quota_names_the_limit_and_when_it_has_room() -> None:
    status = status_of(QuotaExhausted("requests_per_minute", 12.0), "r", 0.9)
    assert status.code is StatusCode.RESOURCE_EXHAUSTED
    assert detail(status, QuotaFailure).violations[0].subject == "requests_per_minute"
    assert detail(status, RetryInfo).retry_delay.seconds == 12
    assert status.pushback_ms is None


def test_shed_and_draining_calls_are_told_a_jittered_wait() -> None:
    waits = {status_of(Shed("full", 2.0), "r", jitter).pushback_ms for jitter in (0.0, 0.5, 0.99)}
    assert waits == {1_000, 2_000, 2_980}
    draining = status_of(Draining("bye"), "r", 0.5)
    assert draining.pushback_ms == 500
    assert detail(draining, RetryInfo).retry_delay.ToMilliseconds() == 500


def test_a_call_that_we_already_retried_is_never_retried_again() -> None:
    attempts = [
        Attempt("deepseek", Outcome.TIMEOUT, 1.0, 1),
        Attempt("qwen", Outcome.SKIPPED, 0, 2),
    ]
    status = status_of(NoAnswer("all failed", attempts), "r", 0.5)
    assert (status.code, status.pushback_ms) == (StatusCode.UNAVAILABLE, -1)
    assert info(status).metadata["attempts"] == "deepseek:timeout,qwen:skipped"


texts = st.text(max_size=3_000)
attempts = st.builds(Attempt, texts, st.sampled_from(Outcome), st.just(1.0), st.just(1))
errors = st.one_of(
    st.lists(st.builds(Violation, texts, texts), min_size=1, max_size=30).map(InvalidRequest),
    st.builds(NoAnswer, texts, st.lists(attempts, max_size=40)),
    st.builds(ContentRefused, texts),
    st.builds(QuotaExhausted, texts, st.floats(0, 1e12)),
    st.builds(Shed, texts, st.floats(0, 1e12)),
    st.builds(MalformedRequest, texts),
)


@given(errors, st.floats(0, 1, exclude_max=True))
def test_whatever_an_error_holds_its_status_stays_small_and_whole(
    error: GatewayError, jitter: float
) -> None:
    status = status_of(error, "r" * 128, jitter)
    sent = status.rpc()
    assert wire_bytes(sent) <= MAX_STATUS_BYTES
    assert sent.details[0].Is(ErrorInfo.DESCRIPTOR)
    assert status.message.isprintable()
    if isinstance(error, InvalidRequest):
        assert len(sent.details) <= 2
