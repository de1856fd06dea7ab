"""`erp-gateway export`: labelled conversations for fine-tuning."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.adapters.sqlite import LogUnreadableError, read_questions
from gateway.cli.arguments import load_or_tell, parser
from gateway.core.questions import Judged
from gateway.tasks.chat.dataset import WANTED, Conversation, Dataset, dataset, openai, sharegpt

FORMATS: Mapping[str, Callable[[Conversation, str], Mapping[str, Any]]] = {
    "openai": openai,
    "sharegpt": sharegpt,
}


def main(arguments: Sequence[str]) -> int:
    """Exit code 1: no log to read, or several tenants and none named."""
    asked = _arguments(arguments)
    config = load_or_tell(asked.config)
    if config is None:
        return 1
    path = Path(asked.log or config.question_log.path)
    try:
        rows = list(read_questions(path))
    except LogUnreadableError as error:
        print(error, file=sys.stderr)
        return 1
    chosen = _of_tenant(rows, asked)
    if chosen is None:
        return 1
    made = dataset(chosen)
    _write(made, asked)
    print(progress(made), file=sys.stderr)
    return 0


def progress(made: Dataset) -> str:
    """How far the log is from what a first fine-tuning wants."""
    share = min(1.0, made.labelled / WANTED)
    return (
        f"{made.labelled} of {WANTED} labelled conversations ({share:.0%}):"
        f" {len(made.train)} to train, {len(made.validation)} to validate;"
        f" {made.duplicates} duplicates and {made.unlabelled} without a label left out"
    )


def _of_tenant(rows: Sequence[Judged], asked: Namespace) -> Sequence[Judged] | None:
    """One tenant's rows; None after it was said that nobody chose one."""
    tenants = sorted({row.question.tenant for row in rows})
    if asked.tenant:
        return [row for row in rows if row.question.tenant == asked.tenant]
    if len(tenants) > 1 and not asked.all_tenants:
        named = ", ".join(map(repr, tenants))
        print(f"the log holds several tenants ({named}): say --tenant NAME", file=sys.stderr)
        print("or --all-tenants, where one model may learn from all of them", file=sys.stderr)
        return None
    return rows


def _write(made: Dataset, asked: Namespace) -> None:
    line = FORMATS[asked.format]

    def text(talks: Iterable[Conversation]) -> str:
        lines = (json.dumps(line(talk, asked.system), ensure_ascii=False) for talk in talks)
        return "".join(f"{made_line}\n" for made_line in lines)

    if not asked.out:
        sys.stdout.write(text(made.train))
        if made.validation:
            print("the conversations to validate with are written with --out", file=sys.stderr)
        return
    asked.out.write_text(text(made.train), encoding="utf-8")
    beside = asked.out.with_suffix(f".validation{asked.out.suffix}")
    beside.write_text(text(made.validation), encoding="utf-8")


def _arguments(arguments: Sequence[str]) -> Namespace:
    made = parser("export", "Write labelled conversations for fine-tuning, from the question log.")
    made.add_argument("--format", choices=FORMATS, default="openai", help="default: %(default)s")
    made.add_argument(
        "--out", type=Path, metavar="FILE", help="and FILE.validation beside it; default: print"
    )
    made.add_argument("--tenant", default="", metavar="NAME", help="whose conversations")
    made.add_argument("--all-tenants", action="store_true", help="those of all tenants together")
    made.add_argument("--system", default="", metavar="TEXT", help="first message of each")
    made.add_argument("--log", metavar="FILE", help="default: question_log.path of the file")
    return made.parse_args(arguments)
