"""Keys: found in the environment or in secret files, never in the configuration."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from gateway.core.options import NO_SECRET, Secret

MAX_KEY_CHARS = 4096

_LOOKS_SECRET = re.compile(
    r"(?i:bearer\s+\S{8,})"
    r"|\b(sk-|xai-|gsk_|hf_|ghp_|glpat-)[A-Za-z0-9_-]{8,}"
    r"|\berpgw_[0-9a-z]{6,}_[A-Za-z0-9]{8,}"
    r"|\b(AKIA|LTAI|AIza)[A-Za-z0-9_-]{12,}"
    r"|://[^/@\s]+:[^/@\s]+@"
    r"|-----BEGIN "
)


class KeySource(Protocol):
    """An entry of the file that says where its key comes from."""

    @property
    def api_key_env(self) -> str:
        """Name of an environment variable, or empty."""
        ...

    @property
    def api_key_file(self) -> str:
        """Name of a file, or empty."""
        ...


class EveryKey(dict[str, str]):
    """An environment in which every key is there, for looking at a file away from its keys."""


class KeyMissing(Exception):
    """An entry has no usable key; the text says why and is shown to ops."""


def looks_secret(text: str) -> bool:
    """Whether a text has the form of a key, a token or an address with a password."""
    return bool(_LOOKS_SECRET.search(text))


def find_key(entry: KeySource, env: Mapping[str, str], folder: Path) -> Secret:
    """The entry's key: the variable's if set, else the file's, else none if none is named.

    Raises KeyMissing when one is named and neither gives a usable key.
    """
    if not (entry.api_key_env or entry.api_key_file):
        return NO_SECRET
    if isinstance(env, EveryKey):
        return Secret("assumed")
    unset = f"environment variable {entry.api_key_env} is not set" if entry.api_key_env else ""
    if entry.api_key_env and (value := env.get(entry.api_key_env, "").strip()):
        return _usable(value, f"environment variable {entry.api_key_env}")
    if not entry.api_key_file:
        raise KeyMissing(unset)
    try:
        return _usable(_read(folder / entry.api_key_file), f"key file {entry.api_key_file!r}")
    except KeyMissing as reason:
        raise KeyMissing("; ".join(filter(None, (unset, str(reason))))) from reason


def _read(path: Path) -> str:
    if path.exists() and not path.is_file():  # reading a pipe would wait for its writer
        raise KeyMissing(f"key file {str(path)!r} is no regular file")
    try:
        with path.open(encoding="ascii") as file:
            return file.read(MAX_KEY_CHARS + 3).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not plain ASCII"
        raise KeyMissing(f"key file {str(path)!r} cannot be read: {reason}") from error


def _usable(value: str, origin: str) -> Secret:
    """A key is sent as a header: one visible ASCII word."""
    if not value:
        raise KeyMissing(f"{origin} is empty")
    if len(value) > MAX_KEY_CHARS or not re.fullmatch(r"[!-~]+", value):
        raise KeyMissing(f"{origin} holds no key: a key is one word of ASCII characters")
    return Secret(value)
