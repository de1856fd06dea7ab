"""Finds what is well-formed but wrong in a knowledge base: for people who write it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np

from gateway.rules.chat.features import count_features
from gateway.rules.chat.index import HALF, build_index, gram
from gateway.rules.chat.knowledge import Entry, KnowledgeBase
from gateway.rules.chat.knowledge_sources import Problem
from gateway.rules.chat.replying import variables_in

NEAR_EQUAL = 0.9
"""Cosine from which two questions of different entries would be taken for one another."""


def check_knowledge(knowledge: KnowledgeBase, today: date) -> tuple[Problem, ...]:
    """List expired entries, missing languages, unknown variables and near-equal questions.

    A language is missing when more than half of the entries for the same audience have it. Takes
    seconds for thousands of questions: not for the hot path.
    """
    found = [*_expired(knowledge, today), *_missing(knowledge), *_unknown(knowledge)]
    return tuple(sorted((*found, *_near_equal(knowledge)), key=lambda p: (p.file, p.line, p.text)))


def _at(entry: Entry, text: str, *, warning: bool = False) -> Problem:
    file, _, line = entry.source.rpartition(":")
    told = f"entry {entry.id!r} {text}"
    return Problem(file, int(line) if line.isdigit() else 0, told, warning)


def _expired(knowledge: KnowledgeBase, today: date) -> Iterator[Problem]:
    for entry in knowledge.entries:
        if entry.valid_until and entry.valid_until < today:
            told = f"has expired on {entry.valid_until}; renew or remove it"
            yield _at(entry, told, warning=True)


def _missing(knowledge: KnowledgeBase) -> Iterator[Problem]:
    for audience in {entry.audience for entry in knowledge.entries}:
        peers = [entry for entry in knowledge.entries if entry.audience is audience]
        held = Counter(code for entry in peers for code in entry.answers)
        usual = {code for code, count in held.items() if count > len(peers) / 2}
        for entry in peers:
            for code in sorted(usual - (entry.answers.keys() & entry.questions.keys())):
                yield _at(entry, f"has no question or no answer in {code!r}", warning=True)


def _unknown(knowledge: KnowledgeBase) -> Iterator[Problem]:
    for entry in knowledge.entries:
        used = {name for answer in entry.answers.values() for name in variables_in(answer)}
        for name in sorted(used - knowledge.variables.keys()):
            yield _at(entry, f"uses the variable {name!r}, which nobody defines")


def _near_equal(knowledge: KnowledgeBase) -> Iterator[Problem]:
    asked = [(e, q) for e in knowledge.entries for texts in e.questions.values() for q in texts]
    counted = [count_features(question) for _, question in asked]
    views = [[counts[view] for counts in counted] for view in (0, 1)]
    cosines = sum((gram(build_index(view), view) for view in views), np.float32(0)) * HALF
    for left, right in np.argwhere(np.triu(cosines, 1) >= NEAR_EQUAL):
        (one, question), (other, same) = asked[left], asked[right]
        if one.id != other.id and one.answers != other.answers and one.is_for(other.audience, ""):
            yield _at(
                other, f"asks {same!r}, as entry {one.id!r} asks {question!r}; answers differ"
            )
