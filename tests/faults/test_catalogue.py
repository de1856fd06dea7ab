"""The grammar of model names."""

import pytest

from tests.faults.answer import TEXT, TEXT_ZH, tokens_of
from tests.faults.catalogue import UnknownBehaviourError, parts_of, plan_of
from tests.faults.script import CHAOS, CHAOS_GOOD, Play


def test_the_longest_name_wins_over_a_shorter_one() -> None:
    assert parts_of("no-end-open-30")[0].behaviour.name == "no-end-open"
    assert parts_of("no-end")[0].behaviour.name == "no-end"


def test_arguments_are_numbers_and_words_after_the_name() -> None:
    found = parts_of("status-429-retry-2.5")[0]
    assert (found.arguments.whole(0, 0), found.arguments.after("retry")) == (429, "2.5")


def test_a_plan_unfolds_its_counts() -> None:
    assert plan_of("3x-silent-then-ok@eu") == ["silent", "silent", "silent", "ok"]


def test_once_and_twice_are_short_for_statuses() -> None:
    assert plan_of("twice-503-then-ok") == ["twice-503", "twice-503", "ok"]
    assert parts_of("once-500")[0].behaviour.name == "status"


@pytest.mark.parametrize("name", ["gpt-4", "", "ok-nonsense", "ok+", "0x-ok", "20000x-ok"])
def test_a_name_that_means_nothing_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownBehaviourError):
        plan_of(name)


def test_an_unknown_word_is_named_beside_the_known_ones() -> None:
    with pytest.raises(UnknownBehaviourError, match="clean, event, reset; not 'rest'"):
        parts_of("cut-40-rest")


def test_an_unknown_key_of_a_written_behaviour_is_refused() -> None:
    with pytest.raises(UnknownBehaviourError, match="'txt'"):
        Play.read({"do": "ok", "txt": "Hello"})


@pytest.mark.parametrize("text", [TEXT, TEXT_ZH])
def test_the_canned_answers_have_sixty_tokens(text: str) -> None:
    assert len(tokens_of(text)) == 60


def test_every_token_of_the_chinese_answer_can_be_split() -> None:
    assert {len(token.encode()) for token in tokens_of(TEXT_ZH)} == {3}


@pytest.mark.parametrize("text", ["", " a  b\n", "订单 No. 7 好", "  "])
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens_of(text)) == text


def test_every_fault_of_chaos_is_in_the_catalogue() -> None:
    assert all(parts_of(name) for name in (*CHAOS, *CHAOS_GOOD))
