"""`erp-gateway kb`: what is wrong in the knowledge bases, what they answer, and what they lack."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from gateway.adapters.knowledge_folder import (
    KnowledgeUnreadableError,
    read_knowledge,
    read_tests,
)
from gateway.cli import kb_suggest
from gateway.cli.arguments import load_or_tell
from gateway.rules.chat import (
    KnowledgeBase,
    KnowledgeError,
    Problem,
    check_knowledge,
    parse_knowledge,
    parse_tests,
    run_tests,
    train,
)

Base = tuple[str, list[tuple[str, str]]]
"""A knowledge base's name, and its files as (name, text)."""


def main(arguments: Sequence[str]) -> int:
    """Exit code 1: a fault, or a question that is answered otherwise; 2: no such knowledge."""
    asked = _parser().parse_args(arguments)
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    folder = config.knowledge
    try:
        if asked.what == "suggest":
            return kb_suggest.run(asked, Path(config.question_log.path))
        bases = _bases(folder, asked.name)
        if not bases:
            return 2
        work = _check if asked.what == "check" else _test
        codes = [work(folder, base, asked) for base in bases]
    except KnowledgeUnreadableError as error:
        print(error, file=sys.stderr)
        return 1
    return max(codes)


def _bases(folder: Path, name: str) -> list[Base]:
    """The knowledge bases asked for; none after it was said that there is none."""
    found = read_knowledge(folder)
    if name:
        found = {known: files for known, files in found.items() if known == name}
    if not found:
        wanted = f"knowledge base {name!r}" if name else "knowledge base"
        print(f"{folder} holds no {wanted}", file=sys.stderr)
    return list(found.items())


def _check(folder: Path, base: Base, asked: argparse.Namespace) -> int:
    name, files = base
    knowledge = _parsed(folder, base)
    if knowledge is None:
        return 1
    found = [*check_knowledge(knowledge, date.today()), *_test_problems(folder, knowledge)]  # noqa: DTZ011 # validity is the shop's own day
    _print(folder / name, found)
    errors = sum(asked.strict or not problem.warning for problem in found)
    questions = sum(len(q) for entry in knowledge.entries for q in entry.questions.values())
    print(
        f"{name}: {len(knowledge.entries)} entries, {questions} questions in {len(files)} file(s):"
        f" {errors} errors, {len(found) - errors} warnings"
    )
    return 1 if errors else 0


def _test_problems(folder: Path, knowledge: KnowledgeBase) -> Iterator[Problem]:
    try:
        parse_tests(knowledge, read_tests(folder, knowledge.name))
    except KnowledgeError as error:
        yield from error.problems


def _test(folder: Path, base: Base, _asked: argparse.Namespace) -> int:
    name, _ = base
    knowledge = _parsed(folder, base)
    if knowledge is None:
        return 1
    try:
        cases = parse_tests(knowledge, read_tests(folder, name))
    except KnowledgeError as error:
        _print(folder / name, error.problems)
        return 1
    if not cases:
        print(f"{name}: no tests; write {folder / name / 'tests.yaml'}")
        return 0
    failures = list(run_tests(cases, train(knowledge), date.today()))  # noqa: DTZ011 # the shop's own day
    for failure in failures:
        print(f"{folder / name}/{failure}")
    print(
        f"{name}: {len(cases) - len(failures)} of {len(cases)} questions are answered as expected"
    )
    return 1 if failures else 0


def _parsed(folder: Path, base: Base) -> KnowledgeBase | None:
    name, files = base
    try:
        return parse_knowledge(name, files)
    except KnowledgeError as error:
        _print(folder / name, error.problems)
        print(f"{name}: {len(error.problems)} errors; nothing else was checked")
        return None


def _print(folder: Path, problems: Sequence[Problem]) -> None:
    for problem in problems:
        kind = "warning" if problem.warning else "error"
        print(replace(problem, file=str(folder / problem.file), text=f"{kind}: {problem.text}"))


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="erp-gateway kb", description="Check, test and grow the knowledge bases of Chat."
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("name", nargs="?", default="", metavar="NAME", help="default: every one")
    shared.add_argument("--config", default="", metavar="FILE", help="as for `erp-gateway check`")
    commands = made.add_subparsers(dest="what", required=True, metavar="check|test|suggest")
    check = commands.add_parser("check", parents=[shared], help="list every fault as file:line")
    check.add_argument("--strict", action="store_true", help="count warnings as errors")
    commands.add_parser("test", parents=[shared], help="ask the questions of tests.yaml")
    suggest = commands.add_parser(
        "suggest", parents=[shared], help="frequent questions without an answer, as YAML"
    )
    kb_suggest.add_arguments(suggest)
    return made
