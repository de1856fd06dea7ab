"""Which doors `serve` opens."""

import pytest

from gateway.cli.serve import _parser, _server, _workers_arguments
from gateway.config import find_file, load_file
from gateway.core.options import ServerOptions
from tests.cli.test_commands import run

FILE = ServerOptions(listen="127.0.0.1:1", http_listen="127.0.0.1:2")


@pytest.mark.parametrize(
    ("listen", "http", "opened"),
    [
        (None, None, ("127.0.0.1:1", "127.0.0.1:2")),
        ("127.0.0.1:3", None, ("127.0.0.1:3", "")),  # a second gateway beside the first
        ("127.0.0.1:3", "127.0.0.1:4", ("127.0.0.1:3", "127.0.0.1:4")),
        (None, "", ("127.0.0.1:1", "")),
    ],
)
def test_the_arguments_decide_before_the_file(
    listen: str | None, http: str | None, opened: tuple[str, str]
) -> None:
    server = _server(FILE, listen, http)
    assert (server.listen, server.http_listen) == opened


def test_the_shipped_file_opens_both_doors_for_this_machine_only() -> None:
    server = load_file(find_file("", {}), {}).server
    assert (server.listen, server.http_listen) == ("127.0.0.1:50051", "127.0.0.1:50080")


def test_without_the_option_there_is_no_http_door() -> None:
    assert ServerOptions().http_listen == ""


@pytest.mark.parametrize(
    ("option", "address"),
    [
        ("--listen", "127.0.0.1:99999"),
        ("--http-listen", "somewhere"),
        ("--metrics-listen", "somewhere"),
        ("--metrics-listen", "127.0.0.1:99999"),
        ("--admin-listen", "127.0.0.1:99999"),
        ("--admin-listen", "0.0.0.0:0"),
    ],
)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_address_of_the_command_line_is_checked_as_the_files(
    option: str, address: str, workers: str
) -> None:
    done = run("serve", "--workers", workers, "--listen", "127.0.0.1:0", option, address)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "listen must be a" in done.stderr.lower()
    assert repr(address) in done.stderr


def test_workers_are_told_a_level_of_the_log_only_where_the_command_line_says_one() -> None:
    config = load_file(find_file("", {}), {})
    doors = ("127.0.0.1:1", "")
    asked = _parser().parse_args([])
    assert "--log-level" not in _workers_arguments(asked, config, doors)
    asked = _parser().parse_args(["--log-level", "debug"])
    assert _workers_arguments(asked, config, doors)[-2:] == ["--log-level", "debug"]
