"""The keys file: strictly read with line and column, written whole or not at all.

It is JSON, for a JSON text that was cut anywhere is no JSON: a half-written file can never be taken
for one with fewer keys. It holds hashes, never a key.
"""

import contextlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from gateway.config.crosscheck_security import CALLS, TENANT
from gateway.config.errors import ConfigError, Problem, SourceError, Spot
from gateway.config.files import read_text
from gateway.config.node import Node
from gateway.config.schema import Config
from gateway.config.secrets import looks_secret
from gateway.config.tree import read_tree
from gateway.config.validate import nearest
from gateway.core.keys import ID, Key, KeyRing
from gateway.core.scopes import Scopes

NAME_CHARACTERS = 100
"""Longest name of a key."""

_SHA256 = re.compile("[0-9a-f]{64}")
_FIELDS = ("tenant", "name", "sha256", "created", "expires", "revoked", "scopes")
_NEEDED = ("tenant", "sha256", "created")
_LISTS = ("calls", "routes", "knowledge_bases")
_MISSING = "there is no such file; `erp-gateway keys create --tenant NAME` makes the first key"
_NO_JSON = "this is no JSON object; keys files are written by `erp-gateway keys`"


def read_keys(path: Path) -> KeyRing:
    """The keys in a file. Raises ConfigError with every fault, or SourceError."""
    return parse_keys(keys_file_text(path), str(path))


def keys_file_text(path: Path) -> str:
    """The text of a keys file. Raises SourceError, or ConfigError where it is no UTF-8."""
    if not path.exists():
        raise SourceError(str(path), _MISSING)
    return read_text(path)


def keys_path(config: Config) -> Path | None:
    """Where the configuration's keys file stands; None when it names none."""
    name = config.security.keys_file
    return Path(config.path).parent / name if name else None


def parse_keys(text: str, path: str) -> KeyRing:
    """The keys in a text; `path` is for messages. Raises ConfigError with every fault."""
    if not text.lstrip().startswith("{"):
        raise ConfigError(path, [Problem(Spot(1, 1), _NO_JSON)])
    tree, problems = read_tree(text)
    if tree is None or problems:
        raise ConfigError(path, problems)
    reading = _Reading()
    keys = list(reading.keys(tree))
    if reading.problems:
        raise ConfigError(path, reading.problems)
    return KeyRing(keys)


def keys_text(keys: Iterable[Key]) -> str:
    """The text of a keys file."""
    known = {key.id: _entry(key) for key in keys}
    return json.dumps({"keys": known}, indent=2, ensure_ascii=False) + "\n"


