"""Answers as lines for people."""

from google.protobuf.duration_pb2 import Duration

from gateway.v1 import anomaly_pb2, chat_pb2, common_pb2, keywords_pb2


def keyword_lines(response: keywords_pb2.ExtractKeywordsResponse) -> list[str]:
    """The keywords, best first, and the search-term line."""
    lines = [f"  {k.score:4.2f}  {k.text:<34} {k.reason}" for k in response.keywords]
    return [*lines, f"  search terms: {response.search_terms}"]


def anomaly_lines(response: anomaly_pb2.DetectAnomalyResponse) -> list[str]:
    """The summary, and every anomaly with its numbers."""
    lines = [f"  {response.summary}"]
    for found in response.anomalies:
        day = found.time.ToDatetime().date().isoformat()
        kind = anomaly_pb2.AnomalyKind.Name(found.kind).removeprefix("ANOMALY_KIND_")
        severity = anomaly_pb2.Severity.Name(found.severity).removeprefix("SEVERITY_")
        band = f"{found.value:g}, expected {found.lower:g} to {found.upper:g}"
        lines.append(f"  {day}  {kind:<13} {severity:<8} {band}")
        lines.append(f"      {found.explanation}")
    return lines


def chat_lines(response: chat_pb2.ChatResponse) -> list[str]:
    """The text, and what kind of answer it is."""
    kind = chat_pb2.AnswerKind.Name(response.answer_kind).removeprefix("ANSWER_KIND_")
    text = [f"  {line}" for line in response.text.splitlines()]
    return [*text, f"  ({kind}, intent {response.intent or '-'})"]


def info_lines(info: common_pb2.AnswerInfo) -> list[str]:
    """Where the answer came from, what was tried, what it cost."""
    source = common_pb2.Source.Name(info.source).removeprefix("SOURCE_")
    by = f"{source} {info.deployment} {info.model}".rstrip()
    if info.degraded:
        reason = common_pb2.DegradeReason.Name(info.degrade_reason)
        by += f", degraded: {reason.removeprefix('DEGRADE_REASON_')}"
    cost = info.usage.cost_usd_micros / 1_000_000
    lines = [
        "",
        f"  answered by {by}",
        f"  {_ms(info.gateway_latency)} in the gateway, {_ms(info.model_latency)} waiting for "
        f"models, {info.usage.input_tokens}+{info.usage.output_tokens} tokens, ${cost:.6f}, "
        f"config {info.config_version}, request {info.request_id}",
    ]
    for attempt in info.attempts:
        outcome = common_pb2.AttemptOutcome.Name(attempt.outcome)
        outcome = outcome.removeprefix("ATTEMPT_OUTCOME_")
        lines.append(
            f"  try {attempt.order}: {attempt.deployment} {outcome} in {_ms(attempt.latency)}"
        )
    return lines


def _ms(duration: Duration) -> str:
    return f"{duration.ToNanoseconds() / 1e6:.1f} ms"
