"""Versions that were in force are on disk, bounded, and never in anyone's way."""

import logging
from pathlib import Path

import pytest

from gateway.config.history import History, state_folder, written


def test_versions_come_back_in_order_with_their_texts(tmp_path: Path) -> None:
    history = History(tmp_path, tmp_path / "gateway.yaml")
    for version in ("aaaa", "bbbb", "aaaa"):
        history.keep(version, f"text of {version}")
    found = history.versions()
    assert [kept.version for kept in found] == ["aaaa", "bbbb", "aaaa"]
    assert history.text(found[1]) == "text of bbbb"
    assert history.find("bb") == found[1]
    assert history.find("aaaa") == found[2]
    assert history.find("cccc") is None


def test_the_same_text_is_kept_once_and_another_text_of_the_same_version_too(
    tmp_path: Path,
) -> None:
    history = History(tmp_path, tmp_path / "gateway.yaml")
    for text in ("one", "one", "# remark\none"):
        history.keep("aaaa", text)
    assert [history.text(kept) for kept in history.versions()] == ["one", "# remark\none"]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    history = History(tmp_path, tmp_path / "gateway.yaml", most=3)
    for number in range(10):
        history.keep(f"{number:04x}", str(number))
    assert [history.text(kept) for kept in history.versions()] == ["7", "8", "9"]


def test_two_files_do_not_share_a_history(tmp_path: Path) -> None:
    History(tmp_path, Path("a.yaml")).keep("aaaa", "a")
    assert History(tmp_path, Path("b.yaml")).versions() == ()
    assert len(History(tmp_path, Path("x/../a.yaml")).versions()) == 1


def test_a_folder_that_cannot_be_written_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    history = History(tmp_path / "state", tmp_path / "gateway.yaml")
    with caplog.at_level(logging.WARNING):
        history.keep("aaaa", "text")
    assert "could not be kept" in caplog.text
    assert "ERP_GATEWAY_STATE_DIR" in caplog.text
    assert history.versions() == ()


def test_a_text_that_cannot_be_written_leaves_the_old_file_whole_and_no_rubbish(
    tmp_path: Path,
) -> None:
    (file := tmp_path / "f").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        written(file, "\udcff")
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert file.read_text() == "old"


@pytest.mark.parametrize(
    ("asked", "env", "folder"),
    [("here", {"ERP_GATEWAY_STATE_DIR": "there"}, "here"), ("", {}, "var")],
)
def test_the_command_line_decides_before_the_environment(
    asked: str, env: dict[str, str], folder: str
) -> None:
    assert state_folder(asked, env) == Path(folder)


def test_a_version_that_another_worker_deletes_meanwhile_hides_no_other(tmp_path: Path) -> None:
    history = History(tmp_path, tmp_path / "gateway.yaml")
    history.keep("aaaa", "one")
    (history.folder / "000009-bbbb.yaml").symlink_to("gone")  # listed, and not there
    history.keep("cccc", "two")
    assert [kept.version for kept in history.versions()] == ["aaaa", "cccc"]
