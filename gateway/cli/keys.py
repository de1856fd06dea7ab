"""`erp-gateway keys`: make, list, revoke and replace the keys of tenants."""

import argparse
import fcntl
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from gateway.cli.arguments import load_or_tell, parser
from gateway.config import ConfigError
from gateway.config.crosscheck_security import CALLS, TENANT
from gateway.config.keysfile import NAME_CHARACTERS, keys_path, moment, read_keys, write_keys
from gateway.core.keys import MAX_LIVE, Key, digest_of, id_of, minted
from gateway.core.scopes import Scopes

DAY_S = 86_400.0
HOUR_S = 3_600.0
_KEYS_FILE = "instead of the one that the configuration names"

Keys = dict[str, Key]


class KeysError(ValueError):
    """The keys cannot be changed as asked; the text says why and what to do."""


def main(arguments: Sequence[str]) -> int:
    """Exit code 1: the file has faults, or what is asked cannot be done."""
    asked = _parser().parse_args(arguments)
    path = _keys_path(asked)
    if path is None:
        return 1
    commands: dict[str, Callable[[argparse.Namespace, Path], None]] = {
        "create": _create,
        "list": _list,
        "revoke": _revoke,
        "rotate": _rotate,
    }
    try:
        commands[asked.command](asked, path)
    except (KeysError, ConfigError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{path}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _create(asked: argparse.Namespace, path: Path) -> None:
    now_s = time.time()
    scopes = Scopes(
        calls=tuple(asked.call),
        routes=tuple(asked.route),
        knowledge_bases=tuple(asked.knowledge_base),
        system_messages=asked.system_messages,
    )
    with _changing(path, new=True) as keys:
        _check_room(keys, asked.tenant, now_s)
        text, key = _made(asked.tenant, asked.name, scopes, now_s, asked.expires_days)
        keys[key.id] = key
    _tell(text, key, path)


def _rotate(asked: argparse.Namespace, path: Path) -> None:
    now_s = time.time()
    ends_s = now_s + asked.overlap_hours * HOUR_S
    with _changing(path) as keys:
        old = _found(keys, asked.id)
        if old.why_dead(now_s):
            raise KeysError(f"key {old.id!r} is not live; make a new one with `keys create`")
        keys[old.id] = replace(old, expires_s=min(ends_s, old.expires_s or ends_s))
        others = {key_id: key for key_id, key in keys.items() if key_id != old.id}
        if asked.overlap_hours:
            _check_room(others, old.tenant, now_s, room=MAX_LIVE - 1)
        text, key = _made(old.tenant, old.name, old.scopes, now_s, asked.expires_days)
        keys[key.id] = key
    _tell(text, key, path)
    print(f"the old key {old.id} ends {moment(keys[old.id].expires_s or now_s)}", file=sys.stderr)


def _revoke(asked: argparse.Namespace, path: Path) -> None:
    with _changing(path) as keys:
        key = _found(keys, asked.id)
        if key.revoked_s is None:
            keys[key.id] = replace(key, revoked_s=time.time())
    print(f"key {key.id} of tenant {key.tenant!r} is revoked; running gateways refuse it in 2 s")


def _list(asked: argparse.Namespace, path: Path) -> None:
    now_s = time.time()
    rows = [("id", "tenant", "state", "created", "expires", "may", "name")]
    for key in sorted(read_keys(path).keys.values(), key=lambda key: (key.tenant, key.created_s)):
        dead = key.why_dead(now_s)
        if asked.tenant in ("", key.tenant):
            state = dead.value if dead else "live"
            expires = "never" if key.expires_s is None else moment(key.expires_s)[:10]
            created = moment(key.created_s)[:10]
            rows.append((key.id, key.tenant, state, created, expires, _may(key.scopes), key.name))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _may(scopes: Scopes) -> str:
    parts = [
        *scopes.calls,
        *(f"route:{name}" for name in scopes.routes),
        *(f"kb:{name}" for name in scopes.knowledge_bases),
        *(["system_messages"] if scopes.system_messages else []),
    ]
    return ",".join(parts) or "everything"


@contextmanager
def _changing(path: Path, *, new: bool = False) -> Iterator[Keys]:
    """The keys, to be changed; written when all went well. One command at a time."""
    path = path.resolve()
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = new and not path.exists()
        keys: Keys = {} if missing else dict(read_keys(path).keys)
        yield keys
        write_keys(path, keys.values())


def _made(tenant: str, name: str, scopes: Scopes, now_s: float, days: float) -> tuple[str, Key]:
    text = minted(secrets.token_bytes)
    key = Key(
        id=id_of(text),
        tenant=tenant,
        sha256=digest_of(text),
        created_s=now_s,
        name=name,
        expires_s=now_s + days * DAY_S if days else None,
        scopes=scopes,
    )
    return text, key


def _check_room(keys: Keys, tenant: str, now_s: float, room: int = MAX_LIVE) -> None:
    live = [k.id for k in keys.values() if k.tenant == tenant and not k.why_dead(now_s)]
    if len(live) >= room:
        raise KeysError(
            f"tenant {tenant!r} would have more than {MAX_LIVE} live keys; revoke one first:"
            f" {', '.join(live)}"
        )


def _found(keys: Keys, key_id: str) -> Key:
    key_id = id_of(key_id) or key_id  # a whole key is as good as its id
    if key := keys.get(key_id):
        return key
    raise KeysError(f"no key has the id {key_id[:10]!r}; `erp-gateway keys list` shows all")


def _tell(text: str, key: Key, path: Path) -> None:
    """The key alone goes to standard output, so that a script can take it."""
    print(text)
    ends = "never expires" if key.expires_s is None else f"expires {moment(key.expires_s)}"
    print(
        f"key {key.id} of tenant {key.tenant!r} in {path}, {ends}. It is shown this once: hand it"
        " over safely; callers send `authorization: Bearer <key>`",
        file=sys.stderr,
    )


def _keys_path(asked: argparse.Namespace) -> Path | None:
    if asked.keys_file:
        return Path(asked.keys_file)
    config = load_or_tell(asked.config)
    if config is None:
        return None
    path = keys_path(config)
    if path is None:
        print(
            f"{config.path} names no keys file: add `security: {{keys_file: keys.json}}` to it,"
            " or say --keys-file FILE",
            file=sys.stderr,
        )
    return path


def _parser() -> argparse.ArgumentParser:
    made = parser("keys", "Make, list, revoke and replace the keys of tenants.")
    made.add_argument("--keys-file", metavar="FILE", default="", help=_KEYS_FILE)
    both = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    both.add_argument("--config", metavar="FILE", help=argparse.SUPPRESS)
    both.add_argument("--keys-file", metavar="FILE", help=_KEYS_FILE)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    create = commands.add_parser("create", parents=[both], help="make a key and show it once")
    create.add_argument("--tenant", required=True, type=_tenant)
    create.add_argument("--name", default="", type=_line, help="what it is for")
    create.add_argument("--call", action="append", default=[], choices=CALLS, help="repeatable")
    create.add_argument("--route", action="append", default=[], metavar="NAME", help="repeatable")
    create.add_argument(
        "--knowledge-base", action="append", default=[], metavar="NAME", help="repeatable"
    )
    create.add_argument("--system-messages", action="store_true", help="may send ROLE_SYSTEM")
    rotate = commands.add_parser(
        "rotate", parents=[both], help="make a successor; the old key ends soon"
    )
    rotate.add_argument("id", metavar="ID")
    rotate.add_argument(
        "--overlap-hours", type=_amount, default=24.0, help="how long both live; default 24"
    )
    for command in (create, rotate):
        command.add_argument(
            "--expires-days", type=_amount, default=365.0, help="0: never; default 365"
        )
    listing = commands.add_parser("list", parents=[both], help="every key, without its secret")
    listing.add_argument("--tenant", default="")
    revoke = commands.add_parser("revoke", parents=[both], help="refuse a key from now on")
    revoke.add_argument("id", metavar="ID")
    return made


def _tenant(text: str) -> str:
    if not TENANT.fullmatch(text):
        raise argparse.ArgumentTypeError("must be 1 to 63 letters, digits, '-', '_' or '.'")
    return text


def _line(text: str) -> str:
    if len(text) > NAME_CHARACTERS or not (text.isprintable() or not text):
        raise argparse.ArgumentTypeError(f"must be at most {NAME_CHARACTERS} printable characters")
    return text


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= 36_500:  # noqa: PLR2004 # a century
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 0 to 36500")
    return amount
