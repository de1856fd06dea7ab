"""OpenTelemetry traces: one server span a call, one client span an attempt, one a step.

Spans are made when they are over, as plain records for the exporter: 10 µs instead of the 100 of
the SDK's live ones. Conventions: rpc.* (release candidate) and gen_ai.* as of November 2026 (the
semantic-conventions-genai repository). Attributes hold names, figures and ids; never a text.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from gateway.adapters.telemetry.names import provider_name
from gateway.adapters.telemetry.span_queue import SpanQueue
from gateway.adapters.telemetry.steps import Step
from gateway.core.current import CURRENT, REFUSALS, CallEnd, CallInProgress
from gateway.core.model import Answer, Attempt, Call, Caller, Outcome, Served
from gateway.core.ports import PlanNow

NS = 1_000_000_000
SERVICE = "gateway.v1.GatewayService"
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_SCOPE = InstrumentationScope("erp-gateway")
_STEP_NAMES = {"cache": "cache get", "rules": "rules", "tool": "execute_tool"}

Attributes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """The server span of a traced call, while the call goes on."""

    own: SpanContext
    parent: SpanContext | None
    began_ns: int


class Tracing:
    """An `Observer`, a `WatchesCalls` and a `HearsSteps` that makes spans."""

    def __init__(
        self, queue: SpanQueue, sample_ratio: float, plan: PlanNow, resource: Mapping[str, str]
    ) -> None:
        self._queue = queue
        self._bound = TraceIdRatioBased.get_bound_for_rate(sample_ratio)
        self._plan = plan
        self._resource = Resource.create(dict(resource))
        self._bits = random.Random().getrandbits  # noqa: S311 # ids, no secrets

    # ---- the call

    def begun(self, call: CallInProgress, traceparent: str) -> None:
        """Continue the caller's trace as the caller decided, or begin one for a share of calls."""
        parent: SpanContext | None = None
        if traceparent:
            _, trace_hex, parent_hex, flags = traceparent.split("-")
            trace_id, sampled = int(trace_hex, 16), bool(int(flags, 16) & TraceFlags.SAMPLED)
            parent = SpanContext(trace_id, int(parent_hex, 16), is_remote=True)
        else:
            trace_id = self._bits(128) or 1
            sampled = (trace_id & TraceIdRatioBased.TRACE_ID_LIMIT) < self._bound
        if sampled:
            call.trace = Trace(self._context(trace_id), parent, time.time_ns())
            call.trace_id = f"{trace_id:032x}"

    def ended(self, call: CallInProgress, end: CallEnd) -> None:
        """The server span."""
        trace = call.trace
        if not isinstance(trace, Trace):
            return
        attributes: Attributes = {
            "rpc.system.name": "grpc",
            "rpc.method": f"{SERVICE}/{call.method}",
            "rpc.response.status_code": end.code,
            "erp_gateway.request_id": call.request_id,
        }
        if call.tenant:
            attributes["erp_gateway.tenant"] = call.tenant
        if end.reason:
            attributes["error.type"] = end.reason
        elif call.answer:
            attributes |= _of_answer(call.answer)
        failed = bool(end.reason) and end.code not in REFUSALS
        span = ReadableSpan(
            name=f"{SERVICE}/{call.method}",
            context=trace.own,
            parent=trace.parent,
            kind=SpanKind.SERVER,
            attributes=attributes,
            status=_status(failed=failed),
            start_time=trace.began_ns,
            end_time=trace.began_ns + int(end.elapsed_s * NS),
            resource=self._resource,
            instrumentation_scope=_SCOPE,
        )
        self._queue.put(span)

    # ---- what happens inside

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:  # noqa: ARG002
        """The client span of one try."""
        attributes = self._of_attempt(attempt)
        name = f"chat {attributes.get('gen_ai.request.model', attempt.deployment)}"
        self._inside(name, SpanKind.CLIENT, attributes, attempt.latency_s)

    def answered(self, call: Call, caller: Caller, answer: Answer[Any], served: Served) -> None:
        """The server span tells of the answer when the call has ended."""

    def stepped(self, step: Step) -> None:
        """A span of the cache, the rules or a tool."""
        attributes: Attributes = {"erp_gateway.result": step.result}
        if step.kind == "tool":
            attributes |= {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": step.name}
        if step.result in ("failed", "not_reached", "shed"):
            attributes["error.type"] = step.result
        name = " ".join((_STEP_NAMES[step.kind], "" if step.kind == "cache" else step.name)).strip()
        self._inside(name, SpanKind.INTERNAL, attributes, step.took_s)

    def _inside(self, name: str, kind: SpanKind, attributes: Attributes, took_s: float) -> None:
        current = CURRENT.get()
        trace = current.trace if current else None
        if not isinstance(trace, Trace):
            return
        now_ns = time.time_ns()
        span = ReadableSpan(
            name=name,
            context=self._context(trace.own.trace_id),
            parent=trace.own,
            kind=kind,
            attributes=attributes,
            status=_status(failed="error.type" in attributes),
            start_time=now_ns - int(took_s * NS),
            end_time=now_ns,
            resource=self._resource,
            instrumentation_scope=_SCOPE,
        )
        self._queue.put(span)

    def _context(self, trace_id: int) -> SpanContext:
        span_id = self._bits(64) or 1
        return SpanContext(trace_id, span_id, is_remote=False, trace_flags=_SAMPLED)

    def _of_attempt(self, attempt: Attempt) -> Attributes:
        detail, usage = attempt.detail, attempt.detail.usage
        deployment = self._plan().deployments.get(attempt.deployment)
        attributes: Attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider_name(deployment.provider) if deployment else "",
            "gen_ai.request.model": deployment.model if deployment else "",
            "gen_ai.response.model": detail.model,
            "gen_ai.usage.input_tokens": usage.input_tokens,
            "gen_ai.usage.cache_read.input_tokens": usage.cached_input_tokens,
            "gen_ai.usage.output_tokens": usage.output_tokens,
            "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
            "erp_gateway.deployment": attempt.deployment,
            "erp_gateway.outcome": attempt.outcome.value,
            "erp_gateway.cost_usd_micros": usage.cost_usd_micros,
        }
        if detail.stream:
            attributes["gen_ai.request.stream"] = True
        if detail.first_text_s is not None:
            attributes["gen_ai.response.time_to_first_chunk"] = detail.first_text_s
        if attempt.outcome is not Outcome.OK:
            attributes["error.type"] = attempt.outcome.value
        return {name: value for name, value in attributes.items() if value not in ("", 0)}


def _of_answer(answer: Answer[Any]) -> Attributes:
    attributes: Attributes = {
        "erp_gateway.source": answer.source.value,
        "erp_gateway.route": answer.route,
        "erp_gateway.attempts": len(answer.attempts),
        "erp_gateway.config_version": answer.config_version,
    }
    if answer.deployment:
        attributes["erp_gateway.deployment"] = answer.deployment
    if answer.degrade_reason:
        attributes["erp_gateway.degrade_reason"] = answer.degrade_reason.value
    return attributes


def _status(*, failed: bool) -> Status:
    """No description: it could hold a text."""
    return Status(StatusCode.ERROR if failed else StatusCode.UNSET)
