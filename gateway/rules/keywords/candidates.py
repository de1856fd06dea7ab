"""What a phrase that could be a keyword is, and where phrases begin, end and have their head."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.rules.keywords.model import Field
from gateway.rules.keywords.tokens import Kind, Stretch, Token, Word

JOINING = ("fr", "es", "ja")
"""Languages with words that join a phrase: "botella de agua", "会計の世界史"."""
HEAD_FIRST = ("fr", "es")
"""Languages whose phrases begin at the head noun."""
_STUFFED = 8
"""Words from which a run without separators is taken for a list of several product names."""


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


class Place(NamedTuple):
    """A part of a run: the run's number in the title, its ends, the heads, the run's length."""

    run: int
    start: int
    end: int
    heads: tuple[int, ...]
    length: int


def heads_of(run: list[Token], language: str) -> tuple[int, ...]:
    """Give the indexes of the head nouns, the main one first.

    A run stuffed with products has more than one: each product word that no other one follows
    ("wireless earphones ... sport earbuds").
    """
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
