"""`erp-gateway kb`: what writers of knowledge see."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from gateway.adapters.sqlite.store import QuestionStore
from gateway.cli import kb
from gateway.cli.kb_suggest import TODO
from gateway.core.feedback import Feedback, Rating
from gateway.core.options import QuestionLogOptions
from gateway.core.questions import Question
from gateway.rules.chat import parse_knowledge

NOW_S = 1_800_000_000.0
GOOD = """entries:
- id: hours
  questions: {en: [When are you open?, opening hours], zh: [几点营业？]}
  answers: {en: Always., zh: 全天。}
- id: gift
  questions: {en: [Do you wrap gifts?], zh: [可以包装礼物吗？]}
  answers: {en: "Yes.", zh: 可以。}
"""
FLAWED = """entries:
- id: hours
  questions: {en: [When are you open?], zh: [几点营业？]}
  answers: {en: "Always, {greeting}.", zh: 全天。}
- id: open
  questions: {en: [when are you open], zh: [什么时候开门]}
  answers: {en: "From nine.", zh: 九点。}
- id: sale
  valid_until: 2020-01-01
  questions: {en: [Is there a sale?]}
  answers: {en: "Yes."}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.yaml"
    log = tmp_path / "var" / "questions.sqlite"
    file.write_text(f'routes: [{{name: all}}]\nquestion_log: {{path: "{log}"}}\n')
    (tmp_path / "knowledge" / "shop").mkdir(parents=True)
    return file


def write(config: Path, text: str, file: str = "faq.yaml", base: str = "shop") -> Path:
    folder = config.parent / "knowledge" / base
    folder.mkdir(exist_ok=True)
    (folder / file).write_text(text, encoding="utf-8")
    return folder / file


def run(config: Path, *arguments: str) -> int:
    return kb.main([*arguments, "--config", str(config)])


def test_check_is_content_with_good_knowledge(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(config, GOOD)
    assert run(config, "check") == 0
    told = "shop: 2 entries, 5 questions in 1 file(s): 0 errors, 0 warnings\n"
    assert capsys.readouterr().out == told


def test_check_names_every_fault_with_file_and_line_and_fails(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(config, FLAWED)
    tests = write(config, "tests:\n- {question: q, expect: nothing}\n", "tests.yaml")
    assert run(config, "check", "shop") == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{file}:2: error: entry 'hours' uses the variable 'greeting', which nobody defines",
        f"{file}:5: error: entry 'open' asks 'when are you open',"
        " as entry 'hours' asks 'When are you open?'; answers differ",
        f"{file}:8: warning: entry 'sale' has expired on 2020-01-01; renew or remove it",
        f"{file}:8: warning: entry 'sale' has no question or no answer in 'zh'",
        f"{tests}:2: error: expect 'nothing' is neither an entry of 'shop' nor a decision",
        "shop: 3 entries, 5 questions in 1 file(s): 3 errors, 2 warnings",
    ]


def test_check_lists_all_mistakes_of_form(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(config, "entries:\n- {id: a b}\n- {id: c, colour: red}\nx: 1\n")
    assert run(config, "check") == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": error: ")[0] for line in lines[:-1]] == [
        f"{file}:{line}" for line in (4, 2, 3)
    ]
    assert lines[-1] == "shop: 3 errors; nothing else was checked"


def test_warnings_fail_only_when_asked_to(config: Path) -> None:
    write(config, GOOD.replace("- id: gift", "- id: gift\n  valid_until: 2020-01-01"))
    assert run(config, "check") == 0
    assert run(config, "check", "--strict") == 1


