"""Tells when an answer repeats the instruction: by a random mark in it, by its own sentences."""

import re
import secrets
import unicodedata
from functools import lru_cache

MARK_BYTES = 8
PIECE = 8
"""Characters of the mark in a row that give it away: by chance once in 4 thousand million."""
LONG_LINE = 40
"""Letters and digits of an instruction's line from which repeating it is no coincidence."""
WINDOW = 1_200
"""Letters and digits looked back at, so that a leak is found however its text is cut."""

_NOT_LETTERS = re.compile(r"[^0-9a-z\u3400-\u9fff\u3040-\u30ff]+")


class Canary:
    """A random mark for the instructions of one process."""

    def __init__(self, mark: str = "") -> None:
        self.mark = mark or secrets.token_hex(MARK_BYTES)
        whole = self.mark, self.mark[::-1]
        self._pieces = frozenset(w[n : n + PIECE] for w in whole for n in range(len(w) - PIECE + 1))

    def __repr__(self) -> str:
        return "Canary()"  # the mark belongs into no log

    def watch(self, instruction: str) -> "LeakWatch":
        """Watch one answer to a prompt with this instruction."""
        return LeakWatch(self._pieces | long_lines(instruction))


class LeakWatch:
    """Watches the text of one answer as it comes."""

    def __init__(self, secret: frozenset[str]) -> None:
        self._secret = secret
        self._seen = ""

    def leaks(self, text: str) -> bool:
        """Whether with this text a mark or a line of the instruction has been repeated."""
        self._seen = (self._seen + squeezed(text))[-WINDOW - len(text) :]
        return any(piece in self._seen for piece in self._secret)


@lru_cache(maxsize=64)
def long_lines(instruction: str) -> frozenset[str]:
    """The instruction's sentences that nobody writes by chance."""
    lines = map(squeezed, re.split(r"[\n.;:]", instruction))
    return frozenset(line for line in lines if len(line) >= LONG_LINE)


def squeezed(text: str) -> str:
    """Letters and digits only, in lower case."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())
