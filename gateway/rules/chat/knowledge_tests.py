"""Regression questions of a knowledge base: what must be answered by which entry.

A case expects the id of an entry (it is answered directly), `suggest:<id>` (the entry is answered
or among the suggestions), or a decision as `route` names it: `handoff`, `tool:order_status`,
`clarify:order_id`, `greet`, `suggest`, `out_of_scope` ...
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import yaml

from gateway.rules.chat.decision import SLOT_OF_TOOL, Decision, MessageContext
from gateway.rules.chat.knowledge import Audience, KnowledgeBase
from gateway.rules.chat.knowledge_sources import LANGUAGE, KnowledgeError, Problem
from gateway.rules.chat.knowledge_yaml import Reader, composed
from gateway.rules.chat.model import ChatModel
from gateway.rules.chat.routing import route

FIELDS = ("question", "expect", "language", "audience", "marketplace")
"""Of a case, in YAML and CSV; the first two are needed."""

SUGGESTED = "suggest:"
_DECISIONS = frozenset(
    (
        *("handoff", "greet", "thanks", "bye", "suggest", "out_of_scope"),
        *(f"tool:{tool}" for tool in SLOT_OF_TOOL),
        *(f"clarify:{slot}" for slot in SLOT_OF_TOOL.values()),
    )
)


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what must be decided on it. `file`, `line`: where it stands."""

    question: str
    expect: str
    file: str
    line: int
    language: str = ""
    audience: Audience = Audience.BUYER
    marketplace: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that was decided otherwise."""

    case: Case
    decision: Decision

    def __str__(self) -> str:
        case, got = self.case, self.decision
        near = ", ".join(s.faq_id for s in got.suggestions)
        told = f"{got.intent} ({got.confidence:.2f}{f'; near: {near}' if near else ''})"
        return f"{case.file}:{case.line}: {case.question!r} wants {case.expect!r}, got {told}"


def parse_tests(knowledge: KnowledgeBase, files: Iterable[tuple[str, str]]) -> tuple[Case, ...]:
    """Read the cases of files given as (name, text). Raises KnowledgeError with every problem."""
    cases: list[Case] = []
    problems: list[Problem] = []
    for file, text in files:
        plain = text.removeprefix("\ufeff")
        reader = _csv_rows if file.endswith(".csv") else _yaml_rows
        for line, row in reader(file, plain, problems):
            found = _case(file, line, row, knowledge)
            if isinstance(found, Case):
                cases.append(found)
            else:
                problems.append(found)
    if problems:
        raise KnowledgeError(knowledge.name, tuple(problems))
    return tuple(cases)


def run_tests(cases: Iterable[Case], model: ChatModel, today: date) -> Iterator[Failure]:
    """Every case that is decided otherwise than it expects."""
    for case in cases:
        context = MessageContext(
            language=case.language,
            audience=case.audience,
            marketplace=case.marketplace,
            today=today,
        )
        decision = route(case.question, context, model)
        if not _holds(case.expect, decision):
            yield Failure(case, decision)


def _holds(expect: str, decision: Decision) -> bool:
    if expect in _DECISIONS:
        return decision.intent == expect
    wanted = expect.removeprefix(SUGGESTED)
    answered = decision.intent == f"faq:{wanted}"
    if wanted == expect:
        return answered
    return answered or any(s.faq_id == wanted for s in decision.suggestions)


def _case(file: str, line: int, row: Mapping[str, str], knowledge: KnowledgeBase) -> Case | Problem:
    problem = _row_problem(row, knowledge)
    if problem:
        return Problem(file, line, problem)
    return Case(
        row["question"],
        row["expect"],
        file,
        line,
        row.get("language", ""),
        Audience(row.get("audience") or Audience.BUYER),
        row.get("marketplace", ""),
    )


def _row_problem(row: Mapping[str, str], knowledge: KnowledgeBase) -> str:
    if not row.get("question") or not row.get("expect"):
        return "a test needs `question` and `expect`"
    if unknown := row.keys() - set(FIELDS):
        return f"a test has no field {min(unknown)!r}; known: {', '.join(FIELDS)}"
    if row.get("language") and not LANGUAGE.fullmatch(row["language"]):
        return f"language {row['language']!r} is no language code such as en or zh"
    if row.get("audience") and row["audience"] not in Audience.__members__:
        return f"audience {row['audience']!r} is none of BUYER, OPERATOR"
    expect = row["expect"]
    if expect not in _DECISIONS and expect.removeprefix(SUGGESTED) not in knowledge.by_id():
        return f"expect {expect!r} is neither an entry of {knowledge.name!r} nor a decision"
    return ""


Rows = Iterator[tuple[int, Mapping[str, str]]]


def _yaml_rows(file: str, text: str, problems: list[Problem]) -> Rows:
    reader = Reader(file)
    root = composed(reader, text)
    fields = reader.mapping(root, "the file") if root is not None else {}
    for name in fields.keys() - {"tests"}:
        reader.fail(fields[name], f"the file has no part {name!r}; known: tests")
    tests = fields.get("tests")
    if isinstance(tests, yaml.SequenceNode):
        for node in tests.value:
            row = reader.mapping(node, "a test")
            texts = {name: reader.text(value, name) for name, value in row.items()}
            yield int(node.start_mark.line) + 1, texts
    elif tests is not None:
        reader.fail(tests, "tests must be a list")
    problems.extend(reader.found.problems)


def _csv_rows(file: str, text: str, problems: list[Problem]) -> Rows:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            if None in row or None in row.values():
                told = "has another number of cells than the first row"
                problems.append(Problem(file, reader.line_num, told))
                continue
            yield reader.line_num, {name: cell.strip() for name, cell in row.items()}
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num or 1, f"no CSV: {error}"))
