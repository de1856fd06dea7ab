"""What is refused of a model's proposals, and how the rest is mixed with the rules."""

import pytest

from gateway.rules.keywords import KeywordReason, KeywordRequest, RejectReason, guard, guard_and_mix
from tests.rules.keywords.texts import BOTTLE, TITLES, titled

REQUEST = KeywordRequest(BOTTLE, 5, banned_terms=("vacuum",))


def verdict(text: str, request: KeywordRequest = REQUEST) -> RejectReason | None:
    _, rejected = guard(request, [text])
    return rejected[0].reason if rejected else None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("water bottle", None),
        ("insulated bottle", None),
        ("Vacuum Bottle", RejectReason.BANNED_TERM),
        ("ＶＡＣＵＵＭ flask", RejectReason.BANNED_TERM),
        ("vacuums bottle", RejectReason.BANNED_TERM),
        ("yeti bottle", RejectReason.TRADEMARK),
        ("water bottle free shipping", RejectReason.MARKETING),
        ("water bottle 2024", RejectReason.MARKETING),
        ("water bottle " * 10, RejectReason.TOO_LONG),
        ("750", RejectReason.CODE_OR_NUMBER),
        ("保温杯", RejectReason.WRONG_SCRIPT),
        ("бутылка", RejectReason.WRONG_SCRIPT),
        ("garden hose", RejectReason.UNRELATED),
        ("🎉", RejectReason.EMPTY),
        ("", RejectReason.EMPTY),
    ],
)
def test_a_proposal_is_judged_with_a_reason(text: str, reason: RejectReason | None) -> None:
    assert verdict(text) == reason


@pytest.mark.parametrize(
    "variant", ["Water Bottles", "WATER BOTTLE", "ｗａｔｅｒ bottle", "bottle water", "waterbottle"]
)
def test_a_variant_of_an_accepted_proposal_is_a_duplicate(variant: str) -> None:
    accepted, rejected = guard(REQUEST, ["water bottle", variant])
    assert [one.text for one in accepted] == ["water bottle"]
    assert [one.reason for one in rejected] == [RejectReason.DUPLICATE]


def test_at_most_two_synonyms_in_five_are_taken() -> None:
    proposals = ["hydration bucket steel", "tumbler travel mug steel", "thermos beaker pot lid"]
    accepted, rejected = guard(REQUEST, proposals)
    assert [one.reason for one in accepted] == [KeywordReason.SYNONYM] * 2
    assert [one.reason for one in rejected] == [RejectReason.TOO_MANY_SYNONYMS]


def test_the_mix_is_topped_up_to_exactly_k() -> None:
    result = guard_and_mix(REQUEST, ["water bottle", "garden hose", "yeti bottle"])
    assert len(result.keywords) == 5
    assert result.keywords[0].text == "water bottle"
    assert result.keywords[0].reason is KeywordReason.MODEL
    assert {one.text for one in result.rejected} == {"garden hose", "yeti bottle"}
    scores = [one.score for one in result.keywords]
    assert scores == sorted(scores, reverse=True)


def test_proposals_beyond_k_are_named_as_surplus() -> None:
    proposals = ["water bottle", "straw lid", "steel bottle", "insulated bottle", "leak proof lid"]
    result = guard_and_mix(KeywordRequest(BOTTLE, 3), proposals)
    assert len(result.keywords) == 3
    assert [one.reason for one in result.rejected] == [RejectReason.SURPLUS] * 2


def test_without_proposals_the_mix_is_the_rules_own_answer() -> None:
    plain = guard_and_mix(REQUEST, [])
    assert len(plain.keywords) == 5
    assert all(one.reason is not KeywordReason.MODEL for one in plain.keywords)


def test_a_chinese_proposal_is_judged_by_the_listings_characters() -> None:
    accepted, rejected = guard(titled(TITLES["zh"]), ["运动水杯", "猫抓板"])
    assert [one.text for one in accepted] == ["运动水杯"]
    assert [one.reason for one in rejected] == [RejectReason.UNRELATED]


@pytest.mark.parametrize(
    "written",
    [
        "💧 Water Bottle",
        "<b>water bottle</b>",
        "Ｗａｔｅｒ\u200b Ｂｏｔｔｌｅ",
        "water \u202ebottle",
    ],
)
def test_a_models_keyword_comes_out_as_plain_text(written: str) -> None:
    accepted, _ = guard(REQUEST, [written])
    assert [keyword.text.lower() for keyword in accepted] == ["water bottle"]


def test_a_flood_of_proposals_is_read_in_part() -> None:
    result = guard_and_mix(REQUEST, [f"water bottle kind{n}" for n in range(1000)])
    assert len(result.keywords) == 5
    assert result.rejected[-1].text
