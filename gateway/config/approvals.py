"""The file of what was approved of MCP servers' tools; a person reads it in every review."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.core.described import Approvals, Described

MAX_BYTES = 4 * 1024 * 1024


class ApprovalsUnreadable(Exception):
    """The file is there and cannot be used; the text says why and is shown to ops."""


def read_approvals(path: Path) -> Approvals:
    """What was approved; nothing when there is no file. Raises ApprovalsUnreadable."""
    if not path.exists():
        return {}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ApprovalsUnreadable(f"{str(path)!r} is longer than {MAX_BYTES:,} bytes")
        servers = json.loads(path.read_text(encoding="utf-8"))["servers"]
        return {
            server: {name: _read(name, entry) for name, entry in tools.items()}
            for server, tools in servers.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ApprovalsUnreadable(
            f"{str(path)!r} is no file of approvals ({type(error).__name__}); take it from version"
            " control, or delete it and run `erp-gateway mcp approve`"
        ) from error


def write_approvals(path: Path, approvals: Approvals) -> None:
    """Write the file; a reader sees the old one or the new one, never a part."""
    servers = {
        server: {name: _written(tools[name]) for name in sorted(tools)}
        for server, tools in sorted(approvals.items())
    }
    text = json.dumps({"servers": servers}, indent=2, ensure_ascii=False) + "\n"
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _written(tool: Described) -> dict[str, Any]:
    return {
        "fingerprint": tool.fingerprint,
        "title": tool.title,
        "description": tool.description,
        "arguments": tool.arguments,
        "annotations": tool.annotations,
    }


def _read(name: str, entry: Mapping[str, Any]) -> Described:
    tool = Described(
        name=name,
        description=str(entry["description"]),
        arguments=dict(entry["arguments"]),
        title=str(entry["title"]),
        annotations=dict(entry["annotations"]),
    )
    if tool.fingerprint != entry["fingerprint"]:
        raise ApprovalsUnreadable(
            f"the approval of tool {name!r} was changed by hand: its fingerprint does not fit;"
            " approve it with `erp-gateway mcp approve`"
        )
    return tool
