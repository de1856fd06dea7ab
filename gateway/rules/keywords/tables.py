"""The tables as data, each read once at first use. `warm()` of the package reads them all."""

import array
import functools
import sys
import tomllib
import zlib
from bisect import bisect_left
from collections.abc import Mapping
from importlib import resources
from typing import Any

LANGUAGES = ("en", "zh", "de", "fr", "es", "ja")
UNKNOWN_ZIPF = 2.4
"""Zipf frequency assumed for a word not among the 30,000 most frequent (those end at 3.0)."""
_ZIPF_STEPS = 25  # as in data/build_frequencies.py


class Frequencies:
    """How common a word is in a language: Zipf scale (log10 of occurrences per 10**9 words).

    Five bytes a word; about 1 microsecond a look-up. See data/README.md for source and licence.
    """

    __slots__ = ("_crcs", "_zipfs", "language")

    def __init__(self, language: str, crcs: "array.array[int]", zipfs: bytes) -> None:
        self.language = language
        self._crcs = crcs
        self._zipfs = zipfs

    def __repr__(self) -> str:
        return f"Frequencies({self.language!r}, {len(self._crcs)} words)"

    def zipf(self, word: str) -> float:
        """Give 3.0 to 8.0 for a known lower-case word, 0.0 for an unknown one."""
        crc = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        at = bisect_left(self._crcs, crc)
        if at < len(self._crcs) and self._crcs[at] == crc:
            return self._zipfs[at] / _ZIPF_STEPS
        return 0.0


def read_bytes(name: str) -> bytes:
    """Read a file of the data folder."""
    return resources.files(__package__).joinpath("data", name).read_bytes()


@functools.cache
def read_toml(name: str) -> Mapping[str, Any]:
    """Read a table of the data folder; cached."""
    return tomllib.loads(read_bytes(name).decode())


@functools.cache
def _all_frequencies() -> Mapping[str, Frequencies]:
    blob, at, found = read_bytes("frequencies.bin"), 0, {}
    while at < len(blob):
        end = blob.index(b"\n", at)
        language, count = blob[at:end].decode().split()
        words_end = end + 1 + 4 * int(count)
        crcs = array.array("I", blob[end + 1 : words_end])
        if sys.byteorder == "big":
            crcs.byteswap()
        at = words_end + int(count)
        found[language] = Frequencies(language, crcs, blob[words_end:at])
    return found


def frequencies(language: str) -> Frequencies:
    """Give the word frequencies of one of LANGUAGES."""
    return _all_frequencies()[language]


@functools.cache
def word_set(file: str, language: str, key: str) -> frozenset[str]:
    """Give one blank-separated word list of a table: `[language] key = "..."`, plus `[all]`."""
    table = read_toml(file)
    lists = (table.get(part, {}).get(key, "") for part in ("all", language))
    return frozenset(word for text in lists for word in text.split())


@functools.cache
def phrases(file: str, language: str, key: str) -> tuple[str, ...]:
    """Give one list of phrases of a table, one a line: `[language] key = ...`, plus `[all]`."""
    table = read_toml(file)
    lists = (table.get(part, {}).get(key, "") for part in ("all", language))
    return tuple(line.strip() for text in lists for line in text.splitlines() if line.strip())


@functools.cache
def endings(file: str, language: str, key: str) -> tuple[str, ...]:
    """Give a word list as a tuple for `str.endswith`."""
    return tuple(sorted(word_set(file, language, key)))
