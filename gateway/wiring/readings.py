"""The present state of a process, as figures for the metrics port."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from heapq import nlargest
from typing import TYPE_CHECKING

from gateway.core.health import Why
from gateway.core.readings import Reading

if TYPE_CHECKING:
    from gateway.wiring.application import Application

STATES = ("serving", *(why.value for why in Why))
REDIS_STATES = ("off", "up", "full", "away")
SHOWN_LIMITS = 50
"""Limits with figures of their own, those nearest their end: so their names are bounded."""

TEXTS: Mapping[str, str] = {
    "erp_gateway_deployment_state": "1 for the state that a deployment is in, 0 for the others.",
    "erp_gateway_deployment_slots_in_use": "Calls at a deployment now.",
    "erp_gateway_deployment_slots_limit": "Most calls at a deployment at once, as adapted.",
    "erp_gateway_deployment_slots_waiting": "Calls that wait for a slot of a deployment.",
    "erp_gateway_models_in_use": "Calls that are with models now, by kind of call.",
    "erp_gateway_models_limit": "Most calls with models at once (server.max_calls).",
    "erp_gateway_models_waiting": "Calls that wait for their place, by kind of call.",
    "erp_gateway_limit_used_ratio": "Share of a limit in use, of the 50 nearest their end.",
    "erp_gateway_limit_refusals_total": "Checks that limits refused, or would have in shadow.",
    "erp_gateway_redis_state": "1 for the state of Redis, 0 for the others; off: none is used.",
    "erp_gateway_calls_in_progress": "Calls inside the process.",
    "erp_gateway_draining": "1 while the process goes away.",
    "erp_gateway_rules_pool_waiting": "Work in or before the rules' processes.",
    "erp_gateway_cache_entries": "Answers in this process' cache.",
    "erp_gateway_cache_bytes": "Bytes of them.",
    "erp_gateway_config_info": "1, with the version of the configuration in force.",
    "erp_gateway_start_time_seconds": "When the process began, in wall seconds.",
    "erp_gateway_build_info": "1, with the gateway's version.",
    "erp_gateway_telemetry_dropped_total": "Telemetry that was dropped, by signal.",
    "erp_gateway_telemetry_waiting": "Telemetry that waits to be sent or written, by signal.",
}


def deployments(app: "Application") -> Iterator[Reading]:
    """Health and slots of every deployment that is on."""
    now_s = time.monotonic()
    for name in app.plan().deployments:
        shot = app.health[name].snapshot(now_s)
        state, labels = shot.refusal or STATES[0], {"deployment": name}
        for one in STATES:
            yield Reading("erp_gateway_deployment_state", one == state, {**labels, "state": one})
        yield Reading("erp_gateway_deployment_slots_in_use", shot.in_flight, labels)
        yield Reading("erp_gateway_deployment_slots_limit", shot.limit, labels)
        yield Reading("erp_gateway_deployment_slots_waiting", shot.waiting, labels)


def process(app: "Application") -> Iterator[Reading]:
    """The process: who is inside, what waits, what is kept."""
    for call, slots in app.engine.rooms.doors.items():
        labels = {"call": call.value}
        yield Reading("erp_gateway_models_in_use", slots.in_use, labels)
        yield Reading("erp_gateway_models_limit", app.config.server.max_calls, labels)
        yield Reading("erp_gateway_models_waiting", slots.waiting, labels)
    yield Reading("erp_gateway_calls_in_progress", app.gate.inside)
    yield Reading("erp_gateway_draining", app.gate.draining)
    yield Reading("erp_gateway_rules_pool_waiting", app.runner.waiting)
    yield Reading("erp_gateway_cache_entries", app.memory.entries)
    yield Reading("erp_gateway_cache_bytes", app.memory.size_bytes)
    redis = app.shared.link.state.value if app.shared.link else REDIS_STATES[0]
    for state in REDIS_STATES:
        yield Reading("erp_gateway_redis_state", state == redis, {"state": state})
    yield Reading("erp_gateway_config_info", 1, {"version": app.plan().version})


def limits(app: "Application") -> Iterator[Reading]:
    """Who is near a limit, and what limits refuse."""
    shots = list(app.limit_board)
    for shot in nlargest(SHOWN_LIMITS, shots, key=lambda shot: shot.level):
        labels = {"scope": shot.scope.value, "owner": shot.owner, "limit": shot.knob.value}
        yield Reading("erp_gateway_limit_used_ratio", shot.level, labels)
    refused: Counter[tuple[str, str, str]] = Counter()
    for shot in shots:
        refused[shot.scope.value, shot.knob.value, "enforced"] += shot.refused
        refused[shot.scope.value, shot.knob.value, "shadow"] += shot.would_refuse
    for (scope, knob, mode), count in refused.items():
        labels = {"scope": scope, "limit": knob, "mode": mode}
        yield Reading("erp_gateway_limit_refusals_total", count, labels)
