"""Which doors `serve` opens."""

import pytest

from gateway.cli.serve import _server
from gateway.config import find_file, load_file
from gateway.core.options import ServerOptions

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
