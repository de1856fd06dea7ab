"""`erp-gateway export`: what a team that fine-tunes gets."""

import json
from pathlib import Path

import pytest

from gateway.adapters.sqlite.store import QuestionStore
from gateway.cli import export
from gateway.core.feedback import Feedback, Rating
from gateway.core.options import QuestionLogOptions
from gateway.core.questions import Question


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Twenty questions of tenant `a`, ten liked; one liked of tenant `b`."""
    path = tmp_path / "questions.sqlite"
    store = QuestionStore(QuestionLogOptions(enabled=True, path=str(path)))
    rows = [(n, "a") for n in range(20)] + [(20, "b")]
    questions = [
        Question(at_s=n, tenant=t, request_id=f"r-{n}", question=f"q-{n}", answer=f"a-{n}")
        for n, t in rows
    ]
    liked = [(t, Feedback(request_id=f"r-{n}", rating=Rating.UP)) for n, t in rows if n % 2 == 0]
    store.write(questions, liked, 0.0)
    store.close()
    return path


def test_several_tenants_are_never_mixed_by_accident(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export.main(["--log", str(log)]) == 1
    assert "several tenants ('a', 'b')" in capsys.readouterr().err
    assert export.main(["--log", str(log), "--all-tenants"]) == 0
    assert "11 of 500 labelled conversations (2%)" in capsys.readouterr().err


def test_training_and_validation_go_into_two_files(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "talks.jsonl"
    assert export.main(["--log", str(log), "--tenant", "a", "--out", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    held_out = (tmp_path / "talks.validation.jsonl").read_text().splitlines()
    assert (len(lines), len(held_out)) == (9, 1)
    assert lines[0] == {
        "messages": [{"role": "user", "content": "q-0"}, {"role": "assistant", "content": "a-0"}]
    }
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        "10 of 500 labelled conversations (2%): 9 to train, 1 to validate;"
        " 0 duplicates and 10 without a label left out\n"
    )


def test_without_a_file_the_training_lines_are_printed(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--log", str(log), "--tenant", "b", "--format", "sharegpt", "--system", "s"]
    assert export.main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {
        "conversations": [
            {"from": "system", "value": "s"},
            {"from": "human", "value": "q-20"},
            {"from": "gpt", "value": "a-20"},
        ]
    }


def test_no_log_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert export.main(["--log", str(tmp_path / "none")]) == 1
    assert "does not exist" in capsys.readouterr().err
