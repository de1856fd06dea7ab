"""Alert rules and dashboards: valid, tested, explained, and asking only for what there is."""

import json
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.watched import Stage, stage, tour
from tests.processes import ROOT

DEPLOY = ROOT / "deploy"
RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
DASHBOARD = DEPLOY / "grafana" / "dashboards" / "erp-gateway.json"
METRIC = re.compile(r"\b(?:erp_gateway|rpc|gen_ai)_[a-z_]+\b")
LABELS = re.compile(r"\{[^{}]*\}|\b(?:by|without|on) \([^()]*\)|\"[^\"]*\"")


def promtool(*arguments: object) -> None:
    done = subprocess.run(  # noqa: S603 # our own files
        ["promtool", *map(str, arguments)],  # noqa: S607 # where the machine has it
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def alerts() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
            yield from (rule for rule in group["rules"] if "alert" in rule)


def rule_expressions() -> list[str]:
    groups = [g for p in RULES for g in yaml.safe_load(p.read_text("utf-8"))["groups"]]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def dashboard_expressions() -> list[str]:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def metrics_in(expressions: list[str]) -> set[str]:
    bare = [LABELS.sub(" ", expression) for expression in expressions]
    return {name for expression in bare for name in METRIC.findall(expression)}


@pytest.mark.needs("promtool")
def test_the_rules_are_valid() -> None:
    promtool("check", "rules", *RULES)


@pytest.mark.needs("promtool")
def test_the_rules_fire_when_they_should_and_only_then() -> None:
    promtool("test", "rules", *sorted((DEPLOY / "prometheus" / "tests").glob("*.yml")))


@pytest.mark.needs("promtool")
def test_the_panels_ask_valid_questions(tmp_path: Any) -> None:
    asked = [re.sub(r"\$__rate_interval", "5m", e) for e in dashboard_expressions()]
    rules = [{"record": f"panel:{n}", "expr": expr} for n, expr in enumerate(asked)]
    file = tmp_path / "panels.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", file)


def test_every_alert_says_what_to_do() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    anchors = {line[4:].strip().lower() for line in page.splitlines() if line.startswith("### ")}
    for alert in alerts():
        file, _, anchor = alert["annotations"]["runbook"].partition("#")
        assert file == "docs/operations.md"
        assert anchor in anchors, f"docs/operations.md has no heading for {alert['alert']}"
        assert alert["labels"]["severity"] in ("page", "ticket")


def test_the_dashboard_answers_the_five_questions() -> None:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    rows = [panel["title"] for panel in panels if panel["type"] == "row"]
    asked = ["healthy", "falls back, and why", "slow", "dear", "near a limit"]
    assert all(word in row for word, row in zip(asked, rows, strict=False))
    assert all(p["description"] for p in panels if p["type"] != "row")
    assert len({panel["id"] for panel in panels}) == len(panels)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def exposed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    async with stage(tmp_path_factory.mktemp("deploy")) as on:
        await tour(on)
        yield await scraped(on)


async def scraped(on: Stage) -> str:
    status, text = await on.get("/metrics")
    assert status == 200
    return text


@pytest.mark.e2e
@pytest.mark.anyio
@pytest.mark.parametrize("where", ["rules", "dashboard"])
async def test_every_metric_asked_for_is_in_a_live_scrape(exposed: str, where: str) -> None:
    asked = metrics_in(rule_expressions() if where == "rules" else dashboard_expressions())
    there = {re.split(r"[{ ]", line)[0] for line in exposed.splitlines() if line[:1] != "#"}
    assert len(asked) > 10
    assert asked <= there, sorted(asked - there)


@pytest.mark.e2e
@pytest.mark.anyio
@pytest.mark.needs("promtool")
async def test_a_scrape_keeps_to_the_conventions_of_prometheus(exposed: str) -> None:
    done = subprocess.run(  # noqa: ASYNC221 # it reads a text and ends
        ["promtool", "check", "metrics"],  # noqa: S607
        input=exposed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
