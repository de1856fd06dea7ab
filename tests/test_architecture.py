"""The folders are the architecture: who may import whom, and where vendors may be met."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "rules", "tasks", "config", "adapters", "api", "v1", "admin", "cli")

MAY_IMPORT = {
    "core": {"core"},
    "rules": {"rules"},
    "tasks": {"tasks", "core", "rules"},
    "config": {"config", "core"},
    "adapters": {"adapters", "core"},
    "api": {"api", "core", "tasks", "v1", "admin"},
}
"""Rooms of the gateway by room; wiring, cli, demo and __main__ may all."""

VENDORS = {
    "grpc": {"api"},
    "litellm": {"adapters/litellm"},
    "aiohttp": {
        "adapters",
        "api/http_",
        "api/mcp_door",
    },  # its server is the HTTP door (decision 0021)
    "redis": {"adapters/redis"},
    "opentelemetry": {"adapters/telemetry"},
    "prometheus_client": {"adapters/telemetry"},
    "mcp": {"adapters/mcp"},
    "httpx2": {"adapters/mcp"},  # the HTTP client of the MCP SDK
    "jsonschema": {"adapters/tool_arguments", "config/crosscheck_tools"},
    "tenacity": {"core"},
    "numpy": {"rules"},
    "yaml": {"config", "rules/chat"},
    "pydantic": {"config"},
}
"""Libraries that only these folders (and the files at the top) may import."""


def sources() -> list[Path]:
    generated = {ROOT / "gateway" / "v1", ROOT / "gateway" / "admin" / "v1"}
    return [p for p in (ROOT / "gateway").rglob("*.py") if not generated & set(p.parents)]


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import; write the whole name"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_every_room_imports_only_the_rooms_it_may() -> None:
    wrong = []
    for path in sources():
        room = path.relative_to(ROOT / "gateway").parts[0]
        for name in imports(path):
            parts = name.split(".")
            if room in MAY_IMPORT and parts[0] == "gateway" and len(parts) > 1:
                met = parts[1]
                if met in ROOMS and met not in MAY_IMPORT[room]:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_vendors_are_met_only_in_their_rooms() -> None:
    wrong = []
    for path in sources():
        place = path.relative_to(ROOT / "gateway").as_posix()
        if "/" not in place or place.startswith(("cli/", "demo/", "wiring/")):
            continue
        for name in imports(path):
            allowed = VENDORS.get(name.split(".")[0])
            if allowed is not None and not any(place.startswith(room) for room in allowed):
                wrong.append(f"{place} imports {name}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_the_table_speaks_of_rooms_that_exist(room: str) -> None:
    assert (ROOT / "gateway" / room / "__init__.py").is_file()