def write_keys(path: Path, keys: Iterable[Key]) -> None:
    """Replace the file at once; on any failure the old one is still there. Raises OSError.

    Readable by its owner alone, and kept by the owner it had when root writes it.
    """
    path = path.resolve()  # a link is followed, not replaced
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(fresh, "xb", opener=_private) as file:  # an opener
            file.write(keys_text(keys).encode())
            file.flush()
            os.fsync(file.fileno())
            if path.exists() and os.geteuid() == 0:
                os.fchown(file.fileno(), path.stat().st_uid, path.stat().st_gid)
        fresh.replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def moment(epoch_s: float) -> str:
    """Epoch seconds as the file writes them."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _shown(word: str) -> str:
    """A word of the file for a message; a key that was pasted there is not repeated."""
    return "'***'" if looks_secret(word) else repr(word[:40])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _entry(key: Key) -> dict[str, object]:
    entry: dict[str, object] = {
        "tenant": key.tenant,
        "name": key.name,
        "sha256": key.sha256.hex(),
        "created": moment(key.created_s),
    }
    for name, at_s in (("expires", key.expires_s), ("revoked", key.revoked_s)):
        if at_s is not None:
            entry[name] = moment(at_s)
    scopes: dict[str, object] = {n: list(v) for n in _LISTS if (v := getattr(key.scopes, n))}
    if key.scopes.system_messages:
        scopes["system_messages"] = True
    return entry | ({"scopes": scopes} if scopes else {})


class _Reading:
    """Turns nodes into keys and collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def keys(self, tree: Node) -> Iterator[Key]:
        self._known(tree, ("keys",), "the file")
        listed = tree.child("keys")
        if listed is None or not isinstance(listed.value, dict):
            self._wrong(listed or tree, "the file needs a mapping under 'keys'")
            return
        for key_id, node in listed.value.items():
            if not ID.fullmatch(key_id):
                self.problems.append(
                    Problem(
                        listed.keys[key_id], f"{_shown(key_id)} is no id of a key: 10 of a-z, 0-9"
                    )
                )
            elif key := self._key(key_id, node):
                yield key

    def _key(self, key_id: str, node: Node) -> Key | None:
        before = len(self.problems)
        if not isinstance(node.value, dict):
            self._wrong(node, f"key {key_id!r} must be a mapping")
            return None
        self._known(node, _FIELDS, f"key {key_id!r}")
        for name in _NEEDED:
            if node.child(name) is None:
                self._wrong(node, f"key {key_id!r} needs {name!r}")
        digest = self._text(node, "sha256", _SHA256, "64 hexadecimal digits, in lower case")
        tenant = self._text(node, "tenant", TENANT, "1 to 63 letters, digits, '-', '_' or '.'")
        name = self._text(node, "name", re.compile(f".{{0,{NAME_CHARACTERS}}}"), "one line of text")
        created_s, expires_s, revoked_s = (
            self._moment(node, field) for field in ("created", "expires", "revoked")
        )
        scopes = self._scopes(node.child("scopes"))
        if len(self.problems) > before:
            return None
        return Key(
            id=key_id,
            tenant=tenant,
            sha256=bytes.fromhex(digest),
            created_s=created_s or 0.0,
            name=name,
            expires_s=expires_s,
            revoked_s=revoked_s,
            scopes=scopes,
        )

    def _scopes(self, node: Node | None) -> Scopes:
        if node is None:
            return Scopes()
        if not isinstance(node.value, dict):
            self._wrong(node, "scopes must be a mapping")
            return Scopes()
        self._known(node, (*_LISTS, "system_messages"), "scopes")
        system = node.child("system_messages")
        if system and not isinstance(system.value, bool):
            self._wrong(system, "system_messages must be true or false")
        calls, routes, bases = (self._names(node.child(name), name) for name in _LISTS)
        return Scopes(
            calls=calls,
            routes=routes,
            knowledge_bases=bases,
            system_messages=bool(system and system.value),
        )

    def _names(self, node: Node | None, name: str) -> tuple[str, ...]:
        if node is None:
            return ()
        words = [item.value for item in node.value] if isinstance(node.value, list) else []
        if not words or not all(isinstance(word, str) and word for word in words):
            self._wrong(node, f"{name} must be a list of names; leave it out to allow all")
        for word in words:
            if name == "calls" and word not in CALLS:
                hint = f"{nearest(str(word), list(CALLS))} (allowed: {', '.join(CALLS)})"
                self._wrong(node, f"unknown call {_shown(str(word))}{hint}")
        return tuple(map(str, words))

    def _text(self, node: Node, field: str, form: re.Pattern[str], words: str) -> str:
        found = node.child(field)
        if found is None:
            return ""
        if not (isinstance(found.value, str) and form.fullmatch(found.value)):
            self._wrong(found, f"{field} must be {words}")
            return ""
        return found.value

    def _moment(self, node: Node, field: str) -> float | None:
        found = node.child(field)
        if found is None:
            return None
        try:
            at = datetime.fromisoformat(str(found.value))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            self._wrong(found, f"{field} must be a moment such as '2026-11-22T15:30:00Z'")
            return None
        return at.timestamp()

    def _known(self, node: Node, allowed: tuple[str, ...], where: str) -> None:
        for key, spot in node.keys.items():
            if key not in allowed:
                hint = f"{nearest(key, list(allowed))} (allowed: {', '.join(allowed)})"
                self.problems.append(Problem(spot, f"unknown key {_shown(key)} in {where}{hint}"))

    def _wrong(self, node: Node, message: str) -> None:
        self.problems.append(Problem(node.spot, message))
