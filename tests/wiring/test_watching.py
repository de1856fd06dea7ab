"""Files that change under a running process: the last good value stays in force."""

import logging
from pathlib import Path

import pytest

from gateway.wiring.watching import Watched

pytestmark = pytest.mark.anyio


def put(path: Path, content: str | None) -> None:
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_text(content)


def watched(path: Path) -> tuple[Watched[str, int], list[int]]:
    used: list[int] = []
    return Watched("number", path.read_text, int, used.append), used


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "number"
    made.write_text("1")
    return made


async def test_what_has_changed_is_used_once(path: Path) -> None:
    number, used = watched(path)
    await number.look()
    put(path, "2")
    await number.look()
    await number.look()
    assert (number.value, used) == (2, [2])


async def test_what_cannot_be_used_is_told_once_and_the_old_value_stays(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    number, used = watched(path)
    for content in ("", "x", "x"):
        put(path, content)
        await number.look()
    assert (number.value, used) == (1, [])
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "the old one goes on" in caplog.text
    assert "'x'" in number.fault


async def test_a_mended_file_is_used_again_and_said_so(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    number, used = watched(path)
    put(path, None)
    await number.look()
    put(path, "3")
    await number.look()
    assert (used, number.fault) == ([3], "")
    assert "number can be used again" in caplog.text


async def test_a_swapped_link_is_seen(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("7")
    link, fresh = path.with_name("link"), path.with_name("fresh")
    link.symlink_to(path)
    number, used = watched(link)
    fresh.symlink_to(other)
    fresh.replace(link)
    await number.look()
    assert used == [7]


def test_a_first_value_that_cannot_be_read_is_an_error(path: Path) -> None:
    put(path, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        watched(path)
