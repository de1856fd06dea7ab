"""Every phrase of a listing that could be a keyword, with where and how it stands there."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.rules.keywords.model import Field
from gateway.rules.keywords.tokens import CJK, Kind, Stretch, Token, Word, shown

MOST_WORDS = 4
"""Longest candidate, in words that are not connectors."""
MOST_WORDS_CJK = 4
MOST_CANDIDATES = 6000
"""Candidates built before reading stops: bounds the time of a huge description."""
HEAD_FIRST = ("fr", "es")
"""Languages whose phrases begin at the head noun."""
_NO_HEAD = (Kind.COLOUR, Kind.AUDIENCE, Kind.NUMBER, Kind.UNIT, Kind.CODE, Kind.WEAK)
_TITLE_LIKE = (Field.TITLE, Field.BULLET_POINTS)


@dataclass(slots=True)
class Candidate:
    """One phrase by its stems. `words` and `text` are those of its first occurrence."""

    stems: tuple[str, ...]
    words: tuple[Word, ...]
    text: str
    fields: Counter[Field] = field(default_factory=Counter)
    gapped: bool = False  # modifier and head that stand apart
    first: int = 0  # the stretch it first stands in
    whole_runs: int = 0  # occurrences that fill a whole run
    capitals: int = 0  # occurrences whose words are all capitalised
    title_run: int = 9  # which run of the title, 0 is the first
    to_head: int = 9  # words between its end and the head of that run
    from_start: int = 9  # words between the start of that run and its own
    title_place: float = 1.0  # 0 at the start of the title, 1 at its end
    whole_title_run: bool = False

    @property
    def total(self) -> int:
        """Occurrences in the whole listing."""
        return self.fields.total()


@dataclass(slots=True)
class Pool:
    """All candidates of a listing and how often each stem stands in it."""

    language: str
    found: dict[tuple[str, ...], Candidate]
    stems: Counter[str]
    title_words: int


def build(stretches: Iterable[Stretch], language: str) -> Pool:
    """Collect the candidates of all stretches, title first."""
    pool = Pool(language, {}, Counter(), 0)
    title_runs = 0
    for stretch in stretches:
        in_title = stretch.field is Field.TITLE
        for run in runs(stretch, language):
            pool.stems.update(s for t in run for s in t.word.stems if t.word.kind < Kind.CONNECTOR)
            if len(pool.found) < MOST_CANDIDATES:
                _collect(pool, stretch, run, title_runs)
            if in_title:
                title_runs += 1
                pool.title_words += len(run)
    _place_in_title(pool)
    return pool


def runs(stretch: Stretch, language: str) -> Iterator[list[Token]]:
    """Cut a stretch at function words; connectors stay inside a run, never at its ends."""
    joining = language in HEAD_FIRST
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
    head = head_of(run, pool.language)
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
                _note(candidate, (start, end, head, len(run)), run, title_runs)
    if stretch.field in _TITLE_LIKE and pool.language not in CJK:
        _gapped(pool, stretch, run, head)


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
    candidate.fields[stretch.field] += 1
    candidate.gapped = False
    candidate.capitals += all(token.capital for token in part)
    return candidate


def _note(
    candidate: Candidate, place: tuple[int, int, int, int], run: list[Token], title_runs: int
) -> None:
    start, end, head, length = place
    whole = start == 0 and end == length - 1
    candidate.whole_runs += whole
    if candidate.fields[Field.TITLE] == 1 and candidate.title_run == 9:  # noqa: PLR2004 # unset
        if len(candidate.fields) == 1:
            candidate.title_run = title_runs
            candidate.to_head = abs(head - end)
            candidate.from_start = start
            candidate.whole_title_run = whole
    del run


def head_of(run: list[Token], language: str) -> int:
    """Give the index of the head noun: last word (first in fr, es) that can be one."""
    order = range(len(run)) if language in HEAD_FIRST else range(len(run) - 1, -1, -1)
    for at in order:
        if run[at].word.kind is Kind.WORD and not run[at].word.verb:
            return at
    return len(run) - 1


def _gapped(pool: Pool, stretch: Stretch, run: list[Token], head: int) -> None:
    """Add modifier + head of the product where they stand apart ("dog collar", "leather ... collar")."""
    for at, token in enumerate(run):
        if abs(head - at) < 2 or token.word.kind not in (Kind.WORD, Kind.AUDIENCE, Kind.COLOUR):  # noqa: PLR2004
            continue
        pair = (token, run[head]) if at < head else (run[head], token)
        words = tuple(t.word for t in pair)
        stems = tuple(s for word in words for s in word.stems)
        if stems in pool.found:
            continue
        text = " ".join(shown(stretch.text[t.start : t.end]) for t in pair)
        new = Candidate(stems, words, text, first=stretch.order, gapped=True)
        new.fields[stretch.field] += 1
        if stretch.field is Field.TITLE:
            new.title_run, new.to_head, new.from_start = 0, 0, at
        pool.found[stems] = new


def _place_in_title(pool: Pool) -> None:
    last = 1 + max((c.first for c in pool.found.values() if Field.TITLE in c.fields), default=0)
    for candidate in pool.found.values():
        if Field.TITLE in candidate.fields:
            candidate.title_place = candidate.first / last
