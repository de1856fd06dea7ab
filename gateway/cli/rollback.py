"""`erp-gateway rollback`: write an earlier version back into the configuration file."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.cli.arguments import add_state_dir, config_path, parser, tell
from gateway.config import Config, ConfigError
from gateway.config.files import read_text
from gateway.config.guard import why_refused
from gateway.config.history import History, Kept, state_folder, written
from gateway.config.source import Source


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when there is no such version, or the file cannot be written."""
    made = parser(
        "rollback",
        "Write an earlier version back into the configuration file. Without a version: the last"
        " one that was in force and differs from the file.",
    )
    made.add_argument(
        "version", nargs="?", default="", help="as `erp-gateway config history` lists"
    )
    add_state_dir(made)
    asked = made.parse_args(arguments)
    path = config_path(asked.config)
    history = History(state_folder(asked.state_dir, os.environ), path)
    kept = _wanted(history, asked.version, _text_of(path))
    if kept is None:
        print(f"no such version in {history.folder}; see `config history`", file=sys.stderr)
        return 1
    try:
        text = history.text(kept)
        new = Source(path=path, env=os.environ).of(text)
    except ConfigError as error:
        tell(error)
        return 1
    return _write(path, text, kept, new)


def _wanted(history: History, version: str, now: str) -> Kept | None:
    if version:
        return history.find(version)
    return next((k for k in reversed(history.versions()) if _kept_text(history, k) != now), None)


def _kept_text(history: History, kept: Kept) -> str:
    try:
        return history.text(kept)
    except ConfigError:
        return ""


def _text_of(path: Path) -> str:
    try:
        return read_text(path)
    except ConfigError:
        return ""


def _write(path: Path, text: str, kept: Kept, new: Config) -> int:
    """Replace the file; what stood in it is kept beside the history."""
    if path.is_symlink():
        told = (
            f"{path} is a symbolic link (a mounted ConfigMap?): put the text of {kept.path} there"
        )
        print(told, file=sys.stderr)
        return 1
    warning = _guard_warning(path, new)
    try:
        replaced = _set_aside(path, kept)
        written(path, text)
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror}; the text: {kept.path}", file=sys.stderr)
        return 1
    print(f"{path} holds version {new.plan.version} again; a running gateway takes it over now")
    print("\n".join(filter(None, (replaced, warning))))
    return 0


def _set_aside(path: Path, kept: Kept) -> str:
    if not path.is_file():
        return ""
    aside = kept.path.with_name("replaced.yaml")
    aside.write_bytes(path.read_bytes())
    return f"what stood in it: {aside}"


def _guard_warning(path: Path, new: Config) -> str:
    try:
        old = Source(path=path, env=os.environ).read()[0]
    except ConfigError:
        return ""
    return why_refused(old.plan, new.plan)
