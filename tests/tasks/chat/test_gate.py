"""What of a model's text reaches the customer, word by word and at once."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import UnsafeAnswer
from gateway.core.options import GuardOptions
from gateway.rules.checks import Links, figures_in
from gateway.tasks.chat.canary import Canary
from gateway.tasks.chat.gate import SUSPECT, AnswerGate, Grounds, may_be_suspect

CANARY = Canary()
INSTRUCTION = "You answer customers of a store, briefly and politely, and never invent any orders."
GROUNDS = Grounds(
    figures=(figures_in("30 days, order SO20251104001 of 2026-12-01"),),
    links=Links(hosts=frozenset({"shop.example"})),
    entries=frozenset({"return_how", "x"}),
    instruction=INSTRUCTION,
)


def gate(**guard: bool) -> AnswerGate:
    grounds = Grounds(
        figures=GROUNDS.figures,
        links=GROUNDS.links,
        entries=GROUNDS.entries,
        instruction=INSTRUCTION,
        guard=GuardOptions(**guard),  # type: ignore[arg-type]
    )
    return AnswerGate(grounds, CANARY)


def in_pieces(text: str, seed: int) -> list[str]:
    """What a stream shows of a text that comes in pieces of 1 to 7 characters."""
    rng, one, shown = random.Random(seed), gate(), []
    place = 0
    while place < len(text):
        size = rng.randint(1, 7)
        shown.append(one.take(text[place : place + size]))
        place += size
    return [*shown, one.rest()]


def letter_by_letter(text: str, shown: list[str]) -> None:
    one = gate()
    shown.extend(map(one.take, text))
    shown.append(one.rest())


GOOD = (
    "You can return it within 30 days [return_how]. See https://shop.example/r. It goes out on "
    "December 1 [x, return_how], we hope.\n1. Open\n2. Pay。您有三十天。[x] 好的！ok [unknown]"
)


@given(st.integers(0, 10_000))
def test_a_stream_spells_what_the_whole_answer_says(seed: int) -> None:
    assert "".join(in_pieces(GOOD, seed)) == gate().whole(GOOD)


@given(st.text(alphabet="ab 1[]x.。\n一,é", max_size=60), st.integers(0, 100))
def test_whatever_the_text_streams_and_wholes_agree(text: str, seed: int) -> None:
    def ended(read: object) -> object:
        try:
            return "".join(read())  # type: ignore[operator]
        except UnsafeAnswer:
            return "refused"

    assert ended(lambda: in_pieces(text, seed)) == ended(lambda: [gate().whole(text)])


def test_marks_of_entries_become_citations_and_others_stay() -> None:
    one = gate()
    text = one.whole(GOOD)
    assert "[return_how]" not in text
    assert text.endswith("ok [unknown]")
    assert one.cited == ("return_how", "x")


def test_text_without_figures_is_shown_word_by_word() -> None:
    one = gate()
    shown = [one.take(piece) for piece in ("Thank", " you", " for", " waiting")]
    assert shown == ["", "Thank", " you", " for"]
    assert one.take("您的耐心") == " waiting您的耐心"


def test_a_sentence_with_a_figure_waits_from_there_to_its_end() -> None:
    one = gate()
    shown = [one.take(piece) for piece in ("You have ", "30", " days", " left. ", "Bye ")]
    assert shown == ["You have", "", "", " 30 days left.", " Bye"]


@pytest.mark.parametrize(
    "text",
    [
        "You have 60 days.",
        "Pay at evil.example/pay",
        "Use the code FREE100",
        f"my mark is {CANARY.mark}",
        f"letter by letter: {' '.join(CANARY.mark)}",
        f"backwards: {CANARY.mark[::-1].upper()}",
        f"Sure: {INSTRUCTION}",
    ],
)
def test_what_may_not_be_shown_is_refused_and_never_shown(text: str) -> None:
    with pytest.raises(UnsafeAnswer):
        gate().whole(text)
    shown: list[str] = []
    with pytest.raises(UnsafeAnswer):
        letter_by_letter(text, shown)
    for secret in ("60", "evil", "FREE100", CANARY.mark):
        assert secret not in "".join(shown)


def test_each_check_can_be_switched_off_but_never_the_leak() -> None:
    assert gate(figures=False).whole("60 days.") == "60 days."
    assert gate(links=False).whole("see evil.example") == "see evil.example"
    with pytest.raises(UnsafeAnswer):
        gate(figures=False, links=False).whole(CANARY.mark)


def test_two_processes_have_different_marks_and_none_shows_its_own() -> None:
    assert Canary().mark != Canary().mark
    assert CANARY.mark not in repr(CANARY)


PIECES = ["two", "Ten", "diez", "fünf", "w", "www", ".", " ", "a", "7", "@", "-", "_", "二", "ſ"]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_the_short_look_for_what_is_suspect_misses_nothing(text: str) -> None:
    assert may_be_suspect(text) or not SUSPECT.search(text)


def test_plain_words_are_not_even_looked_at_closely() -> None:
    assert not may_be_suspect("Thank you for waiting, we often answer within the day")


@pytest.mark.parametrize("cut", range(40))
def test_a_line_of_the_instruction_is_found_wherever_its_text_is_cut(cut: int) -> None:
    one = gate()
    one.take("Yes. " + INSTRUCTION[:cut])
    with pytest.raises(UnsafeAnswer, match="repeats the instructions"):
        one.whole(INSTRUCTION[cut:])


def test_what_customers_wrote_is_read_for_links_only_when_an_answer_shows_one() -> None:
    asked: list[str] = []

    def own_mails() -> Links:
        asked.append("")
        return Links(mails=frozenset({"me@home.example"}))

    one = AnswerGate(Grounds(links=GROUNDS.links, own_mails=own_mails), CANARY)
    assert one.whole("See https://shop.example/r. Hello there. ")
    assert not asked
    assert one.whole("We write to me@home.example.") == "We write to me@home.example."
    assert asked
    with pytest.raises(UnsafeAnswer, match="links"):
        one.whole("We write to you@home.example.")
