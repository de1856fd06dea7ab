"""Every phrase of a listing that could be a keyword, with where and how it stands there."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.rules.keywords import cjk
from gateway.rules.keywords.model import Field
from gateway.rules.keywords.tokens import CJK, Kind, Stretch, Token, Word, shown

MOST_WORDS = 4
"""Longest candidate, in words that are not connectors."""
MOST_WORDS_CJK = 4
MOST_CANDIDATES = 6000
"""Candidates built before reading stops: bounds the time of a huge description."""
JOINING = ("fr", "es", "ja")
"""Languages with words that join a phrase: "botella de agua", "会計の世界史"."""
HEAD_FIRST = ("fr", "es")
"""Languages whose phrases begin at the head noun."""
_NO_HEAD = (Kind.COLOUR, Kind.AUDIENCE, Kind.NUMBER, Kind.UNIT, Kind.CODE, Kind.WEAK)
_MODIFIERS = (Kind.WORD, Kind.AUDIENCE, Kind.COLOUR)
_APART = 2
_REACH = 10
_STUFFED = 8
"""Words from which a run without separators is taken for a list of several product names."""
_RUNS = 4
_TITLE_LIKE = (Field.TITLE, Field.BULLET_POINTS)


@dataclass(slots=True)
class Candidate:
    """One phrase by its stems. `words` and `text` are those of its first occurrence."""

    stems: tuple[str, ...]
    words: tuple[Word, ...]
    text: str
    fields: dict[Field, int] = field(default_factory=dict)  # occurrences by field
    total: int = 0  # occurrences in the whole listing
    gapped: bool = False  # modifier and head that stand apart
    across: int = 0  # runs between its modifier and its head
    first: int = 0  # the stretch it first stands in
    whole_runs: int = 0  # occurrences that fill a whole run
    capitals: int = 0  # occurrences whose words are all capitalised
    edges: int = 0  # occurrences (ja) that begin and end where the script changes
    names: int = 0  # ... and whose neighbours outside the title are not
    title_run: int = 9  # which run of the title, 0 is the first
    to_head: int = 9  # words between its end and the head of that run
    from_start: int = 9  # words between the start of that run and its own
    title_place: float = 1.0  # 0 at the start of the title, 1 at its end
    whole_title_run: bool = False

    def seen_in(self, where: Field) -> None:
        """Count one more occurrence."""
        self.fields[where] = self.fields.get(where, 0) + 1
        self.total += 1


@dataclass(slots=True)
class Pool:
    """All candidates of a listing and how often each stem stands in it."""

    language: str
    found: dict[tuple[str, ...], Candidate]
    stems: Counter[str]
    title_words: int
    title_stems: set[str] = field(default_factory=set)
    title_heads: set[str] = field(default_factory=set)


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
        _across(pool, title)
    _place_in_title(pool)
    return pool


def runs(stretch: Stretch, language: str) -> Iterator[list[Token]]:
    """Cut a stretch at function words; connectors stay inside a run, never at its ends."""
    joining = language in JOINING
    run: list[Token] = []
    for token in stretch.tokens:
        kind = token.word.kind
        if kind is Kind.STOP or (kind is Kind.CONNECTOR and not (joining and run)):
            yield from _trimmed(run)
            run = []
        else:
            run.append(token)
    yield from _trimmed(run)


def _trimmed(run: list[Token]) -> Iterator[list[Token]]:
    while run and run[-1].word.kind is Kind.CONNECTOR:
        run = run[:-1]
    if run:
        yield run


def _collect(pool: Pool, stretch: Stretch, run: list[Token], title_runs: int) -> None:
    most = MOST_WORDS_CJK if pool.language in CJK else MOST_WORDS
    heads = heads_of(run, pool.language)
    for start, token in enumerate(run):
        if token.word.kind is Kind.CONNECTOR:
            continue
        words = 0
        for end in range(start, min(len(run), start + 2 * most)):
            kind = run[end].word.kind
            if kind is Kind.CONNECTOR:
                continue
            words += 1
            if words > most:
                break
            candidate = _add(pool, stretch, run[start : end + 1])
            if candidate is not None:
                candidate.names += stretch.field is not Field.TITLE and _stands_out(run, start, end)
                _note(candidate, _Place(title_runs, start, end, heads, len(run)), pool.language)
    if stretch.field in _TITLE_LIKE and pool.language not in CJK:
        _gapped(pool, stretch, run, _Place(title_runs, 0, 0, heads, len(run)))


def _add(pool: Pool, stretch: Stretch, part: list[Token]) -> Candidate | None:
    words = tuple(token.word for token in part)
    if all(word.kind in _NO_HEAD or word.kind is Kind.CONNECTOR for word in words):
        return None
    gap = part[-1].end - part[0].start > 90
    if gap:
        return None
    stems = tuple(s for word in words if word.kind is not Kind.CONNECTOR for s in word.stems)
    candidate = pool.found.get(stems)
    if candidate is None:
        text = shown(stretch.text[part[0].start : part[-1].end])
        candidate = pool.found[stems] = Candidate(stems, words, text, first=stretch.order)
    candidate.seen_in(stretch.field)
    candidate.gapped = False
    candidate.capitals += all(token.capital for token in part)
    if pool.language == "ja":
        candidate.edges += _at_edges(stretch.text, part[0].start, part[-1].end)
    return candidate


def _at_edges(text: str, start: int, end: int) -> bool:
    """Tell whether the script changes on both sides of text[start:end]."""
    before = start > 0 and cjk.script(text[start - 1]) == cjk.script(text[start])
    after = end < len(text) and cjk.script(text[end]) == cjk.script(text[end - 1])
    return not (before or after)


def _stands_out(run: list[Token], start: int, end: int) -> bool:
    """Tell whether a part is a longest sequence of capitalised words."""
    if not all(token.capital for token in run[start : end + 1]):
        return False
    after = end + 1 < len(run) and run[end + 1].capital
    return not (after or (start > 0 and run[start - 1].capital))


class _Place(NamedTuple):
    """A part of a run: the run's number in the title, first and last index, those of the heads, length."""

    run: int
    start: int
    end: int
    heads: tuple[int, ...]
    length: int


