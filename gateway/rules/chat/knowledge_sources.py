"""CSV and Markdown knowledge files, and what all readers hand on."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gateway.rules.chat.knowledge import Entry

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a knowledge file, at a line a person can go to.

    `warning`: no customer gets a wrong answer by it.
    """

    file: str
    line: int
    text: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class KnowledgeError(ValueError):
    """The files of a knowledge base hold mistakes; `problems` names each."""

    def __init__(self, name: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"knowledge base {name!r}: " + "; ".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as one place of one file states it."""

    entry: Entry
    file: str
    line: int


@dataclass(slots=True)
class Found:
    """What one file held."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    variables: Mapping[str, str] = field(default_factory=dict)


CSV_COLUMNS = ("id", "lang", "question", "similar", "answer", "category")
_REQUIRED = ("id", "lang", "question", "answer")
_SIMILAR = re.compile(r"[|\n]")


def csv_drafts(file: str, text: str) -> Found:
    """Read rows of id, lang, question, similar (split at | or line ends), answer, category."""
    found = Found()
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = tuple(reader.fieldnames or ())
        if set(_REQUIRED) - set(columns) or set(columns) - set(CSV_COLUMNS):
            wanted = ", ".join(CSV_COLUMNS)
            found.problems.append(Problem(file, 1, f"columns are {columns!r}; wanted: {wanted}"))
            return found
        for row in reader:
            _csv_row(file, reader.line_num, row, found)
    except csv.Error as error:
        found.problems.append(Problem(file, reader.line_num or 1, f"no CSV: {error}"))
    return found


def _csv_row(file: str, line: int, row: Mapping[str | None, str | None], found: Found) -> None:
    cells = {name: (value or "").strip() for name, value in row.items() if name is not None}
    problem = _row_problem(row, cells)
    if problem:
        found.problems.append(Problem(file, line, problem))
        return
    similar = (s.strip() for s in _SIMILAR.split(cells.get("similar", "")))
    wordings = tuple(dict.fromkeys(q for q in (cells["question"], *similar) if q))
    entry = Entry(
        cells["id"],
        cells.get("category", ""),
        {cells["lang"]: wordings},
        {cells["lang"]: cells["answer"]} if cells["answer"] else {},
        source=f"{file}:{line}",
    )
    found.drafts.append(Draft(entry, file, line))


def _row_problem(row: Mapping[str | None, str | None], cells: dict[str, str]) -> str:
    if None in row or None in row.values():
        return "has another number of cells than the first row; quote texts that hold commas"
    if not ID.fullmatch(cells["id"]):
        return f"id {cells['id']!r} is not 1 to 64 letters, digits, _, . or -"
    if not LANGUAGE.fullmatch(cells["lang"]):
        return f"lang {cells['lang']!r} is no language code such as en or zh"
    return "" if cells["question"] else "has no question"


_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FRONT_LINE = re.compile(r"(lang|category)\s*:\s*(\S.*?)\s*")
_HEADING = re.compile(r"##\s+(.+?)\s*\{#([^}\s]+)\}\s*")
_FILE_LANGUAGE = re.compile(r"\.([a-z]{2,3}(?:-[A-Za-z]{2,4})?)\.md$")


def markdown_drafts(file: str, text: str) -> Found:
    """Read `## Question {#id}` sections: `> ` lines are similar questions, the rest the answer.

    The language comes from front matter (`lang: en`) or the file name (`faq.en.md`).
    """
    found = Found()
    plain = text.replace("\r\n", "\n")
    front = _front_matter(file, plain, found)
    language = front.get("lang", "") or "".join(_FILE_LANGUAGE.findall(file))
    if not LANGUAGE.fullmatch(language):
        found.problems.append(Problem(file, 1, "has no language; begin with ---, lang: en, ---"))
        return found
    for line, heading, body in _sections(plain):
        _section(file, (line, heading, body), (language, front.get("category", "")), found)
    return found


def _front_matter(file: str, text: str, found: Found) -> dict[str, str]:
    matter = _FRONT.match(text)
    fields: dict[str, str] = {}
    for number, line in enumerate(matter.group(1).split("\n") if matter else (), start=2):
        pair = _FRONT_LINE.fullmatch(line)
        if pair is None or pair.group(1) in fields:
            found.problems.append(
                Problem(file, number, f"{line!r} is no `lang: …` or `category: …`")
            )
        else:
            fields[pair.group(1)] = pair.group(2)
    return fields


def _sections(text: str) -> Iterator[tuple[int, str, list[str]]]:
    heading, line, body = "", 0, list[str]()
    for number, row in enumerate(text.split("\n"), start=1):
        if row.startswith("## "):
            if heading:
                yield line, heading, body
            heading, line, body = row, number, []
        elif heading:
            body.append(row)
    if heading:
        yield line, heading, body


def _section(
    file: str, section: tuple[int, str, list[str]], front: tuple[str, str], found: Found
) -> None:
    line, heading, body = section
    parts = _HEADING.fullmatch(heading)
    if parts is None or not ID.fullmatch(parts.group(2)):
        found.problems.append(Problem(file, line, f"{heading!r} is no `## Question {{#id}}`"))
        return
    language, category = front
    similar = [row[1:].strip() for row in body if row.startswith(">")]
    answer = "\n".join(row for row in body if not row.startswith(">")).strip()
    if not answer:
        found.problems.append(Problem(file, line, f"entry {parts.group(2)!r} has no answer"))
        return
    wordings = tuple(dict.fromkeys(q for q in (parts.group(1), *similar) if q))
    entry = Entry(
        parts.group(2), category, {language: wordings}, {language: answer}, source=f"{file}:{line}"
    )
    found.drafts.append(Draft(entry, file, line))
