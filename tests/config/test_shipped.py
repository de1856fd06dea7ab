"""The files people start from are right, and do what their comments say."""

import re
from pathlib import Path

import pytest

from gateway.config import Config, load_file
from gateway.core.model import Call, Caller, Deadline
from gateway.core.routing import explain

FOLDER = Path(__file__).resolve().parents[2] / "config"
EXAMPLES = sorted((FOLDER / "examples").glob("*.yaml"))
KEYS = {"DEEPSEEK_API_KEY": "deepseek", "DASHSCOPE_API_KEY": "qwen", "OPENAI_API_KEY": "openai"}


def shipped(**env: str) -> Config:
    return load_file(FOLDER / "gateway.yaml", env)


def route_of(config: Config, call: Call = Call.CHAT, **caller: object) -> str | None:
    asked = Caller(request_id="r", deadline=Deadline(0.0), **caller)  # type: ignore[arg-type] # fields
    found = explain(config.plan, call, asked).route
    return found.name if found else None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_right_and_finds_the_knowledge(path: Path) -> None:
    config = load_file(path, {})
    assert config.knowledge.resolve() == FOLDER / "knowledge"


def test_there_is_an_example_of_each_kind() -> None:
    kinds = {"self-hosted", "tenants-and-locales", "hedging", "model-only", "canary", "tools"}
    kinds |= {"mcp", "dify", "limits", "variants"}
    assert {path.stem for path in EXAMPLES} == kinds


@pytest.mark.parametrize(("variable", "deployment"), KEYS.items())
def test_a_key_in_the_environment_switches_its_model_on(variable: str, deployment: str) -> None:
    assert set(shipped(**{variable: "key"}).plan.deployments) == {deployment}


def test_without_keys_every_deployment_is_off_and_says_which_variable_is_missing() -> None:
    plan = shipped().plan
    assert plan.deployments == {}
    assert plan.off == {d: f"environment variable {v} is not set" for v, d in KEYS.items()}


@pytest.mark.parametrize("call", Call)
def test_each_call_has_a_route_over_all_three_models(call: Call) -> None:
    config = shipped()
    asked = Caller(request_id="r", deadline=Deadline(0.0))
    route = explain(config.plan, call, asked).route
    assert route is not None
    assert set(route.deployments()) == set(KEYS.values())
    assert route.rules.allowed


def test_the_example_of_tenants_routes_as_its_comments_say() -> None:
    config = load_file(FOLDER / "examples" / "tenants-and-locales.yaml", {})
    vip = {"channel": "vip"}
    assert route_of(config, tenant="outlet-de", labels=vip) == "strict-tenant"
    assert route_of(config, labels=vip) == "chat-vip"
    assert route_of(config, locale="zh-Hant-HK") == "chat-zh"
    assert route_of(config, locale="no") == "chat-north"
    assert route_of(config, erp_version="1.2.7") == "old-erp"
    assert route_of(config, erp_version="1.20") == "otherwise"


@pytest.mark.parametrize("path", [FOLDER / "gateway.yaml", *EXAMPLES], ids=lambda path: path.stem)
def test_every_file_names_the_schema_so_that_editors_help(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n")[0]
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert found
    assert (path.parent / found[1]).resolve() == FOLDER / "gateway.schema.json"
