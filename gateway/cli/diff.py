"""`erp-gateway diff OLD [NEW]`: what a new configuration changes, and for whom."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gateway.cli.arguments import add_state_dir, config_path, parser, tell
from gateway.config import Config, ConfigError, load_text, read_text
from gateway.config.changes import knob_changes
from gateway.config.guard import why_refused
from gateway.config.history import History, state_folder
from gateway.config.restart import needs_restart
from gateway.config.secrets import EveryKey
from gateway.config.whom import touched


def main(arguments: Sequence[str]) -> int:
    """Exit code 1 when one of the two has faults or is not there."""
    made = parser(
        "diff",
        "Say what a new configuration changes, and for whom, as if every key were there.",
    )
    made.add_argument("old", help="a file, or a version that `config history` lists")
    made.add_argument(
        "new", nargs="?", default="", help="the same; default: the configuration file"
    )
    add_state_dir(made)
    asked = made.parse_args(arguments)
    path = config_path(asked.config)
    history = History(state_folder(asked.state_dir, os.environ), path)
    try:
        old, new = (_load(name, path, history) for name in (asked.old, asked.new or str(path)))
    except ConfigError as error:
        tell(error)
        return 1
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(lines(old, new)))
    return 0


def lines(old: Config, new: Config) -> Iterator[str]:
    """What changes, for people."""
    knobs = list(knob_changes(old, new))
    if not knobs:
        yield f"nothing changes (version {new.plan.version})"
        return
    yield f"version {old.plan.version} -> {new.plan.version}"
    yield ""
    yield from _for_whom(old, new)
    yield ""
    yield "what differs in the files:"
    yield from (f"  {knob}" for knob in knobs)
    warnings = [*needs_restart(old, new), why_refused(old.plan, new.plan)]
    yield from (f"note: {warning}" for warning in warnings if warning)


def _for_whom(old: Config, new: Config) -> Iterator[str]:
    try:
        found = touched(old.plan, new.plan)
    except ValueError as error:
        yield f"for whom: {error}"
        return
    yield "calls that go another way:" if found else "every call goes the same way as before"
    for one in found:
        yield from (f"  {who}" for who in one.who)
        yield f"    before: {one.before}"
        yield f"    after:  {one.after}"


def _load(name: str, path: Path, history: History) -> Config:
    if Path(name).exists() or name == str(path):
        return load_text(read_text(Path(name)), name, EveryKey())
    kept = history.find(name)
    if kept is None:
        raise LookupError(f"{name!r} is neither a file nor a version kept in {history.folder}")
    return load_text(history.text(kept), str(path), EveryKey())
