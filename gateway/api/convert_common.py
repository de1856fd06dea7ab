"""Between protobuf and the core's nouns: options that come in, AnswerInfo that goes out.

Enums go through tables; tests prove each complete over the proto's numbers or our members.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.api.metadata import CallMetadata
from gateway.api.ports import Identity
from gateway.core.model import (
    NO_USAGE,
    Answer,
    AnswerBy,
    Attempt,
    CacheMode,
    Caller,
    Deadline,
    DegradeReason,
    Outcome,
    Source,
    Usage,
)
from gateway.core.record import record
from gateway.v1 import common_pb2 as pb

ANSWER_BY: Mapping[int, AnswerBy] = {
    pb.ANSWER_BY_UNSPECIFIED: AnswerBy.ANY,
    pb.ANSWER_BY_ANY: AnswerBy.ANY,
    pb.ANSWER_BY_MODEL_ONLY: AnswerBy.MODEL_ONLY,
    pb.ANSWER_BY_RULES_ONLY: AnswerBy.RULES_ONLY,
}
CACHE_MODE: Mapping[int, CacheMode] = {
    pb.CACHE_MODE_UNSPECIFIED: CacheMode.DEFAULT,
    pb.CACHE_MODE_DEFAULT: CacheMode.DEFAULT,
    pb.CACHE_MODE_OFF: CacheMode.OFF,
    pb.CACHE_MODE_READ_ONLY: CacheMode.READ_ONLY,
    pb.CACHE_MODE_REFRESH: CacheMode.REFRESH,
}
SOURCE: Mapping[Source, "pb.Source.ValueType"] = {
    Source.MODEL: pb.SOURCE_MODEL,
    Source.CACHE: pb.SOURCE_CACHE,
    Source.RULES: pb.SOURCE_RULES,
}
DEGRADE_REASON: Mapping[DegradeReason, "pb.DegradeReason.ValueType"] = {
    DegradeReason.NO_MODEL_CONFIGURED: pb.DEGRADE_REASON_NO_MODEL_CONFIGURED,
    DegradeReason.MODELS_FAILED: pb.DEGRADE_REASON_MODELS_FAILED,
    DegradeReason.MODELS_TOO_SLOW: pb.DEGRADE_REASON_MODELS_TOO_SLOW,
    DegradeReason.BUDGET_EXHAUSTED: pb.DEGRADE_REASON_BUDGET_EXHAUSTED,
    DegradeReason.OVERLOADED: pb.DEGRADE_REASON_OVERLOADED,
    DegradeReason.OUTPUT_INVALID: pb.DEGRADE_REASON_OUTPUT_INVALID,
    DegradeReason.FALLBACK_MODEL: pb.DEGRADE_REASON_FALLBACK_MODEL,
}
OUTCOME: Mapping[Outcome, "pb.AttemptOutcome.ValueType"] = {
    Outcome.OK: pb.ATTEMPT_OUTCOME_OK,
    Outcome.CONNECT_FAILED: pb.ATTEMPT_OUTCOME_CONNECT_FAILED,
    Outcome.CONNECTION_LOST: pb.ATTEMPT_OUTCOME_CONNECTION_LOST,
    Outcome.TIMEOUT: pb.ATTEMPT_OUTCOME_TIMEOUT,
    Outcome.DEADLINE: pb.ATTEMPT_OUTCOME_DEADLINE,
    Outcome.RATE_LIMITED: pb.ATTEMPT_OUTCOME_RATE_LIMITED,
    Outcome.OVERLOADED: pb.ATTEMPT_OUTCOME_OVERLOADED,
    Outcome.SERVER_ERROR: pb.ATTEMPT_OUTCOME_SERVER_ERROR,
    Outcome.AUTH_FAILED: pb.ATTEMPT_OUTCOME_AUTH_FAILED,
    Outcome.NOT_FOUND: pb.ATTEMPT_OUTCOME_NOT_FOUND,
    Outcome.REQUEST_REJECTED: pb.ATTEMPT_OUTCOME_REQUEST_REJECTED,
    Outcome.CONTEXT_TOO_LONG: pb.ATTEMPT_OUTCOME_CONTEXT_TOO_LONG,
    Outcome.CONTENT_FILTERED: pb.ATTEMPT_OUTCOME_CONTENT_FILTERED,
    Outcome.OUTPUT_INVALID: pb.ATTEMPT_OUTCOME_OUTPUT_INVALID,
    Outcome.TRUNCATED: pb.ATTEMPT_OUTCOME_TRUNCATED,
    Outcome.SKIPPED: pb.ATTEMPT_OUTCOME_SKIPPED,
    Outcome.ABANDONED: pb.ATTEMPT_OUTCOME_ABANDONED,
    Outcome.ANSWER_REFUSED: pb.ATTEMPT_OUTCOME_ANSWER_REFUSED,
    Outcome.LIMITED: pb.ATTEMPT_OUTCOME_LIMITED,
}


_NANOS = 1_000_000_000


@record(frozen=True, slots=True)
class Passage:
    """What the edge knows of an answered call: its id, and the seconds since it arrived."""

    request_id: str
    elapsed_s: float


def caller(
    metadata: CallMetadata,
    identity: Identity,
    options: pb.RequestOptions,
    deadline: Deadline,
    conversation_id: str = "",
) -> Caller:
    """Who asks, until when, and how they want it."""
    return Caller(
        request_id=metadata.request_id,
        deadline=deadline,
        tenant=identity.tenant,
        locale=options.locale,
        labels=dict(options.labels),
        erp_version=metadata.erp_version,
        end_user_id=options.end_user_id,
        conversation_id=conversation_id,
        answer_by=ANSWER_BY[options.answer_by],
        cache=CACHE_MODE[options.cache],
        traceparent=metadata.traceparent,
        key_id=identity.key_id,
        scopes=identity.scopes,
    )


def answer_info(answer: Answer[Any], passage: Passage) -> pb.AnswerInfo:
    """Where an answer came from, what failed on the way, what it cost."""
    info = pb.AnswerInfo()
    tell_info(info, answer, passage)
    return info


def tell_info(info: pb.AnswerInfo, answer: Answer[Any], passage: Passage) -> None:
    """As `answer_info`, into an empty message: half the time of one that is made and copied."""
    info.request_id = passage.request_id
    info.source = SOURCE[answer.source]
    info.deployment = answer.deployment
    info.model = answer.model
    info.model_version = answer.model_version
    info.config_version = answer.config_version
    if answer.degrade_reason is not None:
        info.degraded = True
        info.degrade_reason = DEGRADE_REASON[answer.degrade_reason]
    for attempt in answer.attempts:
        _tell_attempt(info.attempts.add(), attempt)
    _tell_usage(info.usage, answer.usage)
    if answer.cache_age_s is not None:
        tell_duration(info.cache_age, answer.cache_age_s)
    tell_duration(info.gateway_latency, passage.elapsed_s - answer.model_latency_s)
    tell_duration(info.model_latency, answer.model_latency_s)


def duration(seconds: float) -> Duration:
    """Seconds as a Duration; never below 0."""
    message = Duration()
    tell_duration(message, seconds)
    return message


def tell_duration(message: Duration, seconds: float) -> None:
    """As `duration`, into a message that is there even when it is 0."""
    message.SetInParent()
    nanos = round(seconds * _NANOS)
    if nanos >= _NANOS:
        message.seconds, message.nanos = divmod(nanos, _NANOS)
    elif nanos > 0:
        message.nanos = nanos


def timestamp(epoch_s: float) -> Timestamp:
    """Epoch seconds as a Timestamp, to the millisecond."""
    milliseconds = round(epoch_s * 1000)
    return Timestamp(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)


def _tell_attempt(message: pb.Attempt, attempt: Attempt) -> None:
    message.deployment = attempt.deployment
    message.outcome = OUTCOME[attempt.outcome]
    tell_duration(message.latency, attempt.latency_s)
    message.order = attempt.order


def _tell_usage(message: pb.Usage, usage: Usage) -> None:
    message.SetInParent()
    if usage is NO_USAGE:
        return
    message.input_tokens = usage.input_tokens
    message.cached_input_tokens = usage.cached_input_tokens
    message.output_tokens = usage.output_tokens
    message.reasoning_tokens = usage.reasoning_tokens
    message.cost_usd_micros = usage.cost_usd_micros
