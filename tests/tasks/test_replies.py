import pytest

from gateway.core.errors import OutputInvalid
from gateway.tasks.replies import json_object


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDE00 x", "\ud83d"])
def test_half_a_character_is_refused_before_it_is_kept(half: str) -> None:
    with pytest.raises(OutputInvalid, match="half a character"):
        json_object('{"keywords": ["wireless mouse ' + half + '"]}')


def test_a_whole_emoji_is_read_in_either_spelling() -> None:
    assert json_object('{"a": "\\ud83d\\ude00"}') == json_object('{"a": "\U0001f600"}')
