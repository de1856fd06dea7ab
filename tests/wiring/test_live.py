"""A new configuration takes the old one's place whole, or not at all."""

from pathlib import Path

import pytest

from gateway.config import Config
from gateway.config.source import Source
from gateway.core.reloading import ReloadOutcome as Outcome
from gateway.wiring.live import Live
from tests.wiring.samples import DEPLOYMENTS, text, written

pytestmark = pytest.mark.anyio


def live_of(path: Path, kept: list[str] | None = None) -> Live:
    told = [] if kept is None else kept
    source = Source(path=path, env={}, keep=lambda _version, content: told.append(content))
    return Live(source.read()[0], source, lambda: 1.0)


def mark(config: Config) -> str:
    return config.plan.routes[0].model_version


async def test_a_changed_file_is_in_force_after_a_reload_and_a_touched_one_changes_nothing(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, text("v1"))
    live = live_of(file)
    told: list[str] = []
    live.take_over = lambda config: told.append(mark(config))
    file.write_text("# a remark\n" + text("v1"))
    assert (await live.reload()).outcome is Outcome.UNCHANGED
    file.write_text(text("v2"))
    ended = await live.reload()
    assert (ended.outcome, ended.version) == (Outcome.APPLIED, live.config.plan.version)
    assert (mark(live.config), told) == ("v2", ["v2"])


BAD: dict[str, str | bytes] = {
    "half-written": text("v2")[:-30],
    "empty": "",
    "binary": "\x00\x01\x02",
    "no UTF-8": b"routes: \xff\xfe",
    "alias bomb": "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n",
    "another language": "<html><body>502 Bad Gateway</body></html>",
    "too large": "# " + "x" * 1_100_000,
}


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_file_keeps_the_old_one_and_says_line_and_column(
    what: str, tmp_path: Path
) -> None:
    file = written(tmp_path, text("v1"))
    live = live_of(file)
    before = live.config
    bad = BAD[what]
    file.write_bytes(bad if isinstance(bad, bytes) else bad.encode())
    ended = await live.reload()
    assert ended.outcome is Outcome.INVALID
    assert ended.told
    for line in ended.told:
        assert line.startswith(f"{file}:")
        row, column = line.removeprefix(f"{file}:").split(":")[:2]
        assert int(row) >= 1
        assert int(column) >= 1
    assert live.config is before


async def test_a_deleted_file_and_a_folder_in_its_place_keep_the_old_one(tmp_path: Path) -> None:
    file = written(tmp_path, text("v1"))
    live = live_of(file)
    file.unlink()
    assert (await live.reload()).outcome is Outcome.INVALID
    file.mkdir()
    assert (await live.reload()).outcome is Outcome.INVALID
    file.rmdir()
    file.write_text(text("v2"))
    assert (await live.reload()).outcome is Outcome.APPLIED


async def test_a_change_that_takes_most_away_is_refused_until_it_is_forced(tmp_path: Path) -> None:
    file = written(tmp_path, text("v1"))
    live = live_of(file)
    one = "\n".join(DEPLOYMENTS.splitlines()[:3]) + "\n"
    file.write_text(one + "routes: [{name: all, tiers: [a]}]\n")
    ended = await live.reload()
    assert ended.outcome is Outcome.GUARDED
    assert "2 of 3 deployments that are on (b, c)" in ended.told[0]
    assert "erp-gateway reload --force" in ended.told[0]
    assert mark(live.config) == "v1"
    assert (await live.reload(force=True)).outcome is Outcome.APPLIED


async def test_an_applied_version_is_kept_once_and_the_first_one_too(tmp_path: Path) -> None:
    file = written(tmp_path, text("v1"))
    kept: list[str] = []
    live = live_of(file, kept)
    await live.reload()
    await live.reload()
    assert kept == [text("v1")]
    file.write_text(text("v2"))
    await live.reload()
    assert kept == [text("v1"), text("v2")]


async def test_what_needs_a_restart_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, text("v1"))
    live = live_of(file)
    file.write_text(text("v1") + "server: {listen: '127.0.0.1:1', max_calls: 5}\n")
    ended = await live.reload()
    assert ended.told == ("server.listen has changed: that takes effect at the next start",)
    assert live.config.server.max_calls == 5


async def test_without_a_file_a_reload_changes_nothing(tmp_path: Path) -> None:
    config = Source(path=written(tmp_path, text()), env={}).read()[0]
    live = Live(config, None, lambda: 1.0)
    assert (await live.reload()).outcome is Outcome.UNCHANGED
