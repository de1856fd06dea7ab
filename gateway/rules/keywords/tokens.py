"""Words of a text, in stretches that no strong separator breaks."""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, cast

from gateway.rules.keywords import cjk, tables
from gateway.rules.keywords.model import Field

_STEMMERS = {"en": "porter", "de": "german", "fr": "french", "es": "spanish"}
CJK = ("zh", "ja")


class Kind(IntEnum):
    """What a word can do in a phrase."""

    WORD = 0
    WEAK = 1  # too general to be a keyword of its own
    COLOUR = 2
    AUDIENCE = 3
    NUMBER = 4  # a number or measure
    UNIT = 5
    CODE = 6  # model numbers and the like
    CONNECTOR = 7  # only inside a phrase
    STOP = 8  # never


@dataclass(frozen=True, slots=True)
class Word:
    """What is known of a word whatever its place; cached, so cheap per occurrence."""

    lower: str
    stems: tuple[str, ...]  # one per hyphenated part
    zipf: float  # of its rarest part; UNKNOWN_ZIPF when unknown
    kind: Kind
    verb: bool  # a word of prose, rarely of a product
    ending: str = ""  # what the ending of an English word says of it
    product: bool = False  # a word for a thing one can buy
    tag: str = ""  # part of speech (zh) or script (ja)


@dataclass(slots=True)
class Token:
    """A word at its place in a stretch's text."""

    word: Word
    start: int
    end: int
    capital: bool


@dataclass(slots=True)
class Stretch:
    """What stands between two strong separators. `order` counts through the whole listing."""

    field: Field
    order: int
    text: str
    tokens: list[Token]


# A dot ends a stretch unless it is a decimal point or ends an abbreviated unit ("24 in.").
_SEPARATORS = re.compile(
    r"[;:!?|•·･()\[\]{}<>\"“”„«»‹›,\n\r\t—–…、。，；：！？（）「」『』《》～~*=+#^\\/]+|\.(?=\s|$)|\s-+\s|(?<=\s)-+"
)
_DOT_UNITS = re.compile(
    r"(\d\s?(?:in|ft|gal|oz|lb|lbs|sq|cu|qt|pt|yd|dia|amp|pc|w|h|l|d|x|st|ca))\.", re.IGNORECASE
)
_WORD = re.compile(
    r"\d+(?:[.\u201a\u2044xX×]\d+)*[%°]?(?:[-]?[^\W\d_]+)*(?:-[^\W_]+)*|[^\W\d_]+(?:['.&][^\W\d_]+)*(?:[-]?\d+[^\W_]*)*(?:[-'][^\W_]+)*"
)
_MARKS = r"\u0300-\u036f\u064b-\u065f\u0900-\u0963\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_MARK = re.compile(f"[{_MARKS}]")
_MARKED_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}])*")
"""Vowels and tones of Thai, Hindi and Arabic are no word characters, but no word ends there."""
_CJK_BLANK = re.compile(r"(?<=[\u3040-\u9fff])\s+|\s+(?=[\u3040-\u9fff])")
_KATA_DOT = re.compile(r"(?<=[\u30a1-\u30ff])[・･](?=[\u30a1-\u30ff])")
_ELISION = re.compile(r"\b(d|l|qu|n|s|j|c|m|t|jusqu|lorsqu|puisqu)'(?=\w)", re.IGNORECASE)
_IN_NUMBERS = (
    (re.compile(r"(?<=\d),(?=\d)"), "\u201a"),  # 1,000 and 0,7: look-alikes while cutting
    (re.compile(r"(?<=\d)/(?=\d)"), "\u2044"),
)


def stretches(
    field: Field, text: str, language: str, first: int = 0, whole: frozenset[str] = frozenset()
) -> list[Stretch]:
    """Cut a cleaned text into stretches of tokens; empty ones are left out.

    `whole`: Chinese words of the tenant that are never cut apart.
    """
    text = _DOT_UNITS.sub(r"\1 ", text)
    for separator, look_alike in _IN_NUMBERS:
        text = separator.sub(look_alike, text)
    if language in CJK:
        text = _CJK_BLANK.sub("\n", text)
    if language == "fr":
        text = _ELISION.sub(r"\1' ", text)
    found: list[Stretch] = []
    if language == "ja":
        text = _KATA_DOT.sub("\u30fb", text)
    for piece in _SEPARATORS.split(text):
        if piece and not piece.isspace():
            tokens = list(_tokens(piece, language, whole))
            if tokens:
                found.append(Stretch(field, first + len(found), piece, tokens))
    return found


def _tokens(piece: str, language: str, whole: frozenset[str]) -> Iterable[Token]:
    if language in CJK:
        for start, end, tag in cjk.spans(piece, language, whole):
            text = piece[start:end]
            yield Token(word_of(text, language, tag), start, end, capital=False)
        return
    words = _WORD if piece.isascii() or not _MARK.search(piece) else _MARKED_WORD
    for match in words.finditer(piece):
        text = match.group()
        yield Token(word_of(text, language), match.start(), match.end(), text[:1].isupper())


