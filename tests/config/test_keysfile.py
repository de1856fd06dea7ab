"""The keys file: what is written is read again, and nothing else is taken for it."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import ConfigError
from gateway.config.crosscheck_security import CALLS
from gateway.config.keysfile import keys_text, parse_keys, read_keys, write_keys
from gateway.core.keys import Key, KeyRing
from gateway.core.scopes import Scopes

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
MOMENTS = st.integers(0, 4_000_000_000).map(float)
KEYS = st.builds(
    Key,
    id=st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=10, max_size=10),
    tenant=NAMES,
    sha256=st.binary(min_size=32, max_size=32),
    created_s=MOMENTS,
    name=st.text(st.characters(exclude_categories=("C", "Z")), max_size=100),
    expires_s=st.none() | MOMENTS,
    revoked_s=st.none() | MOMENTS,
    scopes=st.builds(
        Scopes,
        calls=st.lists(st.sampled_from(CALLS), unique=True).map(tuple),
        routes=st.lists(NAMES, max_size=3).map(tuple),
        knowledge_bases=st.lists(NAMES, max_size=3).map(tuple),
        system_messages=st.booleans(),
    ),
)
KEY = Key(id="9484bhvjmn", tenant="eu", sha256=bytes(range(32)), created_s=1_800_000_000.0)
GOOD = keys_text([KEY])


def faults(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_keys(text, "keys.json")
    return str(caught.value)


@given(st.lists(KEYS, unique_by=lambda key: key.id, max_size=5))
def test_what_is_written_is_read_again(keys: list[Key]) -> None:
    assert parse_keys(keys_text(keys), "keys.json") == KeyRing(keys)


@given(st.lists(KEYS, unique_by=lambda key: key.id, min_size=1, max_size=3), st.data())
def test_a_file_cut_anywhere_is_refused_with_line_and_column(
    keys: list[Key], data: st.DataObject
) -> None:
    text = keys_text(keys).rstrip("\n")
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    for line in faults(cut).splitlines():
        name, number, column, _ = line.split(":", 3)
        assert name == "keys.json"
        assert int(number) <= cut.count("\n") + 1
        assert int(column) >= 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_nothing_else_is_raised(raw: bytes) -> None:
    with pytest.raises(ConfigError):
        parse_keys(raw.decode("utf-8", "replace"), "keys.json")


BAD = {
    "": "keys.json:1:1: this is no JSON object; keys files are written by `erp-gateway keys`",
    "keys: {}": "keys.json:1:1: this is no JSON object; keys files are written by"
    " `erp-gateway keys`",
    "{}": "keys.json:1:1: the file needs a mapping under 'keys'",
    '{"keys": []}': "keys.json:1:10: the file needs a mapping under 'keys'",
    '{"keys": {}} {': "keys.json:1:14: this is not valid YAML: did not find expected <document"
    " start>",
    '{"keys": {"x": {}}}': "keys.json:1:11: 'x' is no id of a key: 10 of a-z, 0-9",
    '{"kets": {}}': "keys.json:1:1: the file needs a mapping under 'keys'\n"
    "keys.json:1:2: unknown key 'kets' in the file; did you mean 'keys'? (allowed: keys)",
    GOOD.replace('"tenant": "eu"', '"tenant": "e u"'): "keys.json:4:17: tenant must be 1 to 63"
    " letters, digits, '-', '_' or '.'",
    GOOD.replace('"tenant": "eu",', ""): "keys.json:3:19: key '9484bhvjmn' needs 'tenant'",
    GOOD.replace('"0001', '"001'): "keys.json:6:17: sha256 must be 64 hexadecimal digits, in lower"
    " case",
    GOOD.replace("08:00:00Z", "08:00:00"): "keys.json:7:18: created must be a moment such as"
    " '2026-11-22T15:30:00Z'",
    GOOD.replace('"created"', '"scopes": {"routes": []}, "created"'): "keys.json:7:28: routes must"
    " be a list of names; leave it out to allow all",
    GOOD.replace(
        '"created"', '"scopes": {"calls": ["chats"]}, "created"'
    ): "keys.json:7:27: unknown"
    " call 'chats'; did you mean 'chat'? (allowed: chat, extract_keywords, detect_anomaly,"
    " submit_feedback)",
    GOOD.replace('"created"', '"expire": "2026-01-01T00:00:00Z", "created"'): "keys.json:7:7:"
    " unknown key 'expire' in key '9484bhvjmn'; did you mean 'expires'? (allowed: tenant, name,"
    " sha256, created, expires, revoked, scopes)",
    GOOD.replace('"name"', '"tenant"'): "keys.json:5:7: key 'tenant' is given twice, first in"
    " line 4",
}


@pytest.mark.parametrize("text", BAD)
def test_a_fault_is_told_with_its_place_and_remedy(text: str) -> None:
    assert faults(text) == BAD[text]


def test_a_missing_file_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="erp-gateway keys create --tenant NAME"):
        read_keys(tmp_path / "none.json")


def test_the_file_is_its_owners_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, [KEY])
    write_keys(path, [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["keys.json"]
    assert read_keys(path) == KeyRing([])


def test_a_link_is_followed_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link, real = tmp_path / "keys.json", tmp_path / "real" / "keys.json"
    write_keys(real, [])
    link.symlink_to(real)
    write_keys(link, [KEY])
    assert link.is_symlink()
    assert read_keys(real) == KeyRing([KEY])


def test_when_writing_fails_the_old_file_is_there_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    write_keys(path, [KEY])
    unwritable = Key(id="x", tenant="\ud800", sha256=b"", created_s=0.0)
    with pytest.raises(UnicodeEncodeError):
        write_keys(path, [unwritable])
    assert os.listdir(tmp_path) == ["keys.json"]  # noqa: PTH208 # names
    assert read_keys(path) == KeyRing([KEY])
