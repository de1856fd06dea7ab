"""Tells when an answer repeats the instruction: by a random mark in it, by its own sentences."""

import re
import secrets
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

MARK_BYTES = 8
PIECE = 8
"""Characters of the mark in a row that give it away: by chance once in 4 thousand million."""
LONG_LINE = 40
"""Letters and digits of an instruction's line from which repeating it is no coincidence."""
WINDOW = 1_200
"""Letters and digits looked back at, so that a leak is found however its text is cut."""

_SIGNS = bytes(code for code in range(128) if not chr(code).isalnum())
_NOT_LETTERS = re.compile(r"[^0-9a-z\u3400-\u9fff\u3040-\u30ff]+")


class Canary:
    """A random mark for the instructions of one process."""

    def __init__(self, mark: str = "") -> None:
        self.mark = mark or secrets.token_hex(MARK_BYTES)
        whole = self.mark, self.mark[::-1]
        self._pieces = frozenset(w[n : n + PIECE] for w in whole for n in range(len(w) - PIECE + 1))
        self._tails = lru_cache(maxsize=64)(self._tails_of)

    def __repr__(self) -> str:
        return "Canary()"  # the mark belongs into no log

    def watch(self, instruction: str) -> "LeakWatch":
        """Watch one answer to a prompt with this instruction."""
        return LeakWatch(self._tails(instruction))

    def _tails_of(self, instruction: str) -> "Tails":
        tails: dict[str, list[str]] = {}
        for secret in self._pieces | long_lines(instruction):
            tails.setdefault(secret[-PIECE:], []).append(secret)
        return {tail: tuple(secrets) for tail, secrets in tails.items()}


Tails = Mapping[str, tuple[str, ...]]
"""Secrets by their last PIECE letters: with these every secret's repetition ends."""


class LeakWatch:
    """Watches the text of one answer as it comes; only what ends in the new text is looked for."""

    def __init__(self, tails: Tails) -> None:
        self._tails = tails
        self._seen = ""

    def leaks(self, text: str) -> bool:
        """Whether with this text a mark or a line of the instruction has been repeated."""
        new = squeezed(text)
        seen = self._seen = (self._seen + new)[-WINDOW - len(text) :]
        if len(new) > LONG_LINE:  # a whole answer: one look for each secret costs less
            return any(secret in seen for same in self._tails.values() for secret in same)
        for end in range(max(PIECE, len(seen) - len(new) + 1), len(seen) + 1):
            tail = seen[end - PIECE : end]
            if tail in self._tails and any(
                seen.endswith(secret, 0, end) for secret in self._tails[tail]
            ):
                return True
        return False


def long_lines(instruction: str) -> frozenset[str]:
    """The instruction's sentences that nobody writes by chance."""
    lines = map(squeezed, re.split(r"[\n.;:]", instruction))
    return frozenset(line for line in lines if len(line) >= LONG_LINE)


def squeezed(text: str) -> str:
    """Letters and digits only, in lower case."""
    if text.isascii():  # its own normal form; a table of signs costs a tenth of the pattern
        return text.lower().encode().translate(None, _SIGNS).decode()
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())
