"""The page and its verdicts, from made-up figures."""

from pathlib import Path

import pytest

from benchmarks.speed.aims import AIMS, Aim
from benchmarks.speed.found import Findings, spread
from benchmarks.speed.page import page
from benchmarks.speed.peers import LITELLM
from benchmarks.speed.subjects import BARE, DOOR, MODEL, OURS


def findings() -> Findings:
    latencies = {"p50": [1.0, 1.2, 1.1], "p95": [2.0, 2.2, 2.1], "p99": [3.0, 3.2, 3.1]}
    direct = {name: [0.1, 0.1, 0.1] for name in latencies}
    return Findings(
        about={"date": "2026-11-22", "commit": "abc", "processor": "X", "cores": "2"},
        versions={OURS: "", DOOR: "", BARE: "1.85", LITELLM: "1.106"},
        cpu_ms={
            "plain": {OURS: [1.0, 1.4, 1.2], BARE: [1.0, 1.0, 1.0], LITELLM: [12.0, 13.0, 14.0]},
            "fallback": {OURS: [1.8, 1.8, 1.8]},
        },
        latency_ms={OURS: latencies, MODEL: direct},
        first_token_ms={MODEL: [0.5], OURS: [2.5]},
        ladder=[
            {"streams": 64.0, "stalled": 0, "longest_ms": 90, "model_stalled": 0}
            | {"model_longest_ms": 55.0},
            {"streams": 96.0, "stalled": 3, "longest_ms": 900, "model_stalled": 0}
            | {"model_longest_ms": 55.0},
        ],
        growth={"calls": 1000, "memory_mb": [200.0, 210.0, 209.0]},
    )


def verdicts(found: Findings) -> dict[str, str]:
    return {aim.what: aim.judged(found) for aim in AIMS}


def test_verdicts_are_judged_by_medians() -> None:
    judged = verdicts(findings())
    assert judged["Chat, CPU against the bare forwarder"] == "met"
    assert judged["LiteLLM proxy's CPU against ours, Chat"] == "missed"
    assert judged["latency added, p50"] == "met"
    assert judged["fallback, CPU against a plain call"] == "met"
    assert judged["streams of 20 tokens a second without a stall"] == "met"
    assert judged["memory grown over the mixed calls"] == "met"


def test_what_was_not_measured_is_never_met() -> None:
    assert set(verdicts(Findings()).values()) == {"not measured"}


@pytest.mark.parametrize(
    ("at_least", "value", "judged"),
    [(False, 2.0, "met"), (False, 2.01, "missed"), (True, 2.0, "met"), (True, 1.99, "missed")],
)
def test_the_limit_itself_is_good(at_least: bool, value: float, judged: str) -> None:
    aim = Aim("what", lambda _found: value, 2.0, at_least=at_least)
    assert aim.judged(Findings()) == judged


def test_a_missed_aim_stands_out() -> None:
    (line,) = [
        line
        for line in page(findings()).splitlines()
        if "LiteLLM proxy's CPU against ours, Chat" in line
    ]
    assert "| at least 15 x | 10.83 x |" in line
    assert line.endswith("| **missed** |")


def test_a_cell_has_the_median_and_the_spread() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.00 <sub>1.00–3.00</sub>"
    assert "| 1.20 <sub>1.00–1.40</sub> |" in page(findings())


def test_a_peer_that_failed_is_told_with_its_reason() -> None:
    found = findings()
    found.failures["starting Portkey"] = "npm is missing"
    assert "- starting Portkey: npm is missing" in page(found)


def test_the_first_rung_that_stalls_ends_the_ladder() -> None:
    assert findings().streams_without_stalls() == 64


def test_what_is_saved_gives_the_same_page(tmp_path: Path) -> None:
    found = findings()
    found.save(tmp_path / "found.json")
    assert page(Findings.load(tmp_path / "found.json")) == page(found)
