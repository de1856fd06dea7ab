"""The question log on a real disk: kept, bounded, joined by tenant, and never in the way."""

import asyncio
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.sqlite import LogUnreadableError, Masks, QuestionLog, read_questions
from gateway.adapters.sqlite.store import DAY_S, QuestionStore
from gateway.adapters.sqlite.writer import WARN_EVERY_S, Losses
from gateway.core.errors import Shed
from gateway.core.feedback import Feedback, Joined, Rating, Resolution
from gateway.core.options import QuestionLogOptions
from gateway.core.questions import Question

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).resolve().parents[3]
NOW_S = 1_800_000_000.0
AS_IT_IS = Masks(lambda question: question, lambda feedback: feedback)
DOWN = Feedback(request_id="r-1", rating=Rating.DOWN)


def question(request_id: str = "r-1", tenant: str = "a", **other: object) -> Question:
    made = Question(at_s=NOW_S, tenant=tenant, request_id=request_id, question="q", answer="w")
    return replace(made, **other)  # type: ignore[arg-type]


def options(path: Path, **other: int) -> QuestionLogOptions:
    return replace(QuestionLogOptions(enabled=True, path=str(path)), **other)  # type: ignore[arg-type]


def opened(path: Path, *, waiting: int = 100, masks: Masks = AS_IT_IS) -> QuestionLog:
    return QuestionLog(options(path), masks, lambda: 0.0, lambda: NOW_S, waiting)


