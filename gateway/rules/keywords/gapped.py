"""Phrases whose words stand apart in the listing: modifier + product."""

from gateway.rules.keywords.candidates import (
    HEAD_FIRST,
    JOINING,
    Candidate,
    Place,
    Pool,
    head_of,
)
from gateway.rules.keywords.model import Field
from gateway.rules.keywords.tokens import Kind, Stretch, Token, shown

_MODIFIERS = (Kind.WORD, Kind.AUDIENCE, Kind.COLOUR)
_APART = 2  # words from which two do not stand together
_REACH = 10  # words a modifier may stand from its head
_RUNS = 4  # runs of a title that lend modifiers to the first


def apart(pool: Pool, stretch: Stretch, run: list[Token], place: Place) -> None:
    """Add phrases of one or two modifiers + head that stand apart.

    "leather collar" of "leather dog collar"; only modifiers within reach of the head.
    """
    for head in place.heads[:3]:
        _apart_at(pool, stretch, run, place, head)


def _apart_at(pool: Pool, stretch: Stretch, run: list[Token], place: Place, head: int) -> None:
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


def _join(pool: Pool, stretch: Stretch, part: list[Token], place: Place, start: int) -> None:
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


def across(pool: Pool, title: list[tuple[Stretch, list[Token]]]) -> None:
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
