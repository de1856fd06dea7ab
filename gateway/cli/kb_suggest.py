"""`erp-gateway kb suggest`: entries that customers asked for, as YAML ready to paste."""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from gateway.adapters.sqlite import LogUnreadableError, read_questions
from gateway.core.feedback import Rating
from gateway.core.questions import Judged
from gateway.rules.chat import Group, group_questions
from gateway.rules.chat.grouping import CLOSE, same_wording

UNANSWERED = frozenset(("", "suggest", "out_of_scope"))
"""Intents of questions that the knowledge does not answer."""
TODO = "TODO: write the answer"
MAX_WORDINGS = 12
"""Wordings of an entry; ten are what makes direct answers likely (docs/rules-chat.md)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `kb suggest`."""
    parser.add_argument("--log", metavar="FILE", help="default: question_log.path of the file")
    parser.add_argument("--tenant", default="", help="default: all of them")
    parser.add_argument(
        "--close", type=float, default=CLOSE, help="cosine of one group; default: %(default)s"
    )
    parser.add_argument("--least", type=int, default=2, help="times asked; default: %(default)s")
    parser.add_argument("--most", type=int, default=30, help="entries; default: %(default)s")


def run(asked: argparse.Namespace, path: Path) -> int:
    """Print the entries. Exit code 1: no log to read."""
    try:
        rows = [
            row
            for row in read_questions(Path(asked.log) if asked.log else path)
            if asked.tenant in ("", row.question.tenant)
            and asked.name in ("", row.question.knowledge_base)
        ]
    except LogUnreadableError as error:
        print(error, file=sys.stderr)
        return 1
    lacking = [row for row in rows if lacks_answer(row)]
    entries = list(suggestions(lacking, asked.least, asked.close))[: asked.most]
    print(f"# {len(rows)} questions in the log, {len(lacking)} not answered directly.")
    print("# Check every wording and answer before you paste this into a knowledge file.")
    for count, entry in entries:
        print(f"# asked {count} times")
        print(yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=1000), end="")
    if not entries:
        print(f"# nothing was asked {asked.least} times or more")
    return 0


def lacks_answer(row: Judged) -> bool:
    """Whether the knowledge did not answer, or people disliked its answer."""
    if not row.question.question:
        return False
    return row.question.intent in UNANSWERED or row.rating is Rating.DOWN


def suggestions(
    rows: Sequence[Judged], least: int, close: float
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """How often it was asked, and the entry, the most frequent first."""
    by_language: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        by_language[row.question.language or "en"].append(row)
    groups = [
        (group, language)
        for language, asked in by_language.items()
        for group in group_questions((row.question.question for row in asked), close)
        if group.count >= least
    ]
    groups.sort(key=lambda pair: (-pair[0].count, pair[0].wordings))
    for number, (group, language) in enumerate(groups, start=1):
        answer = best_answer(group, by_language[language])
        yield (
            group.count,
            {
                "id": f"suggested_{number}",
                "questions": {language: list(group.wordings[:MAX_WORDINGS])},
                "answers": {language: answer},
            },
        )


def best_answer(group: Group, rows: Iterable[Judged]) -> str:
    """What people corrected it to most often, else a model's answer they liked, else TODO."""
    wordings = set(map(same_wording, group.wordings))
    mine = [row for row in rows if same_wording(row.question.question) in wordings]
    corrected = Counter(row.corrected_answer for row in mine if row.corrected_answer)
    liked = Counter(row.question.answer for row in mine if row.rating is Rating.UP)
    for answers in (corrected, liked):
        if answers:
            return answers.most_common(1)[0][0]
    return TODO