def shown(text: str) -> str:
    """Undo the look-alikes of cutting: the form people see."""
    return " ".join(text.replace("\u2044", "/").replace("\u201a", ",").replace("' ", "'").split())


def stem(word: str, language: str) -> str:
    """Give the stem of one lower-case word; CJK words are their own stems."""
    return _stem(word, language if language in _STEMMERS else "")


@functools.lru_cache(maxsize=60_000)
def _stem(word: str, language: str) -> str:
    if not language or not word.isalpha():
        return word
    return _stemmer(language).stemWord(word)


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 # the library's name


@functools.cache
def _stemmer(language: str) -> _Stemmer:
    # Lazy: the package loads 30 languages, 0.1 to 0.4 s.
    import snowballstemmer  # noqa: PLC0415 # see above

    return cast("_Stemmer", snowballstemmer.stemmer(_STEMMERS[language]))


def stems_of(text: str, language: str) -> tuple[str, ...]:
    """Give the stems of a phrase in order, function words left out."""
    found: list[str] = []
    for stretch in stretches(Field.TITLE, text.casefold(), language):
        for token in stretch.tokens:
            if token.word.kind < Kind.CONNECTOR:
                found += token.word.stems
    return tuple(found)


@functools.lru_cache(maxsize=30_000)
def word_of(text: str, language: str, tag: str = "") -> Word:
    """Look a word up: stem, frequency, kind."""
    lower = shown(text).lower()
    parts = [part for part in re.split(r"[^\w]+", lower) if part] or [lower]
    if lower.endswith("'s"):
        parts = [lower[:-2]] if lower[:-2] else parts
    zipfs = [_zipf(part, language) for part in ([lower] if _zipf(lower, language) else parts)]
    return Word(
        lower=lower,
        stems=tuple(stem(part, language) for part in parts),
        zipf=min((z or tables.UNKNOWN_ZIPF) for z in zipfs),
        kind=_kind(lower, language, tag),
        verb=lower in tables.word_set("words.toml", language, "verbs"),
        ending=_ending(lower) if language == "en" else "",
        product=_is_product(lower, language),
        tag=tag,
    )


_ENDINGS = (
    ("ly", "ly"), ("ing", "ing"), ("ed", "ed"), ("able", "adj"), ("ible", "adj"), ("ful", "adj"),
    ("ous", "adj"), ("ive", "adj"), ("al", "adj"), ("ic", "adj"), ("less", "adj"), ("tion", "tion"),
)  # fmt: skip
_SHORTEST_DERIVED = 5  # "red", "ring", "king" and "deal" have no ending


def _ending(lower: str) -> str:
    if len(lower) < _SHORTEST_DERIVED:
        return ""
    return next((name for ending, name in _ENDINGS if lower.endswith(ending)), "")


def _is_product(lower: str, language: str) -> bool:
    last = lower.rsplit("-", 1)[-1]
    if stem(last, language) in _product_stems(language):
        return True
    if language == "de":
        found = tables.endings("products.toml", "de", "endings")
        return last.endswith(found)
    if language == "zh":
        return lower[-1:] in tables.word_set("products.toml", "zh", "endings") and len(lower) > 1
    if language == "ja":
        return lower.endswith(tables.endings("products.toml", "ja", "words"))
    return False


@functools.cache
def _product_stems(language: str) -> frozenset[str]:
    words = tables.word_set("products.toml", language, "words")
    return frozenset(stem(word, language) for word in words)


def _zipf(word: str, language: str) -> float:
    found = tables.frequencies(language).zipf(word)
    if not found and language in CJK and word.isascii():
        found = tables.frequencies("en").zipf(word)
    return found


_MEASURE = re.compile(r"[\d.,/%°x×-]+([^\W\d_]{0,7})")


def _kind(lower: str, language: str, tag: str) -> Kind:
    for key, kind in (
        ("connectors", Kind.CONNECTOR),
        ("stop", Kind.STOP),
        ("colours", Kind.COLOUR),
        ("audience", Kind.AUDIENCE),
        ("weak", Kind.WEAK),
        ("units", Kind.UNIT),
    ):
        if lower in tables.word_set("words.toml", language, key):
            return kind
    if any(c.isdigit() for c in lower):
        return _kind_with_digits(lower, language)
    if len(lower) == 1 and lower.isascii():
        return Kind.STOP
    if language == "ja" and tag == "particle":
        return Kind.STOP
    return Kind.NUMBER if tag == "m" else Kind.WORD


_CODE = 3  # digits that make a code, letters that make a word ("2-light", "bf400")


def _kind_with_digits(lower: str, language: str) -> Kind:
    measure = _MEASURE.fullmatch(lower)
    if measure:
        unit = measure.group(1)
        if not unit or unit in tables.word_set("words.toml", language, "units"):
            return Kind.NUMBER
        if language in CJK and not unit.isascii():
            return Kind.NUMBER
    letters = sum(c.isalpha() for c in lower)
    digits = sum(c.isdigit() for c in lower)
    return Kind.CODE if digits >= _CODE or letters < _CODE else Kind.WORD
