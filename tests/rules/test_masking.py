"""Personal data in texts: found by form and check digit, replaced by stable placeholders."""

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.masking import MAX_CHARS, Kind, find_spans, mask

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("pii_spans.jsonl").read_text("utf-8").splitlines()
]
"""Texts with spans of personal data, written for this project; the last 15 only look like it."""

Found = set[tuple[str, int, int]]


def found(text: str) -> Found:
    """Personal data: order-like numbers are masked too, but are none."""
    spans = find_spans(text)
    return {(s.kind.value, s.start, s.end) for s in spans if s.kind is not Kind.NUMBER}


def test_precision_and_recall_on_the_collected_texts() -> None:
    hits, missed, wrong = Counter[str](), Counter[str](), Counter[str]()
    for row in ROWS:
        wanted = {(s["type"], s["start"], s["end"]) for s in row["spans"]}
        got = found(row["text"])
        hits.update(kind for kind, _, _ in wanted & got)
        missed.update(kind for kind, _, _ in wanted - got)
        wrong.update(kind for kind, _, _ in got - wanted)
    assert hits == {"EMAIL": 32, "PHONE": 40, "CARD": 16, "CN_ID": 8, "IBAN": 8, "ADDRESS": 16}
    assert (missed, wrong) == ({}, {})


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail a@b.example or A@B.example", "mail [EMAIL_1] or [EMAIL_1]"),
        ("a@b.example and c@d.example", "[EMAIL_1] and [EMAIL_2]"),
        ("DE89 3704 0044 0532 0130 00 IS MINE", "[IBAN_1] IS MINE"),
        ("gb82west12345698765432", "[IBAN_1]"),
        ("card 4111-1111-1111-1111, exp 12/27", "card [CARD_1], exp 12/27"),
        ("amex 3782 822463 10005", "amex [CARD_1]"),
        ("身份证11010519491231002X", "身份证[CN_ID_1]"),
        ("手机号13812345678，谢谢", "手机号[PHONE_1]，谢谢"),
        ("座机010-87654321", "座机[PHONE_1]"),
        ("tel 030 1234567", "tel [PHONE_1]"),
        ("寄到杭州市西湖区文三路90号东部软件园", "寄到[ADDRESS_1]东部软件园"),
        ("12 rue de la Paix, 75002 Paris", "[ADDRESS_1]"),
        ("order 113-4567890-1234567 late", "order [NUMBER_1] late"),
        ("订单SO20251104001呢", "订单[NUMBER_1]呢"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask(text) == (masked,)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22 or 20261122",
        "满 200 减 20，共 1,299.99 元",
        "size 120*60*75 cm, 13800 g",
        "version 10.0.19045.3693",
        "SKU AB-1023-BLK-XL",
        "GB82 WEST 1234 5698 7654 33 has a wrong check digit"[28:],
        "at 5 St in line",
        "买一送一的活动在哪条路",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert mask(text) == (text,)


def test_a_value_has_one_placeholder_in_all_texts_masked_together() -> None:
    question, answer = mask("我的电话 138 1234 5678", "We call 138-1234-5678, not 139-1234-5678.")
    assert question == "我的电话 [PHONE_1]"
    assert answer == "We call [PHONE_1], not [PHONE_2]."


def test_what_is_masked_stays_as_it_is_when_masked_again() -> None:
    for row in ROWS:
        once = mask(row["text"])
        assert mask(*once) == once


def test_no_more_than_the_bound_is_read() -> None:
    assert mask("x" * (MAX_CHARS + 5)) == ("x" * MAX_CHARS,)


@given(st.text(st.sampled_from("019 -+()@.aAZ市路号IBAN\0"), max_size=80))
def test_spans_never_overlap_and_stay_inside(text: str) -> None:
    spans = find_spans(text)
    ends = [0, *(span.end for span in spans)]
    assert all(span.start >= end for span, end in zip(spans, ends, strict=False))
    assert all(span.start < span.end <= len(text) for span in spans)
