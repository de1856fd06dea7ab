"""API keys: how they look, which are known, and which of them may call. Pure.

A key is `erpgw_<id>_<secret><checksum>`: a prefix that scanners of leaked secrets find, an id that
may stand in logs, 256 random bits, and a checksum by which a mistyped or cut key is told from a
foreign one. Kept is the SHA-256 of the whole: the secret is random, so that a slow hash would only
make calls slow (136 ms each).
"""

import hmac
import re
from binascii import crc32
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from gateway.core.scopes import Scopes

PREFIX = "erpgw"
SECRET_BYTES = 32
ID_CHARACTERS = 10
"""Of 32 letters and digits: 50 bits, so that ids do not meet by chance."""
SECRET_CHARACTERS = 43
"""What 256 bits take in base 62."""
CHECKSUM_CHARACTERS = 6
"""What a CRC-32 takes in base 62."""
MAX_LIVE = 2
"""Live keys of one tenant: one in use, and one that takes over."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
ID = re.compile(f"[{_BASE32}]{{{ID_CHARACTERS}}}")


class Refusal(StrEnum):
    """Why a key is refused: for logs and counters, never for callers."""

    ABSENT = "absent"
    UNKNOWN = "unknown"
    WRONG = "wrong"
    EXPIRED = "expired"
    REVOKED = "revoked"
    THROTTLED = "throttled"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is kept of a key. Moments are epoch seconds; None: never."""

    id: str
    tenant: str
    sha256: bytes
    created_s: float
    name: str = ""
    expires_s: float | None = None
    revoked_s: float | None = None
    scopes: Scopes = Scopes()  # noqa: RUF009 # frozen

    def why_dead(self, now_s: float) -> Refusal | None:
        """Why it may not be used at this moment; None when it may."""
        if self.revoked_s is not None and self.revoked_s <= now_s:
            return Refusal.REVOKED
        if self.expires_s is not None and self.expires_s <= now_s:
            return Refusal.EXPIRED
        return None


def minted(random_bytes: Callable[[int], bytes]) -> str:
    """A new key's text. `random_bytes` must be fit for secrets, such as `secrets.token_bytes`."""
    number = int.from_bytes(random_bytes(8), "big")
    key_id = "".join(_BASE32[number >> 5 * place & 31] for place in range(ID_CHARACTERS))
    secret = _base62(int.from_bytes(random_bytes(SECRET_BYTES), "big"), SECRET_CHARACTERS)
    start = f"{PREFIX}_{key_id}_{secret}"
    return start + _checksum(start)


def digest_of(text: str) -> bytes:
    """What is kept of a key's text."""
    return sha256(text.encode("utf-8", "replace")).digest()


def id_of(text: str) -> str:
    """The id in a key's text; empty when it has none."""
    parts = text.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX else ""  # noqa: PLR2004 # three parts


def is_whole(text: str) -> bool:
    """Whether a key's checksum fits: false for one that was mistyped or cut."""
    return _checksum(text[:-CHECKSUM_CHARACTERS]) == text[-CHECKSUM_CHARACTERS:]


class KeyRing:
    """All keys of one version of the keys file."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys: Mapping[str, Key] = {key.id: key for key in keys}

    def __repr__(self) -> str:
        return f"KeyRing({len(self.keys)} keys)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyRing) and self.keys == other.keys

    __hash__ = None  # type: ignore[assignment] # compared, never a key

    def judge(self, text: str, now_s: float) -> Key | Refusal:
        """The key that this text is, or why it may not call.

        Every text costs one SHA-256 and one comparison in constant time, whether or not there is
        such an id, so that the time of a refusal tells nothing.
        """
        digest = digest_of(text)
        key = self.keys.get(id_of(text), _NOBODY)
        equal = hmac.compare_digest(digest, key.sha256)
        if equal and key is not _NOBODY:
            return key.why_dead(now_s) or key
        if key is not _NOBODY:
            return Refusal.WRONG
        return Refusal.UNKNOWN if text else Refusal.ABSENT


_NOBODY = Key(id="", tenant="", sha256=bytes(32), created_s=0.0)


def _checksum(text: str) -> str:
    return _base62(crc32(text.encode("utf-8", "replace")), CHECKSUM_CHARACTERS)


def _base62(number: int, characters: int) -> str:
    digits = []
    for _ in range(characters):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))
