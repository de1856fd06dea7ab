"""The knowledge of a process: at hand at once, kept between starts, read again when it changes."""

from pathlib import Path

import pytest

from gateway.rules.chat import ChatModel, KnowledgeBase, KnowledgeError, train
from gateway.rules.chat.lexical import NEVER
from gateway.wiring.knowledge import Knowledge

pytestmark = pytest.mark.anyio

CSV = "id,lang,question,similar,answer,category\npay,en,How can I pay?,,By {},payment\n"


def write(folder: Path, answer: str, base: str = "shop") -> None:
    (folder / base).mkdir(parents=True, exist_ok=True)
    (folder / base / "faq.csv").write_text(CSV.replace("{}", answer), encoding="utf-8")


def at(folder: Path, state: Path | None) -> Knowledge:
    return Knowledge(lambda: folder, state)


def answer_of(knowledge: Knowledge, base: str = "shop") -> str:
    model = knowledge.models.get(base)
    return model.knowledge.entries[0].answers["en"] if model else ""


async def test_a_base_is_at_hand_soon_and_trained_once_for_all_starts(tmp_path: Path) -> None:
    write(tmp_path / "kb", "card")
    first = at(tmp_path / "kb", tmp_path / "state")
    first.load()
    assert not first.ready.is_set()
    waiting = await first.index()
    assert first.ready.is_set()
    assert first.models["shop"].answers.calibration.threshold == NEVER
    await first.train(waiting)
    assert first.models["shop"].answers.calibration.threshold != NEVER
    second = at(tmp_path / "kb", tmp_path / "state")
    second.load()
    assert await second.index() == []
    assert second.models["shop"].answers.calibration == first.models["shop"].answers.calibration


async def test_changed_files_are_read_again_and_bad_ones_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, "card")
    knowledge = at(tmp_path, None)
    knowledge.load()
    await knowledge.index()
    (tmp_path / "shop" / "bad.yaml").write_text("entries: 7", encoding="utf-8")
    write(tmp_path, "invoice", "b2b")
    await knowledge.reload()
    assert answer_of(knowledge, "b2b") == "By invoice"
    assert answer_of(knowledge) == "By card"
    (tmp_path / "shop" / "bad.yaml").unlink()
    write(tmp_path, "cash")
    await knowledge.reload()
    assert answer_of(knowledge) == "By cash"
    (tmp_path / "b2b" / "faq.csv").unlink()
    (tmp_path / "b2b").rmdir()
    await knowledge.reload()
    assert answer_of(knowledge, "b2b") == ""


def train_unless_poor(base: KnowledgeBase) -> ChatModel:
    """Fails as a process that has too little memory would, for as long as a file says so."""
    if Path(base.entries[0].answers["en"].removeprefix("By ")).exists():
        raise MemoryError
    return train(base)


async def test_knowledge_that_could_not_be_trained_is_not_called_taken_over_and_tried_again(
    tmp_path: Path,
) -> None:
    poor, kb = tmp_path / "poor", tmp_path / "kb"
    write(kb, "card")
    knowledge = Knowledge(lambda: kb, None, train_unless_poor)
    knowledge.load()
    await knowledge.train(await knowledge.index())
    poor.touch()
    write(kb, str(poor))
    assert await knowledge.reload() == (
        "refused, the old knowledge stays in use: knowledge base 'shop' could not be trained: "
        "see the log",
    )
    assert answer_of(knowledge) == "By card"
    write(kb, str(poor), "new")
    await knowledge.reload()
    assert answer_of(knowledge, "new") == f"By {poor}"  # nothing older is there
    poor.unlink()
    told = await knowledge.reload()
    assert sorted(told) == [f"knowledge base {name!r} was taken over" for name in ("new", "shop")]
    assert answer_of(knowledge) == f"By {poor}"
    assert knowledge.models["new"].answers.calibration.threshold != NEVER
    assert await knowledge.reload() == ()


def test_a_bad_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "faq.yaml").write_text("entries: 7", encoding="utf-8")
    with pytest.raises(KnowledgeError):
        at(tmp_path, None).load()
