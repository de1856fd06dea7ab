"""Every phrase of a listing that could be a keyword, with where and how it stands there."""

from collections import Counter
from collections.abc import Iterable

from gateway.rules.keywords import cjk, gapped
from gateway.rules.keywords.candidates import (
    HEAD_FIRST,
    Candidate,
    Place,
    Pool,
    head_of,
    heads_of,
    runs,
)
from gateway.rules.keywords.model import Field
from gateway.rules.keywords.tokens import CJK, Kind, Stretch, Token, shown

MOST_WORDS = 4
"""Longest candidate, in words that are not connectors."""
MOST_CANDIDATES = 6000
"""Candidates built before reading stops: bounds the time of a huge description."""
_LONGEST_TEXT = 90  # characters
_NO_START = (Kind.CONNECTOR, Kind.UNIT)
_TITLE_LIKE = (Field.TITLE, Field.BULLET_POINTS)


def build(stretches: Iterable[Stretch], language: str) -> Pool:
    """Collect the candidates of all stretches, title first."""
    pool = Pool(language, {}, Counter(), 0)
    title: list[tuple[Stretch, list[Token]]] = []
    for stretch in stretches:
        in_title = stretch.field is Field.TITLE
        for run in runs(stretch, language):
            pool.stems.update(s for t in run for s in t.word.stems if t.word.kind < Kind.CONNECTOR)
            if len(pool.found) < MOST_CANDIDATES:
                _collect(pool, stretch, run, len(title))
            if in_title:
                title.append((stretch, run))
                pool.title_stems.update(s for t in run for s in t.word.stems)
                pool.title_heads.update(run[head_of(run, language)].word.stems)
                pool.title_words += len(run)
    if language not in CJK:
        gapped.across(pool, title)
    _place_in_title(pool)
    return pool


def _collect(pool: Pool, stretch: Stretch, run: list[Token], title_runs: int) -> None:
    heads = heads_of(run, pool.language)
    for start, token in enumerate(run):
        if token.word.kind not in _NO_START:
            _collect_from(pool, stretch, run, Place(title_runs, start, start, heads, len(run)))
    if stretch.field in _TITLE_LIKE and pool.language not in CJK:
        gapped.apart(pool, stretch, run, Place(title_runs, 0, 0, heads, len(run)))


def _collect_from(pool: Pool, stretch: Stretch, run: list[Token], place: Place) -> None:
    """Add every part of a run that begins at `place.start`.

    The inner loop of reading, so stems, capitals and heads grow with the part instead of being
    gathered anew.
    """
    start, first = place.start, run[place.start]
    stems: tuple[str, ...] = ()
    words, capital, can_head = 0, True, False
    for end in range(start, min(len(run), start + 2 * MOST_WORDS)):
        token = run[end]
        capital = capital and token.capital
        if token.word.kind is Kind.CONNECTOR:
            continue
        words += 1
        stems += token.word.stems
        can_head = can_head or token.word.kind is Kind.WORD
        if words > MOST_WORDS or token.end - first.start > _LONGEST_TEXT:
            return
        if not can_head or _cuts_measure(run, end):
            continue
        candidate = pool.found.get(stems) or _new(pool, stems, stretch, run[start : end + 1])
        candidate.seen_in(stretch.field)
        candidate.gapped = False
        candidate.capitals += capital
        if stretch.field is not Field.TITLE:
            candidate.names += capital and _stands_out(run, start, end)
        if pool.language == "ja":
            candidate.edges += _at_edges(stretch.text, first.start, token.end)
        _note(candidate, place, end, pool.language)


def _cuts_measure(run: list[Token], end: int) -> bool:
    """Tell whether a part ends between a number and its unit ("150" of "150 cm")."""
    if run[end].word.kind is not Kind.NUMBER or end + 1 == len(run):
        return False
    return run[end + 1].word.kind is Kind.UNIT


def _new(pool: Pool, stems: tuple[str, ...], stretch: Stretch, part: list[Token]) -> Candidate:
    words = tuple([token.word for token in part])
    text = shown(stretch.text[part[0].start : part[-1].end])
    candidate = pool.found[stems] = Candidate(stems, words, text, first=stretch.order)
    return candidate


def _at_edges(text: str, start: int, end: int) -> bool:
    """Tell whether the script changes on both sides of text[start:end]."""
    before = start > 0 and cjk.script(text[start - 1]) == cjk.script(text[start])
    after = end < len(text) and cjk.script(text[end]) == cjk.script(text[end - 1])
    return not (before or after)


def _stands_out(run: list[Token], start: int, end: int) -> bool:
    """Tell whether a part of capitalised words is a longest one."""
    after = end + 1 < len(run) and run[end + 1].capital
    return not (after or (start > 0 and run[start - 1].capital))


def _note(candidate: Candidate, at: Place, end: int, language: str) -> None:
    whole = at.start == 0 and end == at.length - 1
    candidate.whole_runs += whole
    if candidate.total > 1 or Field.TITLE not in candidate.fields:
        return  # only the first occurrence in the title tells the place
    candidate.title_run = at.run
    candidate.whole_title_run = whole
    if language in HEAD_FIRST:
        candidate.to_head = min([abs(at.start - head) for head in at.heads])
        candidate.from_start = at.length - 1 - end
    else:
        candidate.to_head = min([abs(end - head) for head in at.heads])
        candidate.from_start = at.start


def _place_in_title(pool: Pool) -> None:
    last = 1 + max((c.first for c in pool.found.values() if Field.TITLE in c.fields), default=0)
    for candidate in pool.found.values():
        if Field.TITLE in candidate.fields:
            candidate.title_place = candidate.first / last
