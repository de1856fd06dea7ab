"""Cases beside a file pass where the routing agrees, and say what differs where it does not."""

from pathlib import Path

import pytest

from gateway.config import ConfigError, load_text
from gateway.config.golden import cases_path, differences, read_cases
from gateway.config.secrets import EveryKey

TEXT = """
deployments:
  a: {provider: openai, model: m1, api_key_env: A_KEY}
  b: {provider: openai, model: m2, api_key_file: /nowhere/b}
  c: {provider: openai, model: m3, base_url: "http://c", enabled: false}
routes:
  - name: chat
    match: {calls: [chat]}
    tiers: [[a, b], c]
    model_version: v1
    cache: {ttl_s: 60}
    mirror: {deployment: b}
    variants:
      - {name: old, erp_versions: ["1.1"], tiers: [b], model_version: v0}
      - {name: new, percent: 50, tiers: [b]}
  - {name: all, rules: {allowed: true}}
"""
PLAN = load_text(TEXT, "gateway.yaml", EveryKey()).plan


def found(when: str, expect: str) -> list[str]:
    (case,) = read_cases(f"cases: [{{name: x, when: {when}, expect: {expect}}}]", "f")
    return differences(case, PLAN)


@pytest.mark.parametrize(
    ("when", "expect"),
    [
        ("{erp_version: 1.1.3}", "{route: chat, variant: old, deployments: [b]}"),
        ("{erp_version: 1.1.3}", "{model_version: v0, rules: true, mirror: b}"),
        ("{call: detect_anomaly}", '{route: all, deployments: [], mirror: ""}'),
        ("{end_user: u1}", "{options: {cache: {ttl_s: 60}, max_output_tokens: 1024}}"),
    ],
)
def test_what_holds_passes(when: str, expect: str) -> None:
    assert found(when, expect) == []


@pytest.mark.parametrize(
    ("when", "expect", "told"),
    [
        ("{call: detect_anomaly}", "{route: chat}", ["route is 'all', not 'chat'"]),
        ("{erp_version: '1.1'}", "{deployments: [[a, b]]}", ["deployments are b, not a | b"]),
        (
            "{erp_version: '1.1'}",
            "{options: {cache: {ttl_s: 61}}}",
            ["options.cache.ttl_s is 60.0, not 61"],
        ),
        (
            "{erp_version: '1.1'}",
            "{options: {ttl: 1}}",
            ["options.ttl: a route has no such option"],
        ),
        ("{}", "{}", ["the route has variants: say `end_user`, or each call is drawn anew"]),
    ],
)
def test_what_does_not_hold_is_told(when: str, expect: str, told: list[str]) -> None:
    assert found(when, expect) == told


def test_a_case_file_with_a_slip_is_refused_with_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        read_cases("cases:\n  - name: x\n    when: {call: chatt}\n    expect: {rout: y}\n", "f")
    assert [str(p.spot.line) for p in caught.value.problems] == ["3", "4"]
    assert "expect.rout" in str(caught.value)


def test_the_shipped_cases_hold_for_the_shipped_file() -> None:
    path = Path(__file__).resolve().parents[2] / "config" / "gateway.yaml"
    plan = load_text(path.read_text(), str(path), EveryKey()).plan
    cases = read_cases(cases_path(path).read_text(), "f")
    assert [differences(case, plan) for case in cases] == [[]] * 3
