"""Reads knowledge files given as texts: YAML, CSV and Markdown, strictly.

Formats and examples: docs/rules-chat.md. Every mistake is named as file:line, all at once. The
texts are read from disk by the caller; nothing here touches a file.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from gateway.rules.chat.knowledge import Entry, KnowledgeBase
from gateway.rules.chat.knowledge_sources import (
    Draft,
    KnowledgeError,
    Problem,
    csv_drafts,
    markdown_drafts,
)
from gateway.rules.chat.knowledge_yaml import yaml_drafts

__all__ = ["MAX_FILE_CHARS", "KnowledgeError", "Problem", "parse_knowledge"]

MAX_FILE_CHARS = 1_048_576
_READERS = {
    "yaml": yaml_drafts,
    "yml": yaml_drafts,
    "csv": csv_drafts,
    "md": markdown_drafts,
}


def parse_knowledge(name: str, files: Iterable[tuple[str, str]]) -> KnowledgeBase:
    """Read the files of one knowledge base, each given as (file name, text).

    Entries with one id in several files are merged when they do not contradict. Raises
    KnowledgeError, which lists every problem found.
    """
    files = sorted(files)
    drafts: list[Draft] = []
    problems: list[Problem] = []
    variables: dict[str, str] = {}
    for file, text in files:
        _read(file, text, drafts, problems, variables)
    entries = _merge(drafts, problems)
    for entry in entries:
        problems.extend(_incomplete(entry))
    if problems:
        raise KnowledgeError(name, tuple(problems))
    return KnowledgeBase(name, entries, variables, _version(files))


def _version(files: Iterable[tuple[str, str]]) -> str:
    digest = hashlib.sha256()
    for part in (part for file in sorted(files) for part in file):
        raw = part.encode()
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def _read(
    file: str, text: str, drafts: list[Draft], problems: list[Problem], variables: dict[str, str]
) -> None:
    reader = _READERS.get(file.rpartition(".")[2].lower())
    if reader is None:
        problems.append(Problem(file, 1, "is no .yaml, .csv or .md file"))
    elif len(text) > MAX_FILE_CHARS:
        problems.append(Problem(file, 1, f"has more than {MAX_FILE_CHARS} characters; split it"))
    else:
        found = reader(file, text.removeprefix("\ufeff"))
        drafts.extend(found.drafts)
        problems.extend(found.problems)
        variables.update(found.variables)


def _merge(drafts: list[Draft], problems: list[Problem]) -> tuple[Entry, ...]:
    merged: dict[str, Entry] = {}
    for draft in drafts:
        known = merged.get(draft.entry.id)
        if known is None:
            merged[draft.entry.id] = draft.entry
            continue
        clash = _contradiction(known, draft.entry)
        if clash:
            problems.append(
                Problem(
                    draft.file, draft.line, f"entry {known.id!r}: {clash} than at {known.source}"
                )
            )
        else:
            merged[known.id] = _union(known, draft.entry)
    return tuple(merged.values())


def _contradiction(a: Entry, b: Entry) -> str:
    for language in a.answers.keys() & b.answers.keys():
        if a.answers[language] != b.answers[language]:
            return f"another {language} answer"
    if a.category and b.category and a.category != b.category:
        return f"another category ({b.category!r})"
    return ""


def _union(a: Entry, b: Entry) -> Entry:
    questions = dict(a.questions)
    for language, wordings in b.questions.items():
        questions[language] = tuple(dict.fromkeys((*questions.get(language, ()), *wordings)))
    return replace(
        a,
        questions=questions,
        answers={**a.answers, **b.answers},
        category=a.category or b.category,
    )


def _incomplete(entry: Entry) -> Iterable[Problem]:
    file, _, line = entry.source.rpartition(":")
    where = (file, int(line))
    if not any(entry.questions.values()):
        yield Problem(*where, f"entry {entry.id!r} has no question; add one")
    if not entry.answers:
        yield Problem(*where, f"entry {entry.id!r} has no answer; add one")