def _note(candidate: Candidate, at: _Place, language: str) -> None:
    whole = at.start == 0 and at.end == at.length - 1
    candidate.whole_runs += whole
    if candidate.fields.get(Field.TITLE) != 1 or candidate.total > 1:
        return  # only the first occurrence in the title tells the place
    candidate.title_run = at.run
    candidate.whole_title_run = whole
    if language in HEAD_FIRST:
        candidate.to_head = min(abs(at.start - head) for head in at.heads)
        candidate.from_start = at.length - 1 - at.end
    else:
        candidate.to_head = min(abs(at.end - head) for head in at.heads)
        candidate.from_start = at.start


def heads_of(run: list[Token], language: str) -> tuple[int, ...]:
    """Give the indexes of the head nouns, the main one first. A run stuffed with products has more
    than one: each product word that no other one follows ("wireless earphones ... sport earbuds")."""
    main = head_of(run, language)
    if len(run) < _STUFFED:
        return (main,)
    after = -1 if language in HEAD_FIRST else 1
    more = [
        at
        for at, token in enumerate(run)
        if token.word.product and at != main
        and not (0 <= at + after < len(run) and run[at + after].word.product)
    ]  # fmt: skip
    return (main, *more)


def head_of(run: list[Token], language: str) -> int:
    """Give the index of the head noun: last word (first in fr, es) that can be one."""
    if language == "de":  # German writes its nouns with a capital
        nouns = [at for at, t in enumerate(run) if t.capital and t.word.kind is Kind.WORD]
        if nouns:
            return nouns[-1]
    order = range(len(run)) if language in HEAD_FIRST else range(len(run) - 1, -1, -1)
    for at in order:
        if run[at].word.kind is Kind.WORD and not run[at].word.verb:
            return at
    return len(run) - 1


