"""Reads the question log, while gateways write to it or after."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from gateway.adapters.sqlite.schema import SELECT, from_row
from gateway.core.questions import Judged

BUSY_S = 5.0


class LogUnreadableError(Exception):
    """There is no question log, or it cannot be read; the message names it and the remedy."""


def read_questions(path: Path) -> Iterator[Judged]:
    """Every question, oldest first. Raises LogUnreadableError."""
    if not path.is_file():
        raise LogUnreadableError(
            f"{path} does not exist; switch the log on (question_log.enabled) or run this where"
            " the gateway runs"
        )
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
            connection.execute("PRAGMA query_only = ON")
            yield from map(from_row, connection.execute(SELECT))
    except (sqlite3.Error, OSError) as error:
        raise LogUnreadableError(f"{path} cannot be read: {error}") from error
