"""Regression questions: strict to read, honest when run."""

from datetime import date

import pytest

from gateway.rules.chat import (
    ChatModel,
    KnowledgeError,
    group_questions,
    parse_knowledge,
    parse_tests,
    run_tests,
    train,
)

DAY = date(2026, 11, 22)
KNOWLEDGE = parse_knowledge(
    "k",
    [
        (
            "faq.yaml",
            "entries:\n"
            "- {id: hours, questions: {en: [When are you open?]}, answers: {en: Always.}}\n"
            "- {id: gift, questions: {en: [Do you wrap gifts?]}, answers: {en: 'Yes.'}}\n",
        )
    ],
)


@pytest.fixture(scope="module")
def model() -> ChatModel:
    return train(KNOWLEDGE)


def ran(model: ChatModel, text: str, file: str = "tests.yaml") -> list[str]:
    return [str(f) for f in run_tests(parse_tests(KNOWLEDGE, [(file, text)]), model, DAY)]


def test_what_holds_is_not_told(model: ChatModel) -> None:
    text = """tests:
    - {question: "when are you open", expect: hours}
    - {question: "wrap gifts", expect: "suggest:gift"}
    - {question: "I want a person", expect: handoff}
    - {question: "where is order 113-4567890-1234567", expect: "tool:order_status"}
    """
    assert ran(model, text) == []


def test_what_fails_is_told_with_its_place_and_what_came_instead(model: ChatModel) -> None:
    (told,) = ran(model, "tests:\n- question: when are you open\n  expect: gift\n")
    assert told == "tests.yaml:2: 'when are you open' wants 'gift', got faq:hours (0.98)"


def test_a_csv_file_says_the_same(model: ChatModel) -> None:
    text = "question,expect,language\nwhen are you open?,hours,en\nhello,gift,\n"
    (told,) = ran(model, text, "tests.csv")
    assert told.startswith("tests.csv:3: 'hello' wants 'gift', got greet")


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("tests.yaml", "tests: 5", "tests.yaml:1: tests must be a list"),
        ("tests.yaml", "test: []", "tests.yaml:1: the file has no part 'test'; known: tests"),
        ("tests.yaml", "tests: [", "tests.yaml:2: no YAML"),
        ("tests.yaml", "tests:\n- {question: q}", "tests.yaml:2: a test needs"),
        (
            "tests.yaml",
            "tests:\n- {question: q, expect: nothing}",
            "tests.yaml:2: expect 'nothing' is neither an entry of 'k' nor a decision",
        ),
        (
            "tests.yaml",
            "tests:\n- {question: q, expect: gift, lang: en}",
            "tests.yaml:2: a test has no field 'lang'; known: question, expect",
        ),
        (
            "tests.csv",
            "question,expect,audience\nq,gift,KING\n",
            "tests.csv:2: audience 'KING' is none of BUYER, OPERATOR",
        ),
        ("tests.csv", "question,expect\nq,gift,x\n", "tests.csv:2: has another number of cells"),
        (
            "tests.csv",
            "question,expect,language\nq,gift,English\n",
            "tests.csv:2: language 'English' is no language code",
        ),
    ],
)
def test_mistakes_are_named_by_line(file: str, text: str, problem: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse_tests(KNOWLEDGE, [(file, text)])
    assert str(caught.value.problems[0]).startswith(problem)


def test_questions_in_similar_words_are_one_group() -> None:
    asked = ["Do you ship to Norway?", "do you ship to norway", "shipping to Norway possible"]
    others = ["你们有实体店吗", "有没有实体店", "who made this lamp", ""]
    groups = group_questions([*asked, *others, *asked[:1]])
    assert [group.count for group in groups] == [4, 2, 1]
    assert groups[0].wordings == ("Do you ship to Norway?", "shipping to Norway possible")
    assert len(groups[1].wordings) == 2


def test_nothing_asked_is_no_group() -> None:
    assert group_questions([]) == ()
