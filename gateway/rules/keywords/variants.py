"""When two phrases are one keyword: same words in any case, width, number, order or spelling."""

import functools
import re
import unicodedata

from gateway.rules.keywords import tables
from gateway.rules.keywords.clean import folded
from gateway.rules.keywords.tokens import CJK, stem

# Parts of a phrase: runs of letters and digits, cut where CJK meets another script.
_PART = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]+|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
_IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth",
    "mice": "mouse", "geese": "goose", "people": "person", "knives": "knife", "leaves": "leaf",
    "shelves": "shelf", "halves": "half", "wolves": "wolf", "scarves": "scarf", "lives": "life",
    "wives": "wife", "loaves": "loaf", "thieves": "thief", "calves": "calf", "hooves": "hoof",
}  # fmt: skip


def bare(text: str) -> str:
    """Give the folded text without accents (kana keep their voicing marks)."""
    if is_bare(text):
        return " ".join(text.casefold().split())
    marked = unicodedata.normalize("NFD", folded(text))
    kept = "".join(c for c in marked if not ("\u0300" <= c <= "\u036f"))
    return unicodedata.normalize("NFC", kept)


def is_bare(text: str) -> bool:
    """Tell most texts, which need no folding but that of case."""
    letters = text.replace(" ", "")
    return letters.isalnum() and (
        letters.isascii()
        or (min(letters) >= "\u3040" and unicodedata.is_normalized("NFKC", letters))
    )


@functools.lru_cache(maxsize=20_000)
def parts(text: str, language: str) -> tuple[str, ...]:
    """Give the comparable words of a phrase: bare stems, in order."""
    return tuple(_one(word, language) for word in _PART.findall(_without_possessive(bare(text))))


def _without_possessive(text: str) -> str:
    return re.sub(r"'s\b", "", text) if "'" in text else text


def _one(word: str, language: str) -> str:
    tongue = "en" if language in CJK and word.isascii() else language
    found = stem(_IRREGULAR.get(word, word), tongue)
    if found.endswith("s") and len(found) > _SHORTEST_PLURAL and not found.endswith("ss"):
        return found[:-1]  # English plurals stand in listings of every language
    return found


_SHORTEST_PLURAL = 3


def keys(text: str, language: str) -> frozenset[str]:
    """Give the keys of a phrase; two phrases that share one are variants of one another."""
    found = parts(text, language)
    if not found:
        return frozenset()
    words = sorted(content(text, language) or found)
    return frozenset({" ".join(words), "".join(found), _one("".join(raw(text)), language)})


@functools.lru_cache(maxsize=20_000)
def content(text: str, language: str) -> tuple[str, ...]:
    """Give the comparable words of a phrase without function words."""
    stops = _stops(language)
    return tuple(word for word in parts(text, language) if word not in stops)


@functools.cache
def _stops(language: str) -> frozenset[str]:
    found: set[str] = set()
    for key in ("stop", "connectors"):
        for word in tables.word_set("words.toml", language, key):
            found.update(parts(word, language))
    return frozenset(found)


@functools.lru_cache(maxsize=20_000)
def raw(text: str) -> list[str]:
    """Give the bare words of a phrase, not stemmed."""
    return _PART.findall(_without_possessive(bare(text)))


class Terms:
    """A set of terms that may not come out, looked up by whole words, stems or CJK substrings."""

    __slots__ = ("_cjk", "_inside", "_language", "_phrases", "_words")
    _INSIDE = 5  # a term this long is found inside longer Latin words too (compounds)

    def __init__(self, terms: tuple[str, ...], language: str, *, inside: bool = True) -> None:
        self._language = language
        self._words: set[str] = set()
        cjk: list[str] = []
        self._inside: list[str] = []  # long single words
        self._phrases: list[str] = []  # terms of several words, written together
        for term in terms:
            self._add(term, cjk, inside=inside)
        longest_first = sorted(cjk, key=lambda term: (-len(term), term))
        self._cjk = re.compile("|".join(map(re.escape, longest_first))) if cjk else None

    def __repr__(self) -> str:
        return f"Terms({len(self._words)} words, {self._language!r})"

    def _add(self, term: str, cjk: list[str], *, inside: bool) -> None:
        words = raw(term)
        joined = "".join(words)
        if not joined:
            return
        if any("\u3040" <= c <= "\u9fff" for c in joined):
            cjk.append(joined)
            return
        self._words |= {joined, joined + "s", joined + "es", "".join(parts(term, self._language))}
        if inside and len(joined) >= self._INSIDE:
            (self._inside if len(words) == 1 else self._phrases).append(joined)

    def within(self, text: str) -> str:
        """Give the first term found in the text, or an empty string."""
        if not (self._words or self._cjk):
            return ""
        words = raw(text)
        joined = "".join(words)
        if self._cjk and (found := self._cjk.search(joined)):
            return found.group()
        for term in self._phrases:
            if term in joined:
                return term
        for term in self._inside:
            if any(term in word for word in words):
                return term
        return self._sequence(words, parts(text, self._language))

    def _sequence(self, plain: list[str], stems: tuple[str, ...]) -> str:
        for words in (plain, stems):
            for start in range(len(words)):
                joined = ""
                for word in words[start : start + 6]:
                    joined += word
                    if joined in self._words:
                        return joined
        return ""
