"""Words of Chinese (rjieba) and Japanese (runs of one script) text, with their places."""

import functools
import re
from collections.abc import Iterable, Iterator

from gateway.rules.keywords import tables

_CHUNK = re.compile(
    r"[\u3400-\u9fff々〇]+|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[-.'\u2044][^\W\u3040-\u30ff\u3400-\u9fff]+)*"
)


def spans(text: str, language: str) -> Iterable[tuple[int, int, str]]:
    """Give start, end and tag of every word."""
    return _chinese(text) if language == "zh" else _japanese(text)


@functools.cache
def _segmenter() -> object:
    import rjieba  # noqa: PLC0415 # 34 MB and 0.1 s: only for those who need Chinese

    return rjieba


def _chinese(text: str) -> Iterator[tuple[int, int, str]]:
    segmenter = _segmenter()
    for chunk in _CHUNK.finditer(text):
        if chunk.group().isascii():
            yield chunk.start(), chunk.end(), ""
            continue
        at = chunk.start()
        for word, tag in segmenter.tag(chunk.group()):  # type: ignore[attr-defined]
            yield at, at + len(word), tag
            at += len(word)


# One script a run. A run of kanji may carry okurigana that leads to another run (折りたたみ傘).
_RUN = re.compile(
    r"(?P<kanji>[\u3400-\u9fff々〇ヶ]+)|(?P<kata>[\u30a1-\u30fa\u30fc-\u30ff]+(?:[・=][\u30a1-\u30ff]+)*)|(?P<hira>[\u3041-\u309f]+)"
    r"|(?P<other>[^\W\u3040-\u30ff\u3400-\u9fff]+(?:[-.'\u2044][^\W\u3040-\u30ff\u3400-\u9fff]+)*)"
)


def _japanese(text: str) -> Iterator[tuple[int, int, str]]:
    runs = [(m.start(), m.end(), m.lastgroup or "") for m in _RUN.finditer(text)]
    at = 0
    while at < len(runs):
        start, end, script = runs[at]
        joined = _with_okurigana(text, runs, at)
        if joined > at:
            yield start, runs[joined][1], "mixed"
            at = joined + 1
            continue
        yield start, end, "particle" if script == "hira" and end - start < 3 else script
        at += 1


def _with_okurigana(text: str, runs: list[tuple[int, int, str]], at: int) -> int:
    """Give the index of the last run of one word that mixes kanji and hiragana (取り付け, 折りたたみ)."""
    known = tables.frequencies("ja")
    best = at
    for last in range(at + 1, min(at + 4, len(runs))):
        if runs[last][0] != runs[last - 1][1] or runs[last][2] not in ("kanji", "hira"):
            break
        if runs[at][2] == "kanji" and known.zipf(text[runs[at][0] : runs[last][1]]):
            best = last
    return best
