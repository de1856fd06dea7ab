"""Going back to a version that was in force."""

from pathlib import Path

import pytest

from gateway.cli.config import main as config
from gateway.cli.rollback import main as rollback
from gateway.config.history import History
from tests.wiring.samples import text, written


@pytest.fixture
def stage(tmp_path: Path) -> tuple[Path, History, list[str]]:
    """A file whose versions v1, v2 and v3 were in force."""
    file, state = written(tmp_path, text("v3")), tmp_path / "state"
    history = History(state, file)
    for version, mark in (("aaaa", "v1"), ("bbbb", "v2"), ("cccc", "v3")):
        history.keep(version, text(mark))
    return file, history, ["--config", str(file), "--state-dir", str(state)]


def test_without_a_version_the_one_before_comes_back(
    stage: tuple[Path, History, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    file, history, options = stage
    assert rollback(options) == 0
    assert file.read_text() == text("v2")
    assert "holds version" in capsys.readouterr().out
    assert (history.folder / "replaced.yaml").read_text() == text("v3")


def test_a_file_with_faults_gets_the_last_good_version(
    stage: tuple[Path, History, list[str]],
) -> None:
    file, _, options = stage
    file.write_text("routes: [")
    assert rollback(options) == 0
    assert file.read_text() == text("v3")


def test_a_version_is_named_by_its_beginning(stage: tuple[Path, History, list[str]]) -> None:
    file, _, options = stage
    assert rollback(["aa", *options]) == 0
    assert file.read_text() == text("v1")
    assert rollback(["ffff", *options]) == 1


def test_a_link_is_not_written_through(
    stage: tuple[Path, History, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, _, options = stage
    (real := tmp_path / "real.yaml").write_text(file.read_text())
    file.unlink()
    file.symlink_to(real)
    assert rollback(options) == 1
    assert real.read_text() == text("v3")
    assert "ConfigMap" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told_with_where_the_text_is(
    stage: tuple[Path, History, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    file, history, options = stage
    file.unlink()
    file.mkdir()  # replacing a folder by a file fails for root, too
    assert rollback(options) == 1
    assert (
        f"cannot be written: Is a directory; the text: {history.folder}" in capsys.readouterr().err
    )


def test_history_lists_the_newest_first_and_how_to_go_back(
    stage: tuple[Path, History, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, options = stage
    assert config(["history", *options]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1] for line in printed[:3]] == ["cccc", "bbbb", "aaaa"]
    assert printed[-1] == "go back: erp-gateway rollback [VERSION]"


def test_without_history_it_says_where_it_looked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, text())
    options = ["--config", str(file), "--state-dir", str(tmp_path / "none")]
    assert config(["history", *options]) == 0
    assert "nothing is kept in" in capsys.readouterr().out
    assert rollback(options) == 1
