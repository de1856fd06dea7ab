"""How keys look, and which of them may call."""

import re
import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.keys import ID, Key, KeyRing, Refusal, digest_of, id_of, is_whole, minted

NOW_S = 1_800_000_000.0
TEXT = minted(lambda count: b"\x07" * count)
KEY = Key(id=id_of(TEXT), tenant="eu", sha256=digest_of(TEXT), created_s=NOW_S - 10)
RING = KeyRing([KEY])


def test_a_key_is_a_prefix_an_id_a_secret_and_a_checksum() -> None:
    text = minted(secrets.token_bytes)
    assert re.fullmatch(r"erpgw_[0-9a-z]{10}_[0-9A-Za-z]{49}", text)
    assert ID.fullmatch(id_of(text))
    assert is_whole(text)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_every_bit_of_the_secret_is_in_the_key(one: bytes, other: bytes) -> None:
    made = {minted(lambda count, raw=raw: raw[:count]) for raw in (one, other)}  # type: ignore[misc]
    assert len(made) == len({one, other})


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="ascii"))
def test_a_mistyped_or_cut_key_is_not_whole(at: int, letter: str) -> None:
    assert is_whole(TEXT)
    assert not is_whole(TEXT[:at])
    mistyped = TEXT[:at] + letter + TEXT[at + 1 :]
    assert is_whole(mistyped) == (mistyped == TEXT)


def test_the_right_key_is_known() -> None:
    assert RING.judge(TEXT, NOW_S) is KEY


@given(st.text(max_size=200))
def test_no_other_text_is_ever_known(text: str) -> None:
    assert text == TEXT or isinstance(RING.judge(text, NOW_S), Refusal)


@given(st.text(max_size=80))
def test_no_other_secret_for_a_known_id_is_ever_known(secret: str) -> None:
    text = f"erpgw_{KEY.id}_{secret}"
    assert text == TEXT or RING.judge(text, NOW_S) is Refusal.WRONG


@pytest.mark.parametrize("text", ["", "erpgw_", "erpgw__", "_", "erpgw__x", "Bearer x"])
def test_texts_without_an_id_are_unknown_and_never_match_nobody(text: str) -> None:
    assert RING.judge(text, NOW_S) is (Refusal.UNKNOWN if text else Refusal.ABSENT)


def test_a_key_of_zeros_in_the_hash_is_nobodys() -> None:
    nobody = KeyRing([replace(KEY, sha256=bytes(32))])
    assert nobody.judge(TEXT, NOW_S) is Refusal.WRONG
    assert nobody.judge("", NOW_S) is Refusal.ABSENT


@pytest.mark.parametrize(
    ("change", "at_s", "expected"),
    [
        ({"expires_s": NOW_S}, NOW_S, Refusal.EXPIRED),
        ({"expires_s": NOW_S}, NOW_S - 0.001, None),
        ({"revoked_s": NOW_S}, NOW_S, Refusal.REVOKED),
        ({"revoked_s": NOW_S, "expires_s": NOW_S}, NOW_S + 1, Refusal.REVOKED),
    ],
)
def test_a_key_ends_at_its_moment(
    change: dict[str, float], at_s: float, expected: Refusal | None
) -> None:
    key = replace(KEY, **change)  # type: ignore[arg-type] # moments
    assert key.why_dead(at_s) is expected
    assert KeyRing([key]).judge(TEXT, at_s) == (expected or key)


def test_a_ring_shows_how_many_keys_it_has_and_nothing_of_them() -> None:
    assert repr(RING) == "KeyRing(1 keys)"
