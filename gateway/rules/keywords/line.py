"""The search-terms line: single words by what they are worth, within the marketplace's bytes."""

from collections import defaultdict

from gateway.rules.keywords import variants
from gateway.rules.keywords.pick import Scored
from gateway.rules.keywords.reading import Reading
from gateway.rules.keywords.tokens import Kind

_NEIGHBOURS = 6
"""Words before a new one that are checked with it: a banned phrase must not arise by chance."""


def fill(reading: Reading, ranked: list[Scored]) -> str:
    """Give distinct words, best first, joined by blanks, never over the byte limit."""
    words = _words(ranked)
    found = " ".join(_filled(reading, words, 0))
    if reading.guard.refuse_content(found):  # rare: only then is every word checked with others
        found = " ".join(_filled(reading, words, _NEIGHBOURS))
    return found


def _filled(reading: Reading, words: list[str], neighbours: int) -> list[str]:
    limit = reading.request.search_terms_max_bytes or reading.limits.search_terms_bytes
    line: list[str] = []
    taken: set[str] = set()
    used = 0
    for word in words:
        cost = len(word.encode()) + (1 if line and reading.limits.spaces_count else 0)
        if used + cost > limit:
            continue
        keys = variants.keys(word, reading.language)
        if keys & taken or not keys:
            continue
        before = line[len(line) - min(neighbours, len(line)) :]
        if reading.guard.refuse_content(" ".join([*before, word])):
            continue
        line.append(word)
        taken |= keys
        used += cost
    return line


def _words(ranked: list[Scored]) -> list[str]:
    worth: dict[str, float] = defaultdict(float)
    for one in ranked:
        share = one.score / max(1, len(one.candidate.words))
        for word in one.candidate.words:
            if word.kind < Kind.CONNECTOR and word.kind is not Kind.UNIT:
                worth[word.lower] += share
    return sorted(worth, key=lambda word: (-worth[word], word))
