"""Placeholders and their way back, whole and in pieces."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rules.masking import EVERY_KIND, Kind, Placeholders, Restorer, find_spans, redacted

TEXT = "Mail a.b@shop.example or c@d.example, call +49 30 5550123; card 4111 1111 1111 1111."


def test_what_is_hidden_comes_back() -> None:
    names = Placeholders()
    hidden = names.hidden(TEXT)
    assert hidden == "Mail [EMAIL_1] or [EMAIL_2], call [PHONE_1]; card [CARD_1]."
    assert names.shown(hidden) == TEXT


@pytest.mark.parametrize(
    "written", ["[EMAIL_1]", "[email_1]", "[EMAIL 1]", "【EMAIL_1】", "[ EMAIL_1 ]", "［EMAIL_1］"]
)
def test_placeholders_are_known_as_models_write_them(written: str) -> None:
    names = Placeholders()
    names.hidden(TEXT)
    assert names.shown(f"We wrote to {written}.") == "We wrote to a.b@shop.example."


def test_a_placeholder_that_nobody_gave_stays() -> None:
    names = Placeholders()
    names.hidden(TEXT)
    assert names.shown("[PHONE_7] and [NOTE_1] and [1]") == "[PHONE_7] and [NOTE_1] and [1]"


def test_a_placeholder_that_stands_in_the_talk_is_given_to_nobody() -> None:
    said = "I am [EMAIL_1], write to x@y.example"
    names = Placeholders([said])
    hidden = names.hidden(said)
    assert hidden == "I am [EMAIL_1], write to [EMAIL_2]"
    assert names.shown(hidden) == said


def test_a_name_that_was_marked_once_is_hidden_wherever_it_stands() -> None:
    names = Placeholders()
    assert names.hidden("My name is Ada Whitcombe.") == "My name is [NAME_1]."
    assert names.hidden("Is Ada Whitcombe known?") == "Is [NAME_1] known?"


@pytest.mark.parametrize(
    "said",
    [
        "Address: c/o Bob, bob@x.example, 12 Elm Grove, Springfield",
        "地址：广东省深圳市南山区科技园南路12号，钥匙在3号柜",
        "Ship to: Ada, +49 171 1234567, Hof 4, Weimar 99423",
        "token: sk-abcdefghijklmnopqrst#7x",
    ],
)
def test_a_value_inside_of_another_neither_shows_the_rest_nor_doubles_it(said: str) -> None:
    spans = find_spans(said)
    assert all(one.end <= after.start for one, after in pairwise(spans))
    names = Placeholders([said])
    hidden = names.hidden(said)
    assert names.shown(hidden) == said
    assert not any(word in hidden for word in ("Elm", "科技园", "柜", "Weimar", "Hof", "#7x"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("john.doe@x.example", "johndoe@x.example"),
        ("a-b@x.example", "ab@x.example"),
        ("password: Ab-c123!", "password: abc123!"),
    ],
)
def test_values_that_differ_by_a_sign_are_told_apart(one: str, other: str) -> None:
    said = f"Change {one} to {other} please"
    names = Placeholders([said])
    assert names.shown(names.hidden(said)) == said


def test_an_empty_name_in_a_form_breaks_no_placeholder() -> None:
    said = "NAME: EMAIL: ada@x.example"
    names = Placeholders([said])
    assert names.shown(names.hidden(said)) == said


def test_values_are_escaped_where_json_needs_it() -> None:
    names = Placeholders()
    hidden = names.hidden('password: aB3"', frozenset({Kind.SECRET}))
    secret = names.hidden("password: x\\9y", frozenset({Kind.SECRET})).removeprefix("password: ")
    assert json.loads(names.shown_in_json(json.dumps({"a": secret})))["a"] == "x\\9y"
    assert hidden.startswith("password: ")


def test_only_the_kinds_asked_for_are_hidden() -> None:
    only = Placeholders().hidden(TEXT, frozenset({Kind.CARD}))
    assert only == TEXT.replace("4111 1111 1111 1111", "[CARD_1]")


@given(st.data())
def test_a_text_in_pieces_comes_back_as_the_whole_does(data: st.DataObject) -> None:
    names = Placeholders()
    hidden = names.hidden(TEXT) + data.draw(st.text("[]_1EMAIL ", max_size=20))
    restorer, shown, left = Restorer(names), "", hidden
    while left:
        size = data.draw(st.integers(1, len(left)))
        shown, left = shown + restorer.feed(left[:size]), left[size:]
    assert shown + restorer.rest() == names.shown(hidden)


@given(st.data())
def test_text_that_is_no_placeholder_is_hardly_held_back(data: st.DataObject) -> None:
    text = data.draw(st.text(max_size=60))
    restorer = Restorer(Placeholders())
    assert len(text) - len(restorer.feed(text)) <= 18


@given(st.text(st.sampled_from("4111 -.x\n"), max_size=60))
def test_no_card_number_is_left_whatever_stands_around_it(around: str) -> None:
    text = f"{around} n 4111-1111-1111-1111, {around}"
    assert "4111-1111-1111-1111" not in Placeholders().hidden(text, frozenset({Kind.CARD}))


@pytest.mark.parametrize(
    "card",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111.1111.1111.1111",
        "4111-1111-1111-1111 12/27",
        "2 4111 1111 1111 1111",
        "card:4111111111111111.",
        "４１１１１１１１１１１１１１１１",
        "378282246310005",
        "6212303256613324380",
    ],
)
def test_cards_are_found_in_every_spelling(card: str) -> None:
    assert [s.kind for s in find_spans(card, frozenset({Kind.CARD}))] == [Kind.CARD]


def test_time_is_linear_in_the_text() -> None:
    for evil in (
        "1 " * 20_000,
        "-----BEGIN PRIVATE KEY-----" * 500,
        "a@" * 20_000,
        "省市路" * 9_000,
    ):
        assert isinstance(find_spans(evil, EVERY_KIND), list)


def test_a_log_line_keeps_its_numbers_and_loses_what_is_personal() -> None:
    line = redacted("order 20261120001 of a@b.example with sk-abcdefghij0123456789")
    assert line == "order 20261120001 of [EMAIL_1] with [SECRET_1]"
