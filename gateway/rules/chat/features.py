"""Turns a text into hashed n-grams: words, word pairs, and characters for typing errors."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import snowballstemmer

from gateway.rules.chat.text import CJK, fold, normalise

MAX_TOKENS = 120
"""Words read of a question; keeps the work bounded and long mails comparable to short questions."""
_TOKEN = re.compile(rf"[{CJK}]+|(?:(?![{CJK}])[^\W_])+")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_TO_SPACE = str.maketrans({c: " " for c in map(chr, range(128)) if not c.isalnum()})
_DIGITS = re.compile(r"\d+")
_IS_CJK = re.compile(f"[{CJK}]")
_STEMMER = snowballstemmer.stemmer("english")
SMALLEST_GRAM, LARGEST_GRAM = 2, 5
MAX_WORD_CHARS = 24

Counts = Counter[int]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


def tokens_of(text: str) -> list[str]:
    """Return folded words, and runs of Chinese or Japanese characters, digits made equal."""
    plain = fold(normalise(text))
    if "'" in plain:
        plain = _APOSTROPHE.sub("", plain)
    plain = _DIGITS.sub("0", plain)
    if plain.isascii():
        return plain.translate(_TO_SPACE).split()[:MAX_TOKENS]
    return _TOKEN.findall(plain)[:MAX_TOKENS]


def count_features(text: str) -> tuple[Counts, Counts]:
    """Count the hashed features of a text in two views: its words, and its characters.

    Words are stems and pairs of neighbours, for Chinese and Japanese one and two characters.
    """
    words: list[int] = []
    grams: list[int] = []
    row: list[str] = []
    for token in tokens_of(text):
        if not token.isascii() and _IS_CJK.match(token):
            short = _hashed(_grams(token, 1, 2))
            words.extend(short)
            grams.extend(short)
            grams.extend(_hashed(_grams(token, 3, 3)))
            row.append("_")
            continue
        stem, hashed, its_grams = _known_word(token[:MAX_WORD_CHARS])
        row.append(stem)
        words.append(hashed)
        grams.extend(its_grams)
    words.extend(_hashed(f"{a} {b}" for a, b in pairwise(row) if (a, b) != ("_", "_")))
    return Counter(words), Counter(grams)


@lru_cache(maxsize=4_000)
def _known_word(word: str) -> tuple[str, int, tuple[int, ...]]:
    """A word's stem, its hash, and the word's hashed grams; about 1 KB each. Words come again."""
    grams = _hashed(_grams(f" {word} ", SMALLEST_GRAM, LARGEST_GRAM))
    stem = _stem(word)
    return stem, zlib.crc32(stem.encode()), tuple(grams)


def _grams(token: str, smallest: int, largest: int) -> Iterable[str]:
    for size in range(smallest, largest + 1):
        yield from [token[start : start + size] for start in range(len(token) - size + 1)]


def _hashed(features: Iterable[str]) -> list[int]:
    """Hash with CRC-32: the same in every process, unlike Python's own hash."""
    return [zlib.crc32(feature.encode()) for feature in features]


def damped(count: int) -> float:
    """Let the second occurrence count less than the first."""
    return 1.0 + math.log(count)
