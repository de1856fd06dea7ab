from pathlib import Path

from gateway.adapters.litellm.quirks import FAMILIES
from gateway.core.errors import ProviderError

DOC = Path(__file__).resolve().parents[3] / "docs" / "providers.md"


def test_every_family_has_its_row() -> None:
    text = DOC.read_text(encoding="utf-8")
    for name, family in FAMILIES.items():
        row = next(
            line for line in text.splitlines() if line.startswith("|") and f"`{name}`" in line
        )
        assert family.json_mode.value.upper() in row, name


def test_every_kind_of_provider_error_is_explained() -> None:
    text = DOC.read_text(encoding="utf-8")
    for kind in ProviderError.__subclasses__():
        assert f"| {kind.outcome.value.upper()} |" in text, kind
