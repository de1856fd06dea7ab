"""Prometheus metrics of calls, attempts, steps and tenants; docs/metrics.md lists them all.

`prometheus_client` and not OpenTelemetry's exporter: a bound child costs 1 µs against 20, and the
exporter exists only as a pre-release. Names follow OpenTelemetry's conventions (rpc.*, gen_ai.*) in
Prometheus' spelling where there are any; what only this gateway has begins with `erp_gateway_`.
Every label is bounded by the configuration or by an enumeration of ours.
"""

from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from gateway.adapters.telemetry.names import TenantNames, provider_name
from gateway.adapters.telemetry.steps import Step
from gateway.core.current import REFUSALS, CallEnd, CallInProgress
from gateway.core.model import Answer, Attempt, Call, Caller, Outcome, Served
from gateway.core.options import MetricsOptions, Plan
from gateway.core.ports import PlanNow

USD_MICROS = 1_000_000
CALL_BUCKETS_S = (
    *(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0),
)
INTERNAL_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
INFERENCE_BUCKETS_S = tuple(0.01 * 2**power for power in range(14))
"""The convention's own: 0.01 to 81.92 s."""

EXPECTED_FAILURES = (
    ("INTERNAL", "INTERNAL"),
    ("UNAVAILABLE", "OVERLOADED"),
    ("UNAUTHENTICATED", "UNAUTHENTICATED"),
)
_MODEL = ("gen_ai_provider_name", "gen_ai_request_model", "deployment")
_TOKENS = (
    ("input_tokens", "usage_input_tokens", "Input tokens, cached ones included."),
    ("cached_input_tokens", "usage_cache_read_input_tokens", "Input tokens from its own cache."),
    ("output_tokens", "usage_output_tokens", "Output tokens, reasoning included."),
    ("reasoning_tokens", "usage_reasoning_output_tokens", "Output tokens spent on reasoning."),
)


