"""Words of Chinese (rjieba) and Japanese (runs of one script) text, with their places."""

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Protocol, cast

from gateway.rules.keywords import tables

_CHUNK = re.compile(
    r"[\u3400-\u9fff々〇]+|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[-.'\u2044][^\W\u3040-\u30ff\u3400-\u9fff]+)*"
)

_HAN = re.compile(r"[\u3400-\u9fff々〇]")


def spans(
    text: str, language: str, whole: frozenset[str] = frozenset()
) -> Iterable[tuple[int, int, str]]:
    """Give start, end and tag of every word; Chinese words in `whole` are never cut apart."""
    return _chinese(text, whole) if language == "zh" else _japanese(text)


class _Segmenter(Protocol):
    def tag(self, text: str) -> list[tuple[str, str]]: ...


@functools.cache
def _segmenter() -> _Segmenter:
    import rjieba  # noqa: PLC0415 # 34 MB and 0.1 s: only for those who need Chinese

    return cast("_Segmenter", rjieba)


def _chinese(text: str, whole: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    for chunk in _CHUNK.finditer(text):
        if not _HAN.match(chunk.group()):  # the segmenter would cut Nestlé into nestl and é
            yield chunk.start(), chunk.end(), ""
            continue
        for first, last, is_word in _known(chunk.group(), whole):
            at = chunk.start() + first
            if is_word:
                yield at, chunk.start() + last, "n"
                continue
            for word, tag in _segmenter().tag(chunk.group()[first:last]):
                yield at, at + len(word), tag
                at += len(word)


_LONGEST_WORD = 8


def _known(text: str, whole: frozenset[str]) -> Iterator[tuple[int, int, bool]]:
    """Cut out product words (longest first, from the left); the rest is for the segmenter."""
    words = tables.word_set("products.toml", "zh", "words")
    start = at = 0
    while at < len(text):
        for end in range(min(len(text), at + _LONGEST_WORD), at + 1, -1):
            if text[at:end] in words or text[at:end] in whole:
                if at > start:
                    yield start, at, False
                yield at, end, True
                start = at = end
                break
        else:
            at += 1
    if at > start:
        yield start, at, False


_KANJI = r"\u3400-\u9fff々〇ヶ"
_RUN = re.compile(
    rf"(?P<kanji>[{_KANJI}]+)|(?P<kata>[\u30a1-\u30fa\u30fc-\u30ff]+)|(?P<hira>[\u3041-\u309f]+)"
    rf"|(?P<other>[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[-.'\u2044][^\W\u3040-\u30ff\u3400-\u9fff]+)*)"
)
Span = tuple[int, int, str]


def script(character: str) -> str:
    """Name the script of a character: kanji, kata, hira, other, or nothing."""
    match = _RUN.match(character)
    return match.lastgroup or "" if match else ""


def _japanese(text: str) -> Iterator[Span]:
    """Cut at changes of script; long runs of kanji or katakana are cut into known words."""
    runs = [(m.start(), m.end(), m.lastgroup or "") for m in _RUN.finditer(text)]
    at = 0
    while at < len(runs):
        start, end, script = runs[at]
        joined = _with_okurigana(text, runs, at)
        if joined > at:
            yield start, runs[joined][1], "mixed"
            at = joined + 1
            continue
        if script == "hira":
            attached = at > 0 and runs[at - 1][1] == start
            yield from _hiragana(text, start, end, attached=attached)
        elif script in _SHORTEST and end - start > 2:  # noqa: PLR2004 # 2 kanji are one word
            yield from _known_words(text, start, end, script)
        else:
            yield start, end, script
        at += 1


def _with_okurigana(text: str, runs: list[Span], at: int) -> int:
    """Give the index of the last run of a word that mixes kanji and hiragana (折りたたみ)."""
    known = tables.frequencies("ja")
    best = at
    for last in range(at + 1, min(at + 4, len(runs))):
        if runs[last][0] != runs[last - 1][1] or runs[last][2] not in ("kanji", "hira"):
            break
        if runs[at][2] == "kanji" and known.zipf(text[runs[at][0] : runs[last][1]]):
            best = last
    return best


_PARTICLES = "のはがをにでともやへ"


def _hiragana(text: str, start: int, end: int, *, attached: bool) -> Iterator[Span]:
    """Give a hiragana run: endings and particles, or a word behind a particle (のおもちゃ)."""
    if not attached:
        yield start, end, "particle" if end - start < 3 else "hira"  # noqa: PLR2004 # の, から
        return
    rest = text[start + 1 : end]
    if text[start] in _PARTICLES and len(rest) > 2 and tables.frequencies("ja").zipf(rest):  # noqa: PLR2004
        yield start, start + 1, "particle"
        yield start + 1, end, "hira"
        return
    yield start, end, "particle"


_SHORTEST = {"kanji": 1, "kata": 3}
_LONGEST = 6
_UNKNOWN = 8.0  # cost of a piece that is no known word, plus 1 per character; known: 9 - zipf


def _known_words(text: str, start: int, end: int, script: str) -> Iterator[Span]:
    """Cut a run into the likeliest known words (unigram Viterbi); suffixes stay with their word."""
    cuts: list[tuple[int, int]] = []
    for first, last in _cuts(text[start:end], _SHORTEST[script]):
        if cuts and last - first == 1 and text[start + first] in _SUFFIXES:
            cuts[-1] = cuts[-1][0], last
        else:
            cuts.append((first, last))
    for first, last in cuts:
        yield start + first, start + last, script


_SUFFIXES = "的性者化用式型率感力法学家員業界部地物品機器用人数値量系"


@functools.lru_cache(maxsize=20_000)
def _cuts(run: str, shortest: int) -> tuple[tuple[int, int], ...]:
    known = tables.frequencies("ja")
    size = len(run)
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * size
    for end in range(1, size + 1):
        for start in range(end):
            length = end - start
            if length != size and (length < shortest or (length > _LONGEST and shortest == 1)):
                continue
            zipf = known.zipf(run[start:end])
            cost = best[start][0] + (9.0 - zipf if zipf else _UNKNOWN + length)
            if cost < best[end][0]:
                best[end] = cost, start
    found, end = [], size
    while end:
        start = best[end][1]
        found.append((start, end))
        end = start
    return tuple(reversed(found))
