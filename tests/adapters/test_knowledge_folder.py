"""Knowledge from disk: what is read, and what is refused by name."""

from pathlib import Path

import pytest

from gateway.adapters.knowledge_folder import (
    MAX_FILE_BYTES,
    KnowledgeUnreadableError,
    read_knowledge,
)


def test_every_folder_is_a_base_and_only_known_files_are_read(tmp_path: Path) -> None:
    base = tmp_path / "shop"
    base.mkdir()
    (base / "b.yaml").write_text("entries: []")
    (base / "a.csv").write_text("id,lang")
    (base / "notes.txt").write_text("not ours")
    (base / ".hidden.yaml").write_text("not ours")
    (tmp_path / "README.md").write_text("not a base")
    assert read_knowledge(tmp_path) == {"shop": [("a.csv", "id,lang"), ("b.yaml", "entries: []")]}


def test_a_folder_that_does_not_exist_holds_no_knowledge(tmp_path: Path) -> None:
    assert read_knowledge(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("content", "told"), [(b"\xff\xfe", "is not UTF-8"), (b"x" * (MAX_FILE_BYTES + 1), "split it")]
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "faq.yaml").write_bytes(content)
    with pytest.raises(KnowledgeUnreadableError, match=told) as raised:
        read_knowledge(tmp_path)
    assert "faq.yaml" in str(raised.value)
