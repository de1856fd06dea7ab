"""`erp-gateway config`: the reference and the JSON Schema, made from the options themselves."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.config.reference import json_schema, markdown


def main(arguments: Sequence[str]) -> int:
    """Print or write the reference (`docs`) or the JSON Schema for editors (`schema`)."""
    parser = argparse.ArgumentParser(
        prog="erp-gateway config",
        description="Print the configuration's reference or its JSON Schema for editors.",
    )
    parser.add_argument("what", choices=["docs", "schema"])
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: print")
    asked = parser.parse_args(arguments)
    text = markdown() if asked.what == "docs" else schema_text()
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def schema_text() -> str:
    """The JSON Schema as it stands in config/gateway.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
