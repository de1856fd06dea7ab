"""The writing side of the file: one connection, used by one thread, made anew after a failure."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.adapters.sqlite.schema import INSERT, create, to_row
from gateway.core.feedback import Feedback, Joined
from gateway.core.options import QuestionLogOptions
from gateway.core.questions import Question

BUSY_S = 5.0
"""Longest wait for another process that writes; nobody but the writer's thread waits."""
DAY_S = 86_400.0
FREED_PAGES = 500
"""Pages given back to the file system after a trim (2 MB), so that one trim stays short."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class QuestionStore:
    """Rows in and out. Every method may raise sqlite3.Error or OSError."""

    def __init__(self, options: QuestionLogOptions) -> None:
        self._options = options
        self.path = Path(options.path)
        self._open: sqlite3.Connection | None = None

    def __repr__(self) -> str:
        return f"QuestionStore({str(self.path)!r}, {'open' if self._open else 'closed'})"

    def write(
        self,
        questions: Sequence[Question],
        judgements: Sequence[tuple[str, Feedback]],
        now_s: float,
    ) -> list[Joined | None]:
        """Add questions, then join feedback to its answers, all or nothing."""
        with self._transaction() as connection:
            connection.executemany(INSERT, map(to_row, questions))
            return [_judge(connection, tenant, said, now_s) for tenant, said in judgements]

    def trim(self, now_s: float) -> int:
        """Delete what is too old or too much; returns how many questions that were."""
        oldest_s = now_s - self._options.retention_days * DAY_S
        with self._transaction() as connection:
            gone = connection.execute("DELETE FROM questions WHERE at_s < ?", (oldest_s,)).rowcount
            gone += connection.execute(
                "DELETE FROM questions WHERE id <= "
                "(SELECT id FROM questions ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (self._options.max_rows,),
            ).rowcount
        # a script, for `execute` takes one step only, and each step gives one page back
        self._connection().executescript(f"PRAGMA incremental_vacuum({FREED_PAGES})")
        return gone

    def close(self) -> None:
        """Let the file go."""
        if self._open is not None:
            with contextlib.suppress(sqlite3.Error):
                self._open.close()
            self._open = None

    def recover(self, error: Exception) -> Path | None:
        """After a failure: connect anew the next time. Returns where a damaged file was put.

        A file is moved aside only when a fresh look finds it damaged: another process may have
        done so before.
        """
        self.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED:
            return None
        with self._locked():
            return _put_aside(self.path) if _is_damaged(self.path) else None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                self._open = _connect(self.path)
        return self._open

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone among the processes, for making the file or moving it aside."""
        lock = os.open(f"{self.path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _connect(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))  # nobody else's to read
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted shall be gone
        create(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _judge(
    connection: sqlite3.Connection, tenant: str, said: Feedback, now_s: float
) -> Joined | None:
    """Keep what was said about the newest answer with this id; what was not said stays."""
    row = connection.execute(
        "SELECT id, cache_key FROM questions WHERE tenant = ? AND request_id = ? "
        "ORDER BY id DESC LIMIT 1",
        (tenant, said.request_id),
    ).fetchone()
    if row is None:
        return None
    connection.execute(
        "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (question_id) DO UPDATE SET "
        "at_s = excluded.at_s, rating = coalesce(excluded.rating, rating), "
        "corrected_answer = coalesce(excluded.corrected_answer, corrected_answer), "
        "corrected_intent = coalesce(excluded.corrected_intent, corrected_intent), "
        "resolution = coalesce(excluded.resolution, resolution)",
        (
            row[0],
            now_s,
            said.rating.value if said.rating else None,
            said.corrected_answer or None,
            said.corrected_intent or None,
            said.resolution.value if said.resolution else None,
        ),
    )
    return Joined(row[1])


def _is_damaged(path: Path) -> bool:
    try:
        connection = sqlite3.connect(path, timeout=BUSY_S)
        try:
            found: tuple[str] = connection.execute("PRAGMA quick_check(1)").fetchone()
            return found != ("ok",)
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def _put_aside(path: Path) -> Path:
    """Rename the file and its journal: people may want to rescue rows."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        journal = path.with_name(path.name + ending)
        if journal.exists():
            journal.rename(aside.with_name(aside.name + ending))
    return aside
