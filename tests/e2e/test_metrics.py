"""Metrics and health of a real process, after calls that ended in every way."""

import re
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.watched import Stage, stage, tour
from tests.processes import ROOT

pytestmark = [pytest.mark.anyio, pytest.mark.e2e]

Samples = dict[str, list[tuple[dict[str, str], float]]]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def toured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with stage(tmp_path_factory.mktemp("metrics")) as on:
        await tour(on)
        yield on


async def scrape(on: Stage) -> Samples:
    status, text = await on.get("/metrics")
    assert status == 200
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def total(found: Samples, name: str, **labels: str) -> float:
    return sum(value for have, value in found.get(name, []) if labels.items() <= have.items())


async def test_calls_are_counted_by_source_reason_and_status(toured: Stage) -> None:
    found, name = await scrape(toured), "erp_gateway_calls_total"
    assert total(found, name, rpc_method="Chat", source="model", degrade_reason="") == 2
    assert total(found, name, rpc_method="Chat", degrade_reason="fallback_model") == 1
    assert total(found, name, source="rules", degrade_reason="models_failed") == 1
    assert total(found, name, rpc_method="ExtractKeywords", source="cache") == 1
    assert total(found, name, rpc_response_status_code="UNAVAILABLE", source="") == 1
    assert total(found, name) == total(found, "rpc_server_call_duration_seconds_count") == 12


async def test_refused_and_failed_calls_are_counted_by_their_reason(toured: Stage) -> None:
    found, name = await scrape(toured), "erp_gateway_call_failures_total"
    reasons = {labels["reason"]: value for labels, value in found[name] if value}
    assert reasons == {"ALL_MODELS_FAILED": 1, "INVALID_REQUEST": 1, "NOT_FOUND": 1}


async def test_the_time_inside_the_gateway_is_a_metric_of_its_own(toured: Stage) -> None:
    found = await scrape(toured)
    inside = total(found, "erp_gateway_internal_duration_seconds_sum")
    assert 0 < inside < total(found, "rpc_server_call_duration_seconds_sum")
    assert total(found, "erp_gateway_internal_duration_seconds_count") == 8  # the answered ones


async def test_attempts_tokens_and_cost_are_counted_by_deployment(toured: Stage) -> None:
    found = await scrape(toured)
    assert (
        total(found, "erp_gateway_attempts_total", deployment="main", outcome="server_error") == 3
    )
    assert total(found, "erp_gateway_attempts_total", deployment="spare", outcome="overloaded") == 2
    of_main = {"deployment": "main", "gen_ai_request_model": "main"}
    took = "gen_ai_client_inference_duration_seconds_count"
    assert total(found, took, **of_main, error_type="server_error") == 3
    assert total(found, "gen_ai_client_inference_time_to_first_chunk_seconds_count") == 1
    read = total(found, "gen_ai_client_inference_usage_input_tokens_total", **of_main)
    written = total(found, "gen_ai_client_inference_usage_output_tokens_total", **of_main)
    cost = total(found, "erp_gateway_cost_usd_total", deployment="main")
    assert cost == pytest.approx((read + 2 * written) / 1e6, rel=0.01)
    assert total(found, "erp_gateway_tenant_cost_usd_total", tenant="default") >= cost


async def test_the_cache_the_rules_and_tools_are_timed(toured: Stage) -> None:
    found = await scrape(toured)
    assert total(found, "erp_gateway_cache_lookups_total", result="hit") == 1
    assert total(found, "erp_gateway_tool_duration_seconds_count", result="found") == 1
    assert total(found, "erp_gateway_rules_duration_seconds_count", work="AnomalyTask.draft") == 1


async def test_the_present_state_is_read_at_the_scrape(toured: Stage) -> None:
    found = await scrape(toured)
    states = [value for _, value in found["erp_gateway_deployment_state"]]
    assert sorted(states) == [0] * 10 + [1] * 2  # each of two deployments is in one of six states
    assert total(found, "erp_gateway_deployment_slots_limit", deployment="main") == 256
    assert total(found, "erp_gateway_calls_in_progress") == 0
    assert total(found, "erp_gateway_config_info") == 1


async def test_health_has_a_door_of_its_own(toured: Stage) -> None:
    assert (await toured.get("/livez"))[0] == 200
    assert (await toured.get("/readyz"))[0] == 200
    assert (await toured.get("/startupz"))[0] == 200
    assert (await toured.get("/else"))[0] == 404


async def test_the_reference_lists_just_what_a_scrape_holds(toured: Stage) -> None:
    _, text = await toured.get("/metrics")
    families = {family.name for family in text_string_to_metric_families(text)}
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    told = {name.removesuffix("_total") for name in re.findall(r"`([a-z][a-z_]+)`", page)}
    told = {name for name in told if name.startswith(("erp_gateway_", "gen_ai_", "rpc_"))}
    assert told - {"erp_gateway_"} == families
