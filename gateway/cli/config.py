"""`erp-gateway config`: the reference and the JSON Schema of the options, and what was in force."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gateway.cli.arguments import add_state_dir, config_path, parser
from gateway.config.history import History, state_folder
from gateway.config.reference import json_schema, markdown


def main(arguments: Sequence[str]) -> int:
    """Print or write the reference, the JSON Schema, or the versions of a file in force so far."""
    made = parser(
        "config",
        "Print the configuration's reference (docs), its JSON Schema for editors (schema), or the"
        " versions that were in force (history).",
    )
    made.add_argument("what", choices=["docs", "schema", "history"])
    made.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: print")
    add_state_dir(made)
    asked = made.parse_args(arguments)
    text = _text(asked)
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def _text(asked: argparse.Namespace) -> str:
    if asked.what == "history":
        state = state_folder(asked.state_dir, os.environ)
        return history_text(History(state, config_path(asked.config)))
    return markdown() if asked.what == "docs" else schema_text()


def history_text(history: History) -> str:
    """The kept versions, newest first, and how to go back to one."""
    versions = [
        f"{datetime.fromtimestamp(kept.at_s, UTC):%Y-%m-%d %H:%M:%S} UTC  {kept.version}"
        f"  {kept.path}"
        for kept in reversed(history.versions())
    ]
    if not versions:
        return f"nothing is kept in {history.folder}; is --state-dir the gateway's?\n"
    return "\n".join([*versions, "go back: erp-gateway rollback [VERSION]", ""])


def schema_text() -> str:
    """The JSON Schema as it stands in config/gateway.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
