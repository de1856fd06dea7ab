"""Which file is used, and what is no text."""

from pathlib import Path

import pytest

from gateway.config import ConfigError, find_file, load_file, read_text
from gateway.config.tree import MAX_BYTES

ROOT = Path(__file__).resolve().parents[2]


def test_the_command_line_comes_first_then_the_variable(tmp_path: Path) -> None:
    env = {"ERP_GATEWAY_CONFIG": "/etc/from-env.yaml"}
    assert find_file("asked.yaml", env, tmp_path) == Path("asked.yaml")
    assert find_file("", env, tmp_path) == Path("/etc/from-env.yaml")


def test_then_the_working_folder_then_the_shipped_one(tmp_path: Path) -> None:
    assert find_file("", {}, tmp_path) == ROOT / "config" / "gateway.yaml"
    local = tmp_path / "config" / "gateway.yaml"
    local.parent.mkdir()
    local.write_text("routes: [{name: all}]", encoding="utf-8")
    assert find_file("", {}, tmp_path) == local


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"routes:\n  - {name: \xff}\n", "gateway.yaml:2:12: byte 0xff is not UTF-8"),
        ("routes: []".encode("utf-16"), "gateway.yaml:1:1: byte 0xff is not UTF-8"),
        (b"\x7fELF\x02\x01\x01\x00", "gateway.yaml:1:1: character U+007F is not text"),
        (b"routes: []\x00", "gateway.yaml:1:11: character U+0000 is not text"),
        (b"#" * (MAX_BYTES + 1), "gateway.yaml:1:1: is larger than the 1048576 bytes"),
        (b"", "gateway.yaml:1:1: the file is empty"),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(
    tmp_path: Path, raw: bytes, message: str
) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load_file(path, {})
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["absent.yaml", "."])
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: (No such file|Is a directory)"):
        read_text(tmp_path / name)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_bytes(b"\xef\xbb\xbfroutes:\r\n  - name: all\r\n")
    assert load_file(path, {}).plan.routes[0].name == "all"
