"""When two phrases are one keyword: same words in any case, width, number, order or spelling."""

import functools
import re
import unicodedata

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
    marked = unicodedata.normalize("NFD", folded(text))
    kept = "".join(c for c in marked if not ("\u0300" <= c <= "\u036f"))
    return unicodedata.normalize("NFC", kept)


@functools.lru_cache(maxsize=20_000)
def parts(text: str, language: str) -> tuple[str, ...]:
    """Give the comparable words of a phrase: bare stems, in order."""
    return tuple(_one(word, language) for word in _PART.findall(_without_possessive(bare(text))))


def _without_possessive(text: str) -> str:
    return re.sub(r"'s\b", "", text) if "'" in text else text


def _one(word: str, language: str) -> str:
    return stem(
        _IRREGULAR.get(word, word), "en" if language in CJK and word.isascii() else language
    )


def keys(text: str, language: str) -> frozenset[str]:
    """Give the keys of a phrase; two phrases that share one are variants of one another."""
    found = parts(text, language)
    if not found:
        return frozenset()
    return frozenset({" ".join(sorted(found)), "".join(found), _one("".join(_raw(text)), language)})


def _raw(text: str) -> list[str]:
    return _PART.findall(_without_possessive(bare(text)))


class Terms:
    """A set of terms that may not come out, looked up by whole words, stems or CJK substrings."""

    __slots__ = ("_cjk", "_inside", "_language", "_words")
    _INSIDE = 5  # a term this long is found inside longer Latin words too (compounds)

    def __init__(self, terms: tuple[str, ...], language: str, *, inside: bool = True) -> None:
        self._language = language
        self._words: set[str] = set()
        self._cjk: list[str] = []
        self._inside: list[str] = []
        for term in terms:
            self._add(term, inside=inside)

    def __repr__(self) -> str:
        return f"Terms({len(self._words)} words, {len(self._cjk)} CJK, {self._language!r})"

    def _add(self, term: str, *, inside: bool) -> None:
        raw = "".join(_raw(term))
        if not raw:
            return
        if any("\u3040" <= c <= "\u9fff" for c in raw):
            self._cjk.append(raw)
            return
        self._words |= {raw, "".join(parts(term, self._language))}
        if inside and len(raw) >= self._INSIDE:
            self._inside.append(raw)

    def within(self, text: str) -> str:
        """Give the first term found in the text, or an empty string."""
        if not (self._words or self._cjk):
            return ""
        raw = _raw(text)
        compact = "".join(raw)
        for term in self._cjk:
            if term in compact:
                return term
        for term in self._inside:
            if any(term in word for word in raw):
                return term
        return self._sequence(raw, parts(text, self._language))

    def _sequence(self, raw: list[str], stems: tuple[str, ...]) -> str:
        for words in (raw, stems):
            for start in range(len(words)):
                joined = ""
                for word in words[start : start + 6]:
                    joined += word
                    if joined in self._words:
                        return joined
        return ""
