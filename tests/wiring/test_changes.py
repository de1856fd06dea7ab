"""A change is acted on once, after it has come to rest."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.adapters.file_state import state_of
from gateway.core.options import LiveOptions
from gateway.wiring.changes import Watch

pytestmark = pytest.mark.anyio


class Acts:
    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


def watch_of(file: Path, acts: Acts) -> Watch:
    return Watch(lambda: state_of([file]), acts, LiveOptions)


async def looks(watch: Watch, times: int) -> None:
    for _ in range(times):
        await watch.once()


async def test_the_first_look_counts_as_a_change_and_then_nothing_happens(tmp_path: Path) -> None:
    (file := tmp_path / "f").write_text("1")
    watch = watch_of(file, acts := Acts())
    await looks(watch, 5)
    assert acts.count == 1


async def test_a_file_that_is_still_being_written_is_left_alone(tmp_path: Path) -> None:
    (file := tmp_path / "f").write_text("1")
    watch = watch_of(file, acts := Acts())
    await looks(watch, 2)
    for turn in range(5):
        file.write_text("x" * (turn + 2))
        await watch.once()
    assert acts.count == 1
    await watch.once()
    assert acts.count == 2


class FailsFirst(Acts):
    async def __call__(self) -> None:
        await super().__call__()
        if self.count == 1:
            raise OSError("the disk was away for a moment")


async def test_what_failed_is_tried_again_at_the_next_look(tmp_path: Path) -> None:
    (file := tmp_path / "f").write_text("1")
    watch = watch_of(file, acts := FailsFirst())
    await watch.once()
    with pytest.raises(OSError, match="for a moment"):
        await watch.once()
    await looks(watch, 3)
    assert acts.count == 2


def replaced(file: Path) -> None:
    other = file.with_name("other")
    other.write_text("2")
    os.utime(other, ns=(0, 0))
    other.replace(file)


def same_size_and_time(file: Path) -> None:
    before = file.stat()
    while file.stat().st_ctime_ns == before.st_ctime_ns:  # the disk's clock ticks every few ms
        file.write_text("2")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [replaced, same_size_and_time, Path.unlink])
async def test_every_kind_of_change_is_seen(
    change: Callable[[Path], object], tmp_path: Path
) -> None:
    (file := tmp_path / "f").write_text("1")
    watch = watch_of(file, acts := Acts())
    await looks(watch, 2)
    change(file)
    await looks(watch, 3)
    assert acts.count == 2


async def test_a_swapped_folder_behind_symlinks_is_seen_as_kubernetes_does_it(
    tmp_path: Path,
) -> None:
    for name, content in (("..v1", "1"), ("..v2", "2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text(content)
    (tmp_path / "..data").symlink_to("..v1")
    (file := tmp_path / "f").symlink_to("..data/f")
    watch = watch_of(file, acts := Acts())
    await looks(watch, 2)
    (tmp_path / "..tmp").symlink_to("..v2")
    (tmp_path / "..tmp").rename(tmp_path / "..data")
    await looks(watch, 2)
    assert acts.count == 2
    assert file.read_text() == "2"
