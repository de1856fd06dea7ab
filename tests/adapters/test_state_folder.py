"""Bytes that can be made again: whole or not at all."""

from pathlib import Path

import pytest

from gateway.adapters.state_folder import StateFolder


def test_what_was_kept_is_read_back_and_what_it_replaces_is_gone(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "var" / "deep")
    state.write("shop.1.model", b"old", "shop.*.model")
    state.write("other.1.model", b"other", "other.*.model")
    state.write("shop.2.model", b"new", "shop.*.model")
    assert state.read("shop.2.model") == b"new"
    assert state.read("shop.1.model") is None
    assert state.read("other.1.model") == b"other"
    assert len(list((tmp_path / "var" / "deep").iterdir())) == 2


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:-1], lambda raw: b"x" + raw[1:], lambda _: b""]
)
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: object) -> None:
    state = StateFolder(tmp_path)
    state.write("a", b"content")
    file = tmp_path / "a"
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert state.read("a") is None


def test_a_folder_that_cannot_be_written_is_told_and_hurts_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    state = StateFolder(tmp_path / "file")
    state.write("a", b"content")
    assert state.read("a") is None
    assert "cannot be kept" in caplog.text


def test_without_a_folder_nothing_is_kept() -> None:
    state = StateFolder(None)
    state.write("a", b"content")
    assert state.read("a") is None