def ids(path: Path) -> list[str]:
    return [row.question.request_id for row in read_questions(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "questions.sqlite"


def test_a_question_comes_back_as_it_was_written(path: Path) -> None:
    whole = Question(
        at_s=NOW_S,
        tenant="a",
        request_id="r",
        conversation_id="c",
        knowledge_base="shop",
        question="在吗？",
        answer="Yes.\nAlways.",
        whole=False,
        language="zh",
        intent="faq:x",
        confidence=0.75,
        kind="FAQ",
        outcome="answered",
        source="rules",
        deployment="d",
        model="m",
        model_version="v",
        degrade_reason="models_failed",
        tools=("stock", "tracking"),
        latency_ms=1.5,
        model_latency_ms=0.5,
        input_tokens=7,
        output_tokens=3,
        cost_usd_micros=10,
        cache_key=b"\0" * 32,
    )
    log = opened(path)
    log.start()
    log.add(whole)
    log.close()
    assert [row.question for row in read_questions(path)] == [whole]
    assert repr(log) == f"QuestionLog({path}, 0 dropped)"


def test_nobody_else_on_the_machine_may_read_it(path: Path) -> None:
    log = opened(path)
    log.start()
    log.add(question())
    log.close()
    assert path.stat().st_mode & 0o077 == 0


async def test_feedback_joins_its_answer_and_adds_up(path: Path) -> None:
    log = opened(path)
    log.start()
    log.add(question(cache_key=b"old"))
    log.add(question(cache_key=b"new"))  # the same id again: the newest is meant
    assert await log.judge("a", DOWN) == Joined(b"new")
    said = Feedback(request_id="r-1", corrected_answer="better", resolution=Resolution.RESOLVED)
    await log.judge("a", said)
    await log.judge("a", Feedback(request_id="r-1", corrected_intent="faq:y"))
    log.close()
    first, second = read_questions(path)
    assert first.rating is None
    assert second.rating is Rating.DOWN
    assert (second.corrected_answer, second.corrected_intent) == ("better", "faq:y")
    assert second.resolution is Resolution.RESOLVED


async def test_another_tenants_question_is_unknown(path: Path) -> None:
    log = opened(path)
    log.start()
    log.add(question(tenant="a"))
    assert await log.judge("b", DOWN) is None
    assert await log.judge("", DOWN) is None
    log.close()
    assert [row.rating for row in read_questions(path)] == [None]


def test_masks_are_applied_before_the_disk(path: Path) -> None:
    masks = Masks(lambda q: replace(q, question="masked"), lambda f: f)
    log = opened(path, masks=masks)
    log.start()
    log.add(question(question="secret-of-the-customer"))
    log.close()
    written = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"masked" in written
    assert b"secret-of-the-customer" not in written


async def test_a_mask_that_fails_loses_its_batch_and_nothing_else(path: Path) -> None:
    def fails(asked: Question) -> Question:
        if asked.request_id == "bad":
            raise ValueError("cannot mask")
        return asked

    now_s = 0.0
    log = QuestionLog(options(path), Masks(fails, lambda f: f), lambda: now_s, lambda: NOW_S)
    log.start()
    log.add(question("bad"))
    with pytest.raises(Shed):  # in one batch with the bad one, or in the pause after it
        await log.judge("a", DOWN)
    now_s = 60.0
    log.add(question("good"))
    await log.judge("a", Feedback(request_id="good"))
    log.close()
    assert ids(path) == ["good"]
    assert log.dropped == 1


# ---- bounds


def test_an_overflowing_queue_drops_counts_and_tells_once(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = opened(path, waiting=3)
    for n in range(10):  # nobody writes yet
        log.add(question(f"r-{n}"))
    assert log.dropped == 7
    assert [r.message for r in caplog.records if r.levelno == logging.WARNING] == [
        f"the question log lost 1 event: the queue is full ({path})"
    ]
    log.start()
    log.close()
    assert ids(path) == ["r-0", "r-1", "r-2"]


async def test_feedback_that_finds_the_queue_full_is_told_to_come_again(path: Path) -> None:
    log = opened(path, waiting=1)
    log.add(question())
    with pytest.raises(Shed) as caught:
        await log.judge("a", DOWN)
    assert caught.value.retry_after_s == 10.0


def test_losses_are_told_once_a_minute_with_their_sum() -> None:
    losses = Losses()
    assert losses.add(2, 0.0) == 2
    assert losses.add(3, 1.0) == 0
    assert losses.add(4, WARN_EVERY_S) == 7
    assert losses.add(0, 3 * WARN_EVERY_S) == 0
    assert losses.total == 9


def test_what_is_too_old_or_too_much_is_deleted(path: Path) -> None:
    store = QuestionStore(options(path, retention_days=1, max_rows=3))
    old = [question(f"old-{n}", at_s=NOW_S - DAY_S - 1) for n in range(2)]
    store.write([*old, *(question(f"r-{n}") for n in range(5))], [("a", DOWN)], NOW_S)
    assert store.trim(NOW_S) == 4
    assert ids(path) == ["r-2", "r-3", "r-4"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM feedback").fetchone() == (0,)
    store.close()


def test_the_file_shrinks_with_its_rows(path: Path) -> None:
    store = QuestionStore(options(path, max_rows=1))
    store.write([question(f"r-{n}", answer="x" * 4_000) for n in range(200)], [], NOW_S)
    store.trim(NOW_S)
    store.close()  # the journal goes into the file
    assert path.stat().st_size < 100_000


# ---- a disk that does not do


def test_a_folder_that_cannot_be_written_loses_events_and_hurts_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder")
    log = opened(tmp_path / "file" / "questions.sqlite")
    log.start()
    log.add(question())
    log.close()
    assert log.dropped == 1
    assert "FileExistsError" in caplog.text


def test_a_read_only_file_system_loses_events_and_hurts_nobody() -> None:
    log = opened(Path("/proc/questions.sqlite"))  # not even root may create files there
    log.start()
    log.add(question())
    log.close()
    assert log.dropped == 1


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A file where a folder should be."""
    file = tmp_path / "var"
    file.write_text("in the way")
    return file


async def test_writing_begins_by_itself_once_the_folder_can_be_written(blocked: Path) -> None:
    now_s = 0.0
    path = blocked / "questions.sqlite"
    log = QuestionLog(options(path), AS_IT_IS, lambda: now_s, lambda: NOW_S)
    log.start()
    with pytest.raises(Shed):
        await log.judge("a", DOWN)
    await asyncio.to_thread(blocked.unlink)
    now_s = 60.0
    log.add(question("after"))
    assert await log.judge("a", Feedback(request_id="after")) is not None
    log.close()
    assert ids(path) == ["after"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from tests.adapters.sqlite.test_question_log import DOWN, NOW_S, AS_IT_IS, ids, options, question
from gateway.adapters.sqlite import QuestionLog

path, now_s = Path(sys.argv[1]), [0.0]
log = QuestionLog(options(path), AS_IT_IS, lambda: now_s[0], lambda: NOW_S)
log.start()

def keep(name):
    import asyncio
    from gateway.core.errors import Shed
    from gateway.core.feedback import Feedback
    log.add(question(name, answer="x" * 8000))
    try:
        return asyncio.run(log.judge("a", Feedback(request_id=name))) is not None
    except Shed:
        return False

assert keep("before")
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
wal = Path(str(path) + "-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 4096, hard))   # the kernel refuses to write more
assert not keep("full"), "a full disk keeps nothing"
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
now_s[0] = 60.0
assert keep("after"), "it goes on when there is room again"
log.close()
assert log.dropped == 1, log.dropped
assert ids(path) == ["before", "after"], ids(path)
print("fine")
"""


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 # our own code
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_full_disk_loses_events_and_is_used_again_when_there_is_room(path: Path) -> None:
    process = child(FULL_DISK, str(path))
    out, err = process.communicate(timeout=60)
    assert out == "fine\n", err


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "no database": lambda raw: b"half a sentence, not a database at all, " * 200,
    "cut in half": lambda raw: raw[: len(raw) // 2],
    "first page gone": lambda raw: b"\0" * 4096 + raw[4096:],
    "noise inside": lambda raw: raw[:4096] + b"\xa5" * (len(raw) - 4096),
}


@pytest.fixture(params=DAMAGES)
def damaged(path: Path, request: pytest.FixtureRequest) -> Path:
    """A log of 50 questions that something happened to."""
    log = opened(path)
    log.start()
    for n in range(50):
        log.add(question(f"r-{n}", answer="x" * 4_000))
    log.close()
    path.write_bytes(DAMAGES[request.param](path.read_bytes()))
    return path


async def test_a_half_written_file_is_moved_aside_and_a_new_one_begins(damaged: Path) -> None:
    log = opened(damaged)
    log.start()
    for n in range(3):
        log.add(question(f"new-{n}"))
        try:
            await log.judge("a", Feedback(request_id=f"new-{n}"))
        except Shed:
            assert n == 0  # what met the damage is lost
    log.close()
    assert ids(damaged)[-2:] == ["new-1", "new-2"]
    assert damaged.with_name(f"{damaged.name}.damaged-1").exists()


def test_an_empty_file_is_used_as_a_new_one(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    log = opened(path)
    log.start()
    log.add(question())
    log.close()
    assert ids(path) == ["r-1"]


def test_a_file_of_a_newer_version_is_not_touched(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.execute("PRAGMA user_version = 99")
    log = opened(path)
    log.start()
    log.add(question())
    log.close()
    assert log.dropped == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


# ---- several processes

WRITER = """
import asyncio, sys
from pathlib import Path
from tests.adapters.sqlite.test_question_log import opened, question
from gateway.core.feedback import Feedback

async def main():
    log = opened(Path(sys.argv[1]), waiting=1000)
    log.start()
    for n in range(200):
        log.add(question(f"{sys.argv[2]}-{n}"))
        if n % 20 == 0:
            await log.judge("a", Feedback(request_id=f"{sys.argv[2]}-{n}"))
    log.close(30)
    print(log.dropped)

asyncio.run(main())
"""


def test_two_processes_write_to_one_file(path: Path) -> None:
    processes = [child(WRITER, str(path), name) for name in ("x", "y")]
    ends = [process.communicate(timeout=120) for process in processes]
    assert [out for out, _ in ends] == ["0\n", "0\n"], ends
    found = ids(path)
    assert sorted(found) == sorted(f"{name}-{n}" for name in "xy" for n in range(200))


async def test_feedback_to_one_process_finds_the_answer_of_another(path: Path) -> None:
    one, other = opened(path), opened(path)
    one.start()
    other.start()
    one.add(question(cache_key=b"key"))
    await one.judge("a", Feedback(request_id="none"))  # all before it is on the disk now
    assert await other.judge("a", DOWN) == Joined(b"key")
    await asyncio.to_thread(one.close)
    await asyncio.to_thread(other.close)


# ---- reading


def test_a_log_that_is_not_there_is_named(path: Path) -> None:
    with pytest.raises(LogUnreadableError, match=r"questions\.sqlite does not exist; switch"):
        list(read_questions(path))


def test_a_log_that_is_no_database_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"nothing like a database" * 100)
    with pytest.raises(LogUnreadableError, match="x cannot be read: file is not a database"):
        list(read_questions(file))