class Metrics:
    """Counts; an `Observer`, a `WatchesCalls` and a `HearsSteps`. Read by `Exposition`."""

    def __init__(self, options: MetricsOptions, plan: PlanNow) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # it has no hints
        self.registry = CollectorRegistry()
        self.tenants = TenantNames(options)
        self._plan = plan
        self._deployments: dict[str, tuple[str, str, str]] = {}
        self._of_plan: Plan | None = None
        self._of_calls()
        self._of_attempts()
        self._of_tenants()
        self._of_steps()

    # ---- the instruments

    def _of_calls(self) -> None:
        self._calls = self._counter(
            "erp_gateway_calls",
            "Calls that ended, by method, source of the answer, why it is degraded, and status.",
            ("rpc_method", "source", "degrade_reason", "rpc_response_status_code"),
        )
        self._failures = self._counter(
            "erp_gateway_call_failures",
            "Calls refused or failed, by the reason in their error.",
            ("rpc_method", "rpc_response_status_code", "reason"),
        )
        self._duration = self._histogram(
            "rpc_server_call_duration_seconds",
            "Duration of calls, from their arrival to their end.",
            ("rpc_method", "source", "rpc_response_status_code"),
            CALL_BUCKETS_S,
        )
        self._internal = self._histogram(
            "erp_gateway_internal_duration_seconds",
            "Time of answered calls inside the gateway: all but the waiting for models and tools.",
            ("rpc_method", "source"),
            INTERNAL_BUCKETS_S,
        )

    def _of_attempts(self) -> None:
        self._attempts = self._counter(
            "erp_gateway_attempts",
            "Tries at deployments by outcome; skipped: it was out, and not asked.",
            ("deployment", "outcome"),
        )
        self._inference = self._histogram(
            "gen_ai_client_inference_duration_seconds",
            "Duration of tries at deployments; error_type is empty when they ended well.",
            ("gen_ai_operation_name", *_MODEL, "error_type"),
            INFERENCE_BUCKETS_S,
        )
        self._first_chunk = self._histogram(
            "gen_ai_client_inference_time_to_first_chunk_seconds",
            "Silence before the first text of a stream.",
            ("gen_ai_operation_name", *_MODEL),
            INFERENCE_BUCKETS_S,
        )
        self._tokens = [
            (field, self._counter(f"gen_ai_client_inference_{name}", text, _MODEL))
            for field, name, text in _TOKENS
        ]
        self._cost = self._counter(
            "erp_gateway_cost_usd", "Cost of tries in US dollars.", ("call", "deployment")
        )

    def _of_tenants(self) -> None:
        self._tenant_calls = self._counter(
            "erp_gateway_tenant_calls",
            "Calls by tenant and result: model, cache, rules, refused, failed.",
            ("tenant", "result"),
        )
        self._tenant_tokens = self._counter(
            "erp_gateway_tenant_tokens", "Input and output tokens by tenant.", ("tenant",)
        )
        self._tenant_cost = self._counter(
            "erp_gateway_tenant_cost_usd", "Cost by tenant in US dollars.", ("tenant",)
        )

    def _of_steps(self) -> None:
        self._lookups = self._counter(
            "erp_gateway_cache_lookups", "Look-ups in the cache of answers.", ("result",)
        )
        self._work = self._histogram(
            "erp_gateway_rules_duration_seconds",
            "Heavy work of the rules, waiting for a process included.",
            ("work", "result"),
            INTERNAL_BUCKETS_S,
        )
        self._tools = self._histogram(
            "erp_gateway_tool_duration_seconds",
            "Runs of tools.",
            ("tool", "result"),
            CALL_BUCKETS_S,
        )

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(
        self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]
    ) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)

    def expect(self, methods: Iterable[str]) -> None:
        """Begin at 0 with the failures that alerts ask for: who never was 0 has no first rise."""
        for method in methods:
            for code, reason in EXPECTED_FAILURES:
                self._failures.labels(method, code, reason)

    # ---- what is heard

    def begun(self, call: CallInProgress, traceparent: str) -> None:
        """Nothing to count yet."""

    def answered(self, _call: Call, _caller: Caller, answer: Answer[Any], _served: Served) -> None:
        """Note tries that were not made; all else is counted at the call's end."""
        for attempt in answer.attempts:
            if attempt.outcome is Outcome.SKIPPED:
                self._attempts.labels(attempt.deployment, attempt.outcome.value).inc()

    def attempted(self, call: Call, caller: Caller, attempt: Attempt) -> None:
        """One try ended."""
        detail, usage = attempt.detail, attempt.detail.usage
        self._attempts.labels(attempt.deployment, attempt.outcome.value).inc()
        model = self._labels_of(attempt.deployment)
        failed = "" if attempt.outcome is Outcome.OK else attempt.outcome.value
        self._inference.labels("chat", *model, failed).observe(attempt.latency_s)
        if detail.first_text_s is not None:
            self._first_chunk.labels("chat", *model).observe(detail.first_text_s)
        if usage.input_tokens or usage.output_tokens:
            for field, counter in self._tokens:
                counter.labels(*model).inc(getattr(usage, field))
        tenant = self.tenants.label(caller.tenant)
        if tokens := usage.input_tokens + usage.output_tokens:
            self._tenant_tokens.labels(tenant).inc(tokens)
        if usage.cost_usd_micros:
            cost_usd = usage.cost_usd_micros / USD_MICROS
            self._cost.labels(call.value, attempt.deployment).inc(cost_usd)
            self._tenant_cost.labels(tenant).inc(cost_usd)

    def ended(self, call: CallInProgress, end: CallEnd) -> None:
        """A call is over."""
        answer = call.answer if not end.reason else None
        source = answer.source.value if answer else ""
        why = answer.degrade_reason if answer else None
        self._calls.labels(call.method, source, why.value if why else "", end.code).inc()
        self._duration.labels(call.method, source, end.code).observe(end.elapsed_s)
        if answer:
            inside_s = max(0.0, end.elapsed_s - answer.model_latency_s - call.tools_s)
            self._internal.labels(call.method, source).observe(inside_s)
        if end.reason:
            self._failures.labels(call.method, end.code, end.reason).inc()
        result = source or _result(end.code)
        self._tenant_calls.labels(self.tenants.label(call.tenant), result).inc()

    def stepped(self, step: Step) -> None:
        """A step of a call is over."""
        if step.kind == "cache":
            self._lookups.labels(step.result).inc()
        elif step.kind == "rules":
            self._work.labels(step.name, step.result).observe(step.took_s)
        else:
            self._tools.labels(step.name, step.result).observe(step.took_s)

    def _labels_of(self, deployment: str) -> tuple[str, str, str]:
        """Provider, model and name of a deployment; empty of one that the plan no longer has."""
        plan = self._plan()
        if plan is not self._of_plan:
            self._of_plan = plan
            self._deployments = {
                d.name: (provider_name(d.provider), d.model, d.name)
                for d in plan.deployments.values()
            }
        return self._deployments.get(deployment, ("", "", deployment))


def _result(code: str) -> str:
    if code == "OK":
        return "done"
    return "refused" if code in REFUSALS else "failed"
