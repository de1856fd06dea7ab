"""What shoppers typed, laid over the candidates: the strongest evidence there is."""

import functools
import math

from gateway.rules.keywords import variants
from gateway.rules.keywords.candidates import Candidate
from gateway.rules.keywords.log import LogIndex, index_of
from gateway.rules.keywords.model import Field, KnownTerm
from gateway.rules.keywords.reading import Reading
from gateway.rules.keywords.tokens import CJK, word_of

KNOWN_LIFT = (0.35, 0.3)
"""Lift of a term the caller sent: this much, and this much more for the heaviest."""
LOG_LIFT = (0.05, 0.25)
"""Lift of a term of the tenant's log; a log holds the whole shop's terms, so each says less."""
WORD_LIFT = 0.9
"""What the log's most searched word adds to a candidate's odds (natural logarithm)."""
MOST_READ = 4000
"""Terms of the log compared with one listing."""


def lift(reading: Reading, scores: dict[tuple[str, ...], float]) -> set[tuple[str, ...]]:
    """Raise the scores of what was searched, adding terms that stand scattered in the listing.

    Changes `scores` and the pool; gives the keys of candidates that are searched terms.
    """
    searched: set[tuple[str, ...]] = set()
    log = reading.lexicon.search_log
    if not (log.terms or reading.request.known_search_terms):
        return searched
    pool = reading.pool
    by_words = {_bare(reading, key): key for key in reversed(list(pool.found))}
    present = frozenset(word for words in by_words for word in words)
    if log.terms:
        index = log.index(reading.language)
        _lift_words(reading, scores, index)
        _lift_terms(reading, scores, (index, by_words, present, LOG_LIFT), searched)
    if reading.request.known_search_terms:
        index = index_of(reading.request.known_search_terms, reading.language)
        _lift_terms(reading, scores, (index, by_words, present, KNOWN_LIFT), searched)
    return searched


_Lifting = tuple[
    LogIndex, dict[frozenset[str], tuple[str, ...]], frozenset[str], tuple[float, float]
]


def _bare(reading: Reading, key: tuple[str, ...]) -> frozenset[str]:
    return _parts(reading.pool.found[key].text, reading.language)


@functools.lru_cache(maxsize=20_000)
def _parts(text: str, language: str) -> frozenset[str]:
    return frozenset(variants.content(text, language))


def _lift_words(reading: Reading, scores: dict[tuple[str, ...], float], index: LogIndex) -> None:
    for key, score in scores.items():
        words = _bare(reading, key)
        known = sum(math.sqrt(index.words.get(word, 0.0)) for word in words) / max(len(words), 1)
        odds = score / (1.0 - score) * math.exp(WORD_LIFT * known)
        scores[key] = odds / (1.0 + odds)


def _lift_terms(
    reading: Reading,
    scores: dict[tuple[str, ...], float],
    lifting: _Lifting,
    searched: set[tuple[str, ...]],
) -> None:
    index, by_words, present, (base, more) = lifting
    read = 0
    for word in sorted(present):
        for words, term in index.by_word.get(word, ()):
            read += 1
            if read > MOST_READ:
                return
            if not words <= present or _unfit(reading, term):
                continue
            key = by_words.get(words) or _added(reading, term)
            by_words[words] = key
            share = math.log1p(term.weight) / math.log1p(index.most)
            old = scores.get(key, 0.0)
            scores[key] = old + (1.0 - old) * min(0.95, base + more * share)
            searched.add(key)


def _unfit(reading: Reading, term: KnownTerm) -> bool:
    most = 4 if reading.language in CJK else 6
    return len(variants.parts(term.text, reading.language)) > most


def _added(reading: Reading, term: KnownTerm) -> tuple[str, ...]:
    """Make a candidate of a term whose words stand in the listing, but not as one phrase."""
    text = " ".join(term.text.split())
    stems = variants.content(text, reading.language)
    key = ("searched", *stems)
    words = tuple(word_of(word, reading.language) for word in text.casefold().split())
    new = Candidate(stems, words, text, gapped=True)
    new.seen_in(Field.TITLE)
    reading.pool.found[key] = new
    return key
