"""The documents say what the tables say."""

import pytest

from gateway.api import reference
from gateway.api.bounds import RULES
from gateway.api.error_table import TABLE


@pytest.mark.parametrize(
    ("name", "text"), [("errors.md", reference.errors()), ("limits.md", reference.limits())]
)
def test_the_document_is_up_to_date(name: str, text: str) -> None:
    remedy = "run python -m gateway.api.reference"
    assert (reference.DOCS / name).read_text(encoding="utf-8") == text, remedy


def test_every_reason_and_every_field_is_in_the_documents() -> None:
    assert all(f"`{row.reason}`" in reference.errors() for row in TABLE.values())
    assert all(f"`{field}`" in reference.limits() for rows in RULES.values() for field in rows)
