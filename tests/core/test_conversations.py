"""What is kept of a conversation, and what is new in a message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.conversations import (
    MAX_TOKENS,
    MAX_TURNS,
    Turn,
    bounded,
    conversation_key,
    history,
    new_messages,
    read,
    written,
)
from gateway.core.model import Message, Role


def turn(asked: str, answered: str = "yes") -> Turn:
    return Turn((Message(Role.USER, asked), Message(Role.ASSISTANT, answered)))


def test_the_newest_twenty_turns_are_told() -> None:
    told = history([turn(str(n)) for n in range(MAX_TURNS + 5)])
    assert len(told) == 2 * MAX_TURNS
    assert told[0].text == "5"


def test_older_turns_are_left_out_whole_when_their_tokens_do_not_fit() -> None:
    told = history([turn("旧" * (MAX_TOKENS - 10)), turn("新" * 20)])
    assert [message.text for message in told] == ["新" * 20, "yes"]


@given(st.lists(st.text(max_size=9_000), min_size=1, max_size=4))
def test_a_turn_of_any_size_is_bounded_before_it_is_kept(texts: list[str]) -> None:
    kept = bounded(Turn(tuple(Message(Role.USER, text) for text in texts)))
    assert history([kept]) == kept.messages
    assert kept.messages[-1].text.endswith(texts[-1][-10:])


@given(st.lists(st.tuples(st.sampled_from([Role.USER, Role.ASSISTANT]), st.text())), st.text())
def test_a_turn_is_written_and_read_back(said: list[tuple[Role, str]], tool: str) -> None:
    kept = Turn(tuple(Message(role, text) for role, text in said), tool)
    assert read(written(kept)) == kept


@pytest.mark.parametrize("raw", [b"", b"[]", b'{"m": 1, "t": ""}', b'{"m": [["pope", "x"]]}'])
def test_what_is_no_turn_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(raw)


def test_a_caller_may_send_the_whole_talk_or_only_what_is_new() -> None:
    kept = [turn("a"), turn("b")]
    new = Message(Role.USER, "c")
    whole = [message for one in kept for message in one.messages]
    assert new_messages(kept, [new]) == (new,)
    assert new_messages(kept, [*whole, new]) == (new,)
    assert new_messages(kept, [*whole[-2:], new]) == (new,)
    other = Message(Role.USER, "other")
    assert new_messages(kept, [other, new]) == (other, new)


def test_the_same_question_again_is_new() -> None:
    again = Message(Role.USER, "a")
    assert new_messages([Turn((again,))], [again]) == (again,)


def test_the_key_differs_by_tenant_by_customer_and_by_conversation() -> None:
    keys = {
        conversation_key(*parts) for parts in (("a", "b", "c"), ("a", "bc", ""), ("ab", "", "c"))
    }
    assert len(keys) == 3