def test_one_bad_base_fails_all_and_the_others_are_checked_too(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(config, GOOD)
    write(config, "entries: 5", base="bad")
    assert run(config, "check") == 1
    out = capsys.readouterr().out
    assert "bad: 1 errors" in out
    assert "shop: 2 entries" in out


@pytest.mark.parametrize("name", ["nope", "../shop"])
def test_an_unknown_base_is_said_to_be_unknown(
    config: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(config, "check", name) == 2
    assert f"holds no knowledge base {name!r}" in capsys.readouterr().err


def test_test_asks_the_questions_and_prints_what_failed(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(config, GOOD)
    file = write(config, "question,expect\nopening hours,hours\n包装礼物,hours\n", "tests.csv")
    assert run(config, "test", "shop") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{file}:3: '包装礼物' wants 'hours', got ")
    assert lines[1] == "shop: 1 of 2 questions are answered as expected"


def test_a_base_without_tests_is_told_where_to_write_them(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(config, GOOD).with_name("tests.yaml")
    assert run(config, "test") == 0
    assert capsys.readouterr().out == f"shop: no tests; write {file}\n"


# ---- suggest


def asked(text: str, number: int, **other: object) -> Question:
    made = Question(
        at_s=NOW_S,
        tenant="a",
        request_id=f"r-{number}",
        knowledge_base="shop",
        question=text,
        answer="from the model",
        language="en",
        intent="out_of_scope",
    )
    return replace(made, **other)  # type: ignore[arg-type]


def filled(config: Path, questions: list[Question], *said: Feedback) -> None:
    path = str(config.parent / "var" / "questions.sqlite")
    store = QuestionStore(QuestionLogOptions(enabled=True, path=path))
    store.write(questions, [("a", each) for each in said], NOW_S)
    store.close()


def suggested(capsys: pytest.CaptureFixture[str]) -> list[dict[str, dict[str, object]]]:
    found: list[dict[str, dict[str, object]]] | None = yaml.safe_load(capsys.readouterr().out)
    return found or []


def test_suggest_groups_what_was_asked_often_and_not_answered(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = ["Do you ship to Norway?", "do you ship to norway", "shipping to Norway: possible?"]
    answered = [asked("when open", n, intent="faq:hours") for n in (10, 11)]
    filled(config, [*(asked(t, n) for n, t in enumerate(texts)), asked("once", 9), *answered])
    assert run(config, "suggest", "shop") == 0
    (entry,) = suggested(capsys)
    wordings = ["Do you ship to Norway?", "shipping to Norway: possible?"]
    assert entry["questions"] == {"en": wordings}
    assert entry["answers"] == {"en": TODO}


def test_what_suggest_prints_is_knowledge_ready_to_paste(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = "what: is #this \"and\" {that} [PHONE_1]\\ 'x' - \u2028 yes"
    filled(config, [asked(odd, n) for n in range(3)])
    assert run(config, "suggest") == 0
    text = capsys.readouterr().out
    base = parse_knowledge("shop", [("new.yaml", "entries:\n" + text)])
    assert base.entries[0].id == "suggested_1"
    assert base.entries[0].question_in("en").startswith("what: is #this")


def test_corrected_answers_win_and_disliked_answers_are_suggested_too(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = [asked("Is it vegan?", n, intent="faq:hours") for n in range(3)]
    said = [Feedback(request_id=f"r-{n}", rating=Rating.DOWN) for n in range(3)]
    said.append(Feedback(request_id="r-1", corrected_answer="Yes, it is."))
    filled(config, questions, *said)
    assert run(config, "suggest") == 0
    (entry,) = suggested(capsys)
    assert entry["answers"] == {"en": "Yes, it is."}


def test_suggest_keeps_to_the_base_and_tenant_asked_for(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(
        config,
        [
            *(asked("about the other base", n, knowledge_base="other") for n in range(2)),
            *(asked("of another tenant", n, tenant="b") for n in range(2)),
        ],
    )
    assert run(config, "suggest", "shop", "--tenant", "a") == 0
    assert suggested(capsys) == []
    assert run(config, "suggest", "other") == 0
    assert len(suggested(capsys)) == 1


def test_suggest_without_a_log_says_how_to_get_one(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(config, "suggest") == 1
    assert "question_log.enabled" in capsys.readouterr().err
