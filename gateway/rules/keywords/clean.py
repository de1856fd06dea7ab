"""From what sellers paste to plain text: width, HTML, emoji, marketing phrases."""

import functools
import html
import re
import unicodedata
from collections.abc import Iterable

from gateway.rules.keywords import tables

MAX_CHARACTERS = 20_000
"""Characters read of one field; the rest is left out, and the result names the field."""
SEPARATOR = "\n"
"""What a removed piece leaves behind: no phrase runs across it."""

_BLOCK = re.compile(r"<(script|style)\b[^<]{0,20000}</\1\s*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,1000}>")
_ZERO_WIDTH = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
# Emoji, dingbats, arrows, boxes, private use, surrogates, controls; © ® ™ fall with them.
_SYMBOLS = re.compile(
    "[\u00a9\u00ae\u2122\u2190-\u23ff\u2460-\u27bf\u2900-\u297f\u2b00-\u2bff\u3010\u3011\u3012"
    "\ud800-\udfff\ue000-\uf8ff\U0001f000-\U0001faff\U000e0000-\U000e007f\x00-\x08\x0b-\x1f\x7f]"
)
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "‐": "-", "‑": "-", "″": '"'})
_URL = re.compile(r"(?:https?://|www\.)\S{1,500}|[^\s@]{1,64}@[^\s@]{1,64}\.\w{2,10}")
_YEAR = re.compile(
    r"(?<![\w.-])20[1-4]\d(?:-20[1-4]\d)?(?=$|[^\w.%-]|年|新|最|款|モデル|秋|冬|春|夏)年?"
)


def plain(text: str, most: int = MAX_CHARACTERS) -> str:
    """Give NFKC text without HTML, emoji and addresses; pieces removed leave SEPARATOR."""
    text = text[:most]
    if "<" in text:
        text = _TAG.sub(SEPARATOR, _BLOCK.sub(SEPARATOR, text))
    if "&" in text:
        text = html.unescape(text)
        text = _TAG.sub(SEPARATOR, text) if "<" in text else text
    text = _SYMBOLS.sub(SEPARATOR, _ZERO_WIDTH.sub("", text))
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    return _URL.sub(SEPARATOR, text) if ("://" in text or "@" in text or "www" in text) else text


def folded(text: str) -> str:
    """Give the form in which texts are compared: plain, case-folded, single blanks."""
    return " ".join(plain(text).casefold().split())


def without_marketing(text: str, language: str) -> str:
    """Cut marketing phrases and years; pieces removed leave SEPARATOR."""
    return _marketing(language).sub(SEPARATOR, _YEAR.sub(SEPARATOR, text))


def is_marketing(text: str, language: str) -> bool:
    """Tell whether a marketing phrase or a year stands in the text."""
    return bool(_marketing(language).search(text) or _YEAR.search(text))


def pattern_of(terms: Iterable[str]) -> re.Pattern[str]:
    """Build one pattern of many phrases: whole words for Latin ones, anywhere for CJK ones."""
    found = sorted({*terms} - {""}, key=lambda term: (-len(term), term))
    groups: dict[tuple[bool, bool], list[str]] = {}
    for term in found:
        ends = (_latin_word(term[0]), _latin_word(term[-1]))
        groups.setdefault(ends, []).append(_body(term))
    return re.compile("|".join(map(_bounded, groups.items())) or r"(?!)", re.IGNORECASE)


def _body(term: str) -> str:
    return r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", term)))


def _bounded(group: tuple[tuple[bool, bool], list[str]]) -> str:
    # one boundary for a whole group, regardless of case: compiling such a range takes 2 ms each
    (left, right), bodies = group
    before = r"(?-i:(?<![^\W\u3040-\u9fff]))" if left else ""
    after = r"(?-i:(?![^\W\u3040-\u9fff]))" if right else ""
    return f"{before}(?:{'|'.join(bodies)}){after}"


def _latin_word(character: str) -> bool:
    return character.isalnum() and not "\u3040" <= character <= "\u9fff"


@functools.cache
def _marketing(language: str) -> re.Pattern[str]:
    terms = set(tables.phrases("marketing.toml", language, "phrases"))
    if language != "en":  # English slogans stand in listings of every language
        terms |= set(tables.phrases("marketing.toml", "en", "phrases")) - _NOT_ABROAD
    return pattern_of(terms)


_NOT_ABROAD = {"cod", "promotion", "garantie", "coupon"}  # words of other languages too
