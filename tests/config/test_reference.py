"""The reference and the schema are what the options say today."""

import json
from dataclasses import fields
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from gateway.config.reference import docstrings, groups, json_schema, markdown

ROOT = Path(__file__).resolve().parents[2]
FILES = [ROOT / "config" / "gateway.yaml", *sorted((ROOT / "config" / "examples").glob("*.yaml"))]


def test_docs_config_md_is_up_to_date() -> None:
    assert (ROOT / "docs" / "config.md").read_text(encoding="utf-8") == markdown(), "run: make docs"


def test_the_json_schema_is_up_to_date() -> None:
    stored = json.loads((ROOT / "config" / "gateway.schema.json").read_text(encoding="utf-8"))
    assert stored == json_schema(), "run: make docs"


def test_every_knob_is_documented() -> None:
    for path, kind in groups():
        for field in fields(kind):
            assert docstrings(kind).get(field.name), f"{path}.{field.name} has no docstring"


def test_the_schema_accepts_what_the_gateway_accepts() -> None:
    validator = Draft202012Validator(json_schema())
    for path in FILES:
        validator.validate(
            yaml.safe_load(path.read_text(encoding="utf-8").replace("[no,", "['no',"))
        )


def test_the_schema_refuses_an_unknown_key() -> None:
    assert not Draft202012Validator(json_schema()).is_valid({"deployment": {}})
