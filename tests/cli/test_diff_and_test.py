"""The commands that look at a change before it is made."""

from pathlib import Path

import pytest

from gateway.cli.diff import main as diff
from gateway.cli.test import main as run_cases
from gateway.config.history import History
from tests.wiring.samples import text, written

CASE = "cases: [{name: all go to a, when: {call: chat}, expect: {route: all, model_version: MARK}}]"


def test_diff_takes_files_and_kept_versions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, state = written(tmp_path, text("v2")), tmp_path / "state"
    History(state, file).keep("aaaa", text("v1"))
    options = ["--config", str(file), "--state-dir", str(state)]
    assert diff(["aaaa", *options]) == 0
    by_version = capsys.readouterr().out
    assert 'routes.all.model_version: "v1" -> "v2"' in by_version
    (other := tmp_path / "old.yaml").write_text(text("v1"))
    assert diff([str(other), str(file), *options]) == 0
    assert capsys.readouterr().out == by_version
    assert diff(["bbbb", *options]) == 1


def test_diff_lists_the_faults_of_a_bad_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, "routes: [{nam: x}]")
    assert diff([str(file), "--config", str(file)]) == 1
    assert f"{file}:1:11: unknown key 'nam'" in capsys.readouterr().err


@pytest.mark.parametrize(("mark", "code", "told"), [("v1", 0, "1 of 1"), ("v9", 1, "0 of 1")])
def test_cases_beside_the_file_are_run(
    mark: str, code: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, text("v1"))
    (tmp_path / "gateway.tests.yaml").write_text(CASE.replace("MARK", mark))
    assert run_cases(["--config", str(file)]) == code
    assert told in capsys.readouterr().out


def test_a_missing_or_empty_case_file_is_a_failure(tmp_path: Path) -> None:
    file = written(tmp_path, text("v1"))
    assert run_cases(["--config", str(file)]) == 1
    (tmp_path / "gateway.tests.yaml").write_text("cases: []")
    assert run_cases(["--config", str(file)]) == 1
