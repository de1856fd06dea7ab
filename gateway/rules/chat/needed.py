"""What a text must hold for a pattern to match: literals, one of which stands in every match.

They are read from the pattern's own syntax tree, as RE2's prefilters are, so they follow every
change of a pattern. Nothing here decides: where one of the literals is found, the pattern is asked.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import chain, pairwise
from re import _constants as op  # type: ignore[attr-defined] # the only reader of patterns there is
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from gateway.rules.chat.out_of_scope import OUT_OF_SCOPE
from gateway.rules.chat.routed_examples import ROUTED
from gateway.rules.chat.text import fold

Literals = frozenset[str]
Key = tuple[str, ...]
"""A few characters that stand side by side."""
_MOST_CROSSED, _MOST = 64, 400
_MOST_REPEATED, _MOST_OF_CLASS = 3, 12
_EMPTY: Literals = frozenset([""])


def literals_of(pattern: str) -> Literals:
    """Literals of which every match holds one; empty if nothing is sure or all are too short."""
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return frozenset()
    whole, part = _sequence(parsed)
    return _rarest([found for found in (whole, part) if found]) or frozenset()


@cache
def key_of(literal: str) -> Key:
    """The rarest piece of a literal that a text's pieces are held against; () without one."""
    return min(_keys(literal), key=lambda key: _sample()[key], default=())


def pieces_of(text: str) -> Iterable[Key]:
    """Everything of a text that a key can be equal to."""
    three = zip(text, text[1:], text[2:], strict=False)
    return three if text.isascii() else chain(three, pairwise(text), zip(text))


def _keys(literal: str) -> Iterable[Key]:
    """Three characters of Latin text; of others one says much, two say more."""
    if literal.isascii():
        return pieces_of(literal)
    pairs = [(a, b) for a, b in pairwise(literal) if not (a + b).isascii()]
    return pairs or [tuple(literal)]


@cache
def _sample() -> Counter[Key]:
    """How often pieces occur in what customers ask: chooses keys that seldom call a pattern."""
    lines = chain(OUT_OF_SCOPE, *ROUTED.values())
    return Counter(chain.from_iterable(pieces_of(fold(f" {line} ")) for line in lines))


def _cost(literals: Literals) -> float:
    """How often a text must be expected to hold one of them; infinite if one has no key."""
    keys = set(map(key_of, literals))
    return float("inf") if () in keys else sum(_sample()[key] + 0.1 for key in keys)


def _rarest(choices: Iterable[Literals]) -> Literals | None:
    best = min(choices, key=_cost, default=None)
    return None if best is None or _cost(best) == float("inf") else best


_Found = tuple[Literals | None, Literals | None]
"""All the texts that a part matches, if they are few; and literals that each of them holds."""


def _sequence(items: Iterable[Any]) -> _Found:
    choices: list[Literals] = []
    run, broken = _EMPTY, False
    for item in items:
        whole, part = _one(item)
        if whole is not None and len(run) * len(whole) <= _MOST_CROSSED:
            run = frozenset(a + b for a in run for b in whole)
            continue
        broken = True
        choices += [run, *([part] if part else [])]
        run = whole or _EMPTY
    choices.append(run)
    return (None if broken else run), _rarest(choices)


def _one(item: tuple[Any, Any]) -> _Found:
    kind, value = item
    if kind is op.LITERAL:
        return frozenset([chr(value)]), None
    if kind is op.IN:
        return _class(value), None
    if kind is op.BRANCH:
        return _branch(value[1])
    if kind is op.SUBPATTERN and not value[1] & re.IGNORECASE:
        return _sequence(value[-1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _repeat(*value)
    if kind in (op.AT, op.ASSERT, op.ASSERT_NOT):
        return _EMPTY, None
    return None, None


def _class(members: list[tuple[Any, Any]]) -> Literals | None:
    found: set[str] = set()
    for kind, value in members:
        if kind is op.LITERAL:
            found.add(chr(value))
        elif kind is op.RANGE:
            found |= {chr(code) for code in range(value[0], value[1] + 1)}
        else:
            return None
    return frozenset(found) if len(found) <= _MOST_OF_CLASS else None


def _branch(branches: list[Any]) -> _Found:
    wholes, parts = zip(*map(_sequence, branches), strict=True)
    known = [whole for whole in wholes if whole is not None]
    if len(known) == len(wholes) and sum(map(len, known)) <= _MOST:
        return frozenset().union(*known), None
    needed = [_rarest([w]) if w is not None else p for w, p in zip(wholes, parts, strict=True)]
    sure = [one for one in needed if one]
    return None, (frozenset().union(*sure) if len(sure) == len(needed) else None)


def _repeat(least: int, most: int, items: Any) -> _Found:  # noqa: ANN401 # a syntax tree
    whole, part = _sequence(items)
    if whole is not None and most <= _MOST_REPEATED and len(whole) ** most <= _MOST_CROSSED:
        texts, power = set(_EMPTY) if not least else set(), _EMPTY
        for times in range(1, most + 1):
            power = frozenset(a + b for a in power for b in whole)
            texts |= power if times >= least else set()
        return frozenset(texts), None
    if not least:
        return None, None
    return None, _rarest([one for one in (whole, part) if one])


def least_digits(pattern: str) -> int:
    """Digits that every match of the pattern has at least."""
    return _digits(_parser.parse(pattern))


def _digits(items: Iterable[Any]) -> int:
    return sum(_digits_of(kind, value) for kind, value in items)


def _digits_of(kind: Any, value: Any) -> int:  # noqa: ANN401 # a syntax tree
    if kind is op.LITERAL:
        return int(chr(value).isdecimal())
    if kind is op.IN:
        members = _class(value)
        only = value == [(op.CATEGORY, op.CATEGORY_DIGIT)]
        return int(only or bool(members and all(member.isdecimal() for member in members)))
    if kind is op.BRANCH:
        return min(map(_digits, value[1]))
    if kind is op.SUBPATTERN:
        return _digits(value[-1])
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
        return int(value[0]) * _digits(value[2])
    return 0
