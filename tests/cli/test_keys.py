"""`erp-gateway keys`: what each command does to the file, and what it shows."""

import re
from pathlib import Path

import pytest

from gateway.__main__ import main
from gateway.config.keysfile import read_keys
from gateway.core.keys import KeyRing, Refusal, id_of

NOW_S = 1e12
"""Later than any key of these tests ends."""


class Keys:
    """The command on a file of its own; gives back the exit code and what was printed."""

    def __init__(self, path: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capture = capture

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = main(["keys", *arguments, "--keys-file", str(self.path)])
        return (code, *self._capture.readouterr())

    def made(self, *arguments: str) -> str:
        code, out, _ = self("create", *arguments)
        assert code == 0
        return out.strip()

    @property
    def ring(self) -> KeyRing:
        return read_keys(self.path)


@pytest.fixture
def keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Keys:
    return Keys(tmp_path / "keys.json", capsys)


def test_a_made_key_alone_goes_to_standard_output_and_is_known_from_then_on(keys: Keys) -> None:
    code, out, err = keys("create", "--tenant", "eu", "--name", "till 3", "--call", "chat")
    assert code == 0
    assert re.fullmatch(r"erpgw_\w{10}_\w{49}\n", out)
    text = out.strip()
    found = keys.ring.judge(text, 0.0)
    assert not isinstance(found, Refusal)
    assert (found.tenant, found.name, found.scopes.calls) == ("eu", "till 3", ("chat",))
    assert text not in err
    assert "shown this once" in err


def test_no_later_command_and_no_file_shows_the_key(keys: Keys) -> None:
    text = keys.made("--tenant", "eu")
    secret = text.rsplit("_", 1)[1]
    assert secret not in keys.path.read_text()
    for command in (["list"], ["rotate", id_of(text)], ["revoke", id_of(text)], ["list"]):
        _, out, err = keys(*command)
        assert secret not in out + err


def test_a_tenant_has_at_most_two_live_keys(keys: Keys) -> None:
    first, _ = keys.made("--tenant", "eu"), keys.made("--tenant", "eu")
    code, out, err = keys("create", "--tenant", "eu")
    assert (code, out) == (1, "")
    assert "more than 2 live keys; revoke one first" in err
    keys.made("--tenant", "us")
    assert keys("revoke", id_of(first))[0] == 0
    keys.made("--tenant", "eu")


def test_a_revoked_key_stays_in_the_list(keys: Keys) -> None:
    text = keys.made("--tenant", "eu")
    keys("revoke", id_of(text))
    assert keys.ring.judge(text, NOW_S) is Refusal.REVOKED
    _, out, _ = keys("list")
    assert re.search(rf"{id_of(text)} +eu +revoked", out)


def test_rotating_makes_a_successor_with_the_same_scopes_while_the_old_key_lives_on(
    keys: Keys,
) -> None:
    old = keys.made("--tenant", "eu", "--route", "cheap", "--knowledge-base", "shop")
    code, out, err = keys("rotate", id_of(old), "--overlap-hours", "2")
    assert code == 0
    before, after = keys.ring.keys[id_of(old)], keys.ring.keys[id_of(out)]
    assert after.scopes == before.scopes
    assert before.expires_s is not None
    assert 7_199 < before.expires_s - after.created_s < 7_201
    assert f"the old key {before.id} ends" in err


def test_rotating_needs_room_for_the_successor_unless_the_old_key_ends_at_once(keys: Keys) -> None:
    first, second = keys.made("--tenant", "eu"), keys.made("--tenant", "eu")
    assert keys("rotate", id_of(first))[0] == 1
    assert not keys.ring.keys[id_of(first)].why_dead(keys.ring.keys[id_of(second)].created_s)
    assert keys("rotate", id_of(first), "--overlap-hours", "0")[0] == 0
    assert keys.ring.judge(first, NOW_S) is Refusal.EXPIRED


def test_unknown_ids_and_bad_words_are_told(keys: Keys) -> None:
    keys.made("--tenant", "eu")
    assert keys("revoke", "nope")[::2] == (
        1,
        "no key has the id 'nope'; `erp-gateway keys list` shows all\n",
    )
    for wrong in (
        ("create", "--tenant", "e u"),
        ("create", "--tenant", "eu", "--call", "chats"),
        ("create", "--tenant", "eu", "--expires-days", "-1"),
        ("create", "--tenant", "eu", "--name", "two\nlines"),
    ):
        with pytest.raises(SystemExit):
            keys(*wrong)


def test_a_broken_file_is_told_with_line_and_column_and_left_as_it_is(keys: Keys) -> None:
    keys.path.write_text('{"keys": {')
    for command in (["list"], ["create", "--tenant", "eu"]):
        code, _, err = keys(*command)
        assert code == 1
        assert f"{keys.path}:1:" in err
    assert keys.path.read_text() == '{"keys": {'


def test_a_configuration_without_a_keys_file_is_told_what_to_add(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "gateway.yaml"
    config.write_text("routes: [{name: all}]\n")
    assert main(["keys", "list", "--config", str(config)]) == 1
    assert "add `security: {keys_file: keys.json}`" in capsys.readouterr().err
