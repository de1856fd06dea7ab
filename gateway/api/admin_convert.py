"""Between what ops see and `gateway.admin.v1`."""

import math
from collections.abc import Mapping

from google.protobuf.duration_pb2 import Duration

from gateway.admin.v1 import admin_pb2 as pb
from gateway.api.admin_ports import Status
from gateway.api.convert_common import duration, timestamp
from gateway.core.errors import InvalidRequest, Violation
from gateway.core.health import HealthSnapshot
from gateway.core.mirror import MirrorCount
from gateway.core.model import Call, Caller, Deadline
from gateway.core.recent import RecentCall
from gateway.core.reloading import Reload, ReloadOutcome
from gateway.core.routing import Explanation

OUTCOME: Mapping[ReloadOutcome, "pb.ReloadOutcome.ValueType"] = {
    ReloadOutcome.APPLIED: pb.RELOAD_OUTCOME_APPLIED,
    ReloadOutcome.UNCHANGED: pb.RELOAD_OUTCOME_UNCHANGED,
    ReloadOutcome.INVALID: pb.RELOAD_OUTCOME_INVALID,
    ReloadOutcome.GUARDED: pb.RELOAD_OUTCOME_GUARDED,
}


def status_message(status: Status) -> pb.GetStatusResponse:
    """The whole status; deployments that are off come last."""
    on = [
        deployment_message(one, status.models.get(one.deployment, "")) for one in status.deployments
    ]
    off = [
        pb.DeploymentStatus(deployment=name, off_reason=reason)
        for name, reason in status.off.items()
    ]
    return pb.GetStatusResponse(
        config_version=status.config_version,
        config_applied_at=timestamp(status.applied_at_s),
        config_path=status.config_path,
        reloads=status.reloads,
        last_reload=reload_message(status.last_reload) if status.last_reload else None,
        started_at=timestamp(status.started_at_s),
        draining=status.draining,
        calls_inside=status.calls_inside,
        deployments=[*on, *off],
        knowledge=[
            pb.KnowledgeStatus(knowledge_base=name, version=version, entries=entries)
            for name, (version, entries) in status.knowledge.items()
        ],
        cache_entries=status.cache[0],
        cache_bytes=status.cache[1],
        mirrors=[_mirror(count) for count in status.mirrors],
    )


def deployment_message(snapshot: HealthSnapshot, model: str = "") -> pb.DeploymentStatus:
    """One deployment that is on."""
    refused = bool(snapshot.refusal) and math.isfinite(snapshot.ready_in_s)
    return pb.DeploymentStatus(
        deployment=snapshot.deployment,
        refusal=snapshot.refusal,
        ready_in=duration(snapshot.ready_in_s) if refused else None,
        breaker=snapshot.breaker.value,
        ejections=snapshot.ejections,
        alarm=snapshot.alarm,
        drained=snapshot.drained,
        in_flight=snapshot.in_flight,
        limit=snapshot.limit,
        waiting=snapshot.waiting,
        p50=_known(snapshot.p50_s),
        p95=_known(snapshot.p95_s),
        model=model,
    )


def reload_message(ended: Reload) -> pb.ReloadResult:
    """How a reload ended."""
    return pb.ReloadResult(
        outcome=OUTCOME[ended.outcome],
        config_version=ended.version,
        messages=ended.told,
        at=timestamp(ended.at_s),
    )


def described(request: pb.ExplainRequest) -> tuple[Call, Caller]:
    """The call that is asked about. Raises InvalidRequest for a kind there is not."""
    if request.call not in ("", *Call):
        known = ", ".join(Call)
        raise InvalidRequest([Violation("call", f"{request.call!r} is none of {known}")])
    caller = Caller(
        request_id="",
        deadline=Deadline(0.0),
        tenant=request.tenant or "default",
        locale=request.locale,
        labels=dict(request.labels),
        erp_version=request.erp_version,
        end_user_id=request.end_user_id,
        conversation_id=request.conversation_id,
    )
    return Call(request.call or Call.CHAT), caller


def explain_message(
    version: str, found: Explanation, lines: list[str], health: Mapping[str, HealthSnapshot]
) -> pb.ExplainResponse:
    """Where it would go, and whether this process would skip a deployment now."""
    told = [
        pb.ExplainedDeployment(
            deployment=verdict.deployment,
            tier=verdict.tier + 1,
            share=verdict.share,
            why_off=verdict.why_off,
            refusal=health[verdict.deployment].refusal if verdict.deployment in health else "",
        )
        for verdict in found.deployments
    ]
    return pb.ExplainResponse(
        config_version=version,
        route=found.route.name if found.route else "",
        variant=found.variant,
        model_version=found.route.model_version if found.route else "",
        deployments=told,
        lines=lines,
    )


def recent_message(call: RecentCall) -> pb.RecentCall:
    """One answered call."""
    return pb.RecentCall(
        at=timestamp(call.at_s),
        request_id=call.request_id,
        call=call.call.value,
        tenant=call.tenant,
        erp_version=call.erp_version,
        route=call.route,
        variant=call.variant,
        source=call.source,
        deployment=call.deployment,
        model_version=call.model_version,
        config_version=call.config_version,
        degrade_reason=call.degrade_reason,
        attempts=[
            pb.RecentAttempt(
                deployment=attempt.deployment,
                outcome=attempt.outcome.value,
                latency=duration(attempt.latency_s),
            )
            for attempt in call.attempts
        ],
        latency=duration(call.latency_s),
        cost_usd_micros=call.cost_usd_micros,
        text=call.text,
    )


def _mirror(count: MirrorCount) -> pb.MirrorStatus:
    return pb.MirrorStatus(
        route=count.route,
        deployment=count.deployment,
        sent=count.sent,
        good=count.good,
        dropped=count.dropped,
        failed=dict(count.failed),
        cost_usd_micros=count.cost_usd_micros,
        latency_total=duration(count.latency_s),
    )


def _known(seconds: float | None) -> Duration | None:
    return None if seconds is None else duration(seconds)
