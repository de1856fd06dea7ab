"""How `demo` and `health` are told of TLS and of a key."""

import argparse
from pathlib import Path

import pytest

from gateway.cli.connecting import ConnectingError, add_connecting, channel_to, key_metadata


def asked(*arguments: str, **env: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_connecting(parser, {f"ERP_GATEWAY_{name}": value for name, value in env.items()})
    return parser.parse_args(arguments)


def test_the_environment_stands_in_for_options_that_are_not_given() -> None:
    told = asked("--ca", "mine.pem", CA="theirs.pem", CLIENT_KEY="c.key", SERVER_NAME="erp")
    assert (told.ca, told.client_key, told.server_name) == ("mine.pem", "c.key", "erp")


@pytest.mark.parametrize("option", ["--client-certificate", "--client-key"])
def test_half_a_pair_is_refused(option: str) -> None:
    with pytest.raises(ConnectingError, match="belong together"):
        channel_to("127.0.0.1:1", asked(option, "x.pem"))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ConnectingError, match=r"no-such\.pem: No such file"):
        channel_to("127.0.0.1:1", asked("--ca", "no-such.pem"))
    with pytest.raises(ConnectingError, match="no-such-key: No such file"):
        key_metadata(asked("--key-file", "no-such-key"))


def test_a_key_file_becomes_metadata_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("erpgw_x_y\n")
    sent = key_metadata(asked("--key-file", str(tmp_path / "key")))
    assert sent == (("authorization", "Bearer erpgw_x_y"),)
