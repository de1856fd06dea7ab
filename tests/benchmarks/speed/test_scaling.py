"""The arithmetic of docs/scaling.md, and that its names exist."""

import re

import pytest

from benchmarks.speed.found import Findings
from benchmarks.speed.scaling import (
    MIX,
    TEMPLATE,
    UNKNOWN,
    calls_per_second,
    figures,
    mixed,
    rendered,
    workers,
)
from benchmarks.speed.subjects import OURS
from tests.processes import ROOT

METRIC = re.compile(r"`((?:erp_gateway|gen_ai|rpc)_\w+)`")


def test_a_core_serves_a_thousand_milliseconds_of_work_a_second() -> None:
    assert calls_per_second(2.0) == 500
    assert calls_per_second(2.0, 0.6) == pytest.approx(300)


def test_workers_are_rounded_up_and_never_one_alone() -> None:
    assert workers(10_000, 1.2, 0.6) == 20
    assert workers(10_001, 1.2, 0.6) == 21
    assert workers(1, 1.0) == 2


def test_the_mix_is_a_whole() -> None:
    assert sum(MIX.values()) == pytest.approx(1.0)
    assert mixed({"a": 1.0, "b": 3.0}, {"a": 0.75, "b": 0.25}) == 1.5


def test_figures_follow_from_the_measured_cost() -> None:
    found = Findings(cpu_ms={work: {OURS: [2.0]} for work in MIX})
    told = figures(found, {})
    assert told["core_rate"] == "500"
    assert told["worker_rate"] == "300"
    assert told["fast_cores"] == "20"
    assert told["fast_workers"] == "34"
    assert told["fast_machines"] == "3"
    assert told["fast_waiting"] == "14,000"
    assert told["day_workers"] == "2"


def test_the_page_says_what_nobody_measured() -> None:
    assert UNKNOWN in rendered(Findings(), {})


def test_every_metric_and_alert_that_the_page_names_exists() -> None:
    text = TEMPLATE.read_text("utf-8")
    metrics = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    named = set(METRIC.findall(text))
    assert len(named) > 10
    assert named <= set(METRIC.findall(metrics))
    alerts = set(re.findall(r"ErpGateway\w+", text))
    operations = (ROOT / "docs" / "operations.md").read_text("utf-8")
    assert alerts <= set(re.findall(r"### (ErpGateway\w+)", operations))