def _gapped(pool: Pool, stretch: Stretch, run: list[Token], place: _Place) -> None:
    """Add phrases of one or two modifiers + head that stand apart: "leather collar" of "leather dog
    collar". In long runs only the nearest modifiers and the first words (the brand) are tried."""
    for head in place.heads[:3]:
        _gapped_at(pool, stretch, run, place, head)


def _gapped_at(pool: Pool, stretch: Stretch, run: list[Token], place: _Place, head: int) -> None:
    others = [
        at
        for at in range(len(run))
        if at != head and run[at].word.kind in _MODIFIERS and abs(head - at) < _REACH
    ]
    for first, at in enumerate(others):
        if abs(head - at) >= _APART:
            _join(pool, stretch, _with_connectors(run, head, at), place, at)
        if stretch.field is Field.TITLE and pool.language not in JOINING:
            for other in others[first + 1 :]:
                three = sorted((at, other, head))
                if three[2] - three[0] > len(three) - 1:
                    _join(pool, stretch, [run[i] for i in three], place, three[0])


def _with_connectors(run: list[Token], head: int, at: int) -> list[Token]:
    """Give head and modifier with the connectors that lead to it: "termo [...] para niños"."""
    if at < head:
        return [run[at], run[head]]
    first = at
    while first - 1 > head and run[first - 1].word.kind is Kind.CONNECTOR:
        first -= 1
    return [run[head], *run[first : at + 1]]


def _join(pool: Pool, stretch: Stretch, part: list[Token], place: _Place, start: int) -> None:
    words = tuple(token.word for token in part)
    stems = tuple(s for word in words if word.kind is not Kind.CONNECTOR for s in word.stems)
    if stems in pool.found:
        return
    text = shown(" ".join(_written(stretch.text, t) for t in part))
    new = Candidate(stems, words, text, first=stretch.order, gapped=True)
    new.seen_in(stretch.field)
    if stretch.field is Field.TITLE:
        new.title_run, new.to_head, new.from_start = place.run, 0, start
    pool.found[stems] = new


def _written(text: str, token: Token) -> str:
    """Give a token as it stands, with the apostrophe of an elision (d')."""
    return text[token.start : token.end + (text[token.end : token.end + 1] == "'")]


def _across(pool: Pool, title: list[tuple[Stretch, list[Token]]]) -> None:
    """Add later word + head of the title: "chrome faucet" of "Shower Faucet in Chrome"."""
    if len(title) < 2 or pool.language in HEAD_FIRST:  # noqa: PLR2004 # head and a later run
        return
    (stretch, run), rest = title[0], title[1:_RUNS]
    head = head_of(run, pool.language)
    for number, (where, later) in enumerate(rest, 1):
        for at, token in enumerate(later[:4]):
            if token.word.kind not in _MODIFIERS:
                continue
            for count in (1, 2):
                part = run[max(0, head + 1 - count) : head + 1]
                words = (token.word, *(t.word for t in part))
                stems = tuple(stem for word in words for stem in word.stems)
                if len(part) < count or stems in pool.found or stems[0] in stems[1:]:
                    continue
                text = " ".join(
                    [shown(where.text[token.start : token.end])]
                    + [shown(stretch.text[t.start : t.end]) for t in part]
                )
                new = Candidate(stems, words, text, first=where.order, gapped=True, across=number)
                new.seen_in(Field.TITLE)
                new.title_run, new.to_head, new.from_start = 0, 0, at
                pool.found[stems] = new


def _place_in_title(pool: Pool) -> None:
    last = 1 + max((c.first for c in pool.found.values() if Field.TITLE in c.fields), default=0)
    for candidate in pool.found.values():
        if Field.TITLE in candidate.fields:
            candidate.title_place = candidate.first / last
