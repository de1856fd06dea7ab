"""MCP servers of the file, and which of their tools are on by what was approved."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Config, ConfigError, load_file
from gateway.config.approvals import read_approvals, write_approvals
from gateway.core.described import Described
from gateway.core.options import Fact

ORDER = Described(
    "get_order",
    "Looks up.",
    {
        "type": "object",
        "properties": {"id": {"type": "string"}, "user": {"type": "string"}},
        "required": ["id", "user"],
    },
)
SERVER: dict[str, Any] = {
    "url": "http://erp/mcp",
    "tools": {
        "order": {
            "tool": "get_order",
            "inject": {"customer_id": "user"},
            "serves": "order_status",
            "fields": {"status": "status"},
        }
    },
}


NOTHING: Mapping[str, Any] = {}


def loaded(folder: Path, server: Mapping[str, Any] = NOTHING, **env: str) -> Config:
    file = {
        "mcp_servers": {"erp": SERVER | dict(server)},
        "routes": [{"name": "all", "tools": ["order"]}],
    }
    (folder / "gateway.yaml").write_text(json.dumps(file))
    return load_file(folder / "gateway.yaml", env)


def approve(folder: Path, *tools: Described) -> None:
    write_approvals(folder / "mcp-approved.json", {"erp": {tool.name: tool for tool in tools}})


def tool_of(**options: Any) -> dict[str, Any]:
    whole = SERVER["tools"]["order"] | options
    return {"order": {name: value for name, value in whole.items() if value is not None}}


def test_a_tool_that_nobody_approved_is_off_and_says_what_to_do(tmp_path: Path) -> None:
    plan = loaded(tmp_path).plan
    assert plan.tools == {}
    assert plan.tools_off == {
        "order": "nobody has approved it; read it and run `erp-gateway mcp approve`"
    }


def test_an_approved_tool_has_the_approved_words_and_hides_what_the_gateway_fills_in(
    tmp_path: Path,
) -> None:
    approve(tmp_path, ORDER)
    tool = loaded(tmp_path).plan.tools["order"]
    assert (tool.description, tool.url) == ("Looks up.", "mcp:erp/get_order")
    assert tool.schema() == {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"],
        "additionalProperties": False,
    }
    assert tool.mcp is not None
    assert (tool.mcp.tool, tool.mcp.approved) == ("get_order", ORDER.fingerprint)
    assert tool.mcp.inject == {Fact.CUSTOMER_ID: "user"}


def test_what_was_approved_is_part_of_the_configurations_version(tmp_path: Path) -> None:
    approve(tmp_path, ORDER)
    one = loaded(tmp_path).plan.version
    approve(tmp_path, Described("get_order", "Looks it up.", ORDER.arguments))
    assert loaded(tmp_path).plan.version != one


@pytest.mark.parametrize(
    ("server", "why"),
    [
        ({"enabled": False}, "MCP server 'erp' is switched off in the file (enabled: false)"),
        ({"tools": tool_of(enabled=False)}, "switched off in the file (enabled: false)"),
        ({"api_key_env": "ERP_KEY"}, "environment variable ERP_KEY is not set"),
        ({"env": ["ERP_TOKEN"]}, "environment variable ERP_TOKEN is not set"),
        (
            {"tools": tool_of(inject={"customer_id": "customer"})},
            "`inject` fills 'customer' with customer_id, but it has no such argument",
        ),
        (
            {"tools": tool_of(inject={}, owner_field="user")},
            "`serves` needs exactly one required argument, it has 2",
        ),
        (
            {"tools": tool_of(serves=None, writes=True, confirm={"en": "Do {what}?"})},
            "`confirm` says {what}, which is no required argument of it",
        ),
    ],
)
def test_a_tool_is_off_for_a_reason_that_is_told(
    tmp_path: Path, server: dict[str, Any], why: str
) -> None:
    approve(tmp_path, ORDER)
    assert loaded(tmp_path, server).plan.tools_off == {"order": why}


def test_keys_and_variables_are_read_and_never_shown(tmp_path: Path) -> None:
    env = {"ERP_KEY": "the-key", "ERP_TOKEN": "the-token"}
    config = loaded(tmp_path, {"api_key_env": "ERP_KEY", "env": ["ERP_TOKEN"]}, **env)
    server = config.mcp_servers["erp"]
    assert (server.api_key.reveal(), server.variables["ERP_TOKEN"].reveal()) == tuple(env.values())
    assert "the-" not in repr(config)


def test_approvals_are_read_as_they_were_written(tmp_path: Path) -> None:
    approvals = {"erp": {"get_order": ORDER}, "crm": {}}
    write_approvals(tmp_path / "a.json", approvals)
    assert read_approvals(tmp_path / "a.json") == approvals
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert read_approvals(tmp_path / "none.json") == {}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"servers": {"erp": {"x": 1}}}', "\ud800"])
def test_a_broken_file_of_approvals_is_a_fault_with_a_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "mcp-approved.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError, match="take it from version control, or delete it"):
        loaded(tmp_path)


def test_an_approval_that_was_edited_by_hand_is_refused(tmp_path: Path) -> None:
    approve(tmp_path, ORDER)
    path = tmp_path / "mcp-approved.json"
    path.write_text(path.read_text().replace("Looks up.", "Looks up everything."))
    with pytest.raises(ConfigError, match="'get_order' was changed by hand"):
        loaded(tmp_path)


def test_a_file_without_mcp_servers_needs_no_approvals(tmp_path: Path) -> None:
    (tmp_path / "mcp-approved.json").write_text("{")
    (tmp_path / "gateway.yaml").write_text("routes: [{name: all}]")
    assert load_file(tmp_path / "gateway.yaml", {}).mcp_servers == {}
