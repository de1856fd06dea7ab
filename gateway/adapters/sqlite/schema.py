"""The tables of the question log, and how their rows become our nouns."""

import json
import sqlite3
from dataclasses import fields

from gateway.core.feedback import Rating, Resolution
from gateway.core.questions import Judged, Question

SCHEMA_VERSION = 1
"""Kept in the file (`user_version`); a file of a newer version is not touched."""

COLUMNS = tuple(field.name for field in fields(Question))
_TYPES = {"str": "TEXT", "float": "REAL", "int": "INTEGER", "bool": "INTEGER"}


def _column(name: str, kind: object) -> str:
    kind = str(getattr(kind, "__name__", kind))
    return f"{name} {_TYPES.get(kind, 'BLOB' if name == 'cache_key' else 'TEXT')}"


TABLES = (
    "CREATE TABLE questions (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    + ", ".join(_column(field.name, field.type) for field in fields(Question))
    + ")",
    "CREATE INDEX questions_request ON questions (tenant, request_id)",
    "CREATE INDEX questions_time ON questions (at_s)",
    "CREATE TABLE feedback ("
    "question_id INTEGER PRIMARY KEY REFERENCES questions (id) ON DELETE CASCADE, "
    "at_s REAL, rating TEXT, corrected_answer TEXT, corrected_intent TEXT, resolution TEXT)",
)
INSERT = (
    f"INSERT INTO questions ({', '.join(COLUMNS)}) "  # noqa: S608 # our own column names
    f"VALUES ({', '.join('?' * len(COLUMNS))})"
)
SELECT = (
    f"SELECT {', '.join(f'questions.{name}' for name in COLUMNS)}, "  # noqa: S608 # our own names
    "feedback.rating, feedback.corrected_answer, feedback.corrected_intent, feedback.resolution "
    "FROM questions LEFT JOIN feedback ON feedback.question_id = questions.id "
    "ORDER BY questions.id"
)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none. Raises sqlite3.Error, also for a newer file."""
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        for table in TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")
    if version > SCHEMA_VERSION:
        raise sqlite3.NotSupportedError(
            f"version {version} of the file is newer than this gateway's {SCHEMA_VERSION}"
        )


def to_row(question: Question) -> tuple[object, ...]:
    """The values of INSERT."""
    values = [getattr(question, name) for name in COLUMNS]
    return tuple(json.dumps(v) if isinstance(v, tuple) else v for v in values)


def from_row(row: tuple[object, ...]) -> Judged:
    """A row of SELECT."""
    values = dict(zip(COLUMNS, row, strict=False))
    values["tools"] = tuple(json.loads(str(values["tools"])))
    values["whole"] = bool(values["whole"])
    rating, answer, intent, resolution = row[len(COLUMNS) :]
    return Judged(
        question=Question(**values),  # type: ignore[arg-type] # the columns are its fields
        rating=Rating(str(rating)) if rating else None,
        corrected_answer=str(answer or ""),
        corrected_intent=str(intent or ""),
        resolution=Resolution(str(resolution)) if resolution else None,
    )
