"""What speaks for a candidate, as named numbers, and its score under fitted weights.

The score is a logistic regression: 1 / (1 + exp(-sum(weight x feature))). The weights of each
profile stand in data/weights.json; docs/rules-keywords.md says on what they were fitted.
"""

import functools
import json
import math
from collections.abc import Mapping

from gateway.rules.keywords import tables
from gateway.rules.keywords.candidates import HEAD_FIRST, Candidate, Pool
from gateway.rules.keywords.model import Field
from gateway.rules.keywords.tokens import CJK, Kind, Word

_PEAK_ZIPF = 3.7
"""Words that shoppers type are neither rare nor everyday: the middle of the bell."""
_KIND_NAMES = {
    Kind.WEAK: "weak",
    Kind.COLOUR: "colour",
    Kind.AUDIENCE: "audience",
    Kind.NUMBER: "number",
    Kind.UNIT: "unit",
    Kind.CODE: "code",
}


def _numbered(name: str, most: int) -> tuple[str, ...]:
    """Give the names of a counted feature; counts beyond the last name take it (see `_at`)."""
    return tuple(f"{name}{count}" for count in range(most + 1))


# Built once: writing names anew for every candidate took a third of the time of scoring.
_WORDS, _CHARS_CJK, _CHARS = _numbered("words", 5), _numbered("chars", 9), _numbered("chars", 10)
_RUNS, _TO_HEAD = _numbered("title_run", 3), _numbered("to_head", 4)
_FROM_START = _numbered("from_start", 4)
_MOST_MAIN = 4
_MAIN_HEAD = tuple(_numbered(f"main_words{count}_head", 2) for count in range(_MOST_MAIN + 1))
_MAIN_START = tuple(_numbered(f"main_words{count}_start", 2) for count in range(_MOST_MAIN + 1))
_IN_FIELD = {field: f"in_{field}" for field in Field}


def _at(names: tuple[str, ...], count: int) -> str:
    return names[count] if count < len(names) else names[-1]


class Evidence:
    """What speaks for one candidate: names that are true, and names with a number."""

    __slots__ = ("flags", "numbers")

    def __init__(self) -> None:
        self.flags: list[str] = ["bias"]
        self.numbers: list[tuple[str, float]] = []


def named(candidate: Candidate, pool: Pool) -> dict[str, float]:
    """Give every feature that is not zero, by name. Counts enter as logarithms."""
    found = _evidence(candidate, pool)
    return {**dict.fromkeys(found.flags, 1.0), **dict(found.numbers)}


def _evidence(candidate: Candidate, pool: Pool) -> Evidence:
    found = Evidence()
    _shape(candidate, pool, found)
    _kinds(candidate, pool, found.flags)
    _place(candidate, found)
    _words(candidate, pool, found)
    if pool.language in CJK:
        _cjk(candidate, pool.language, found)
    elif pool.language == "en":
        if first := candidate.words[0].ending:
            found.flags.append(f"first_{first}")
        if last := candidate.words[-1].ending:
            found.flags.append(f"last_{last}")
    return found


def _shape(candidate: Candidate, pool: Pool, found: Evidence) -> None:
    flags, count = found.flags, len(candidate.stems)
    flags.append(_at(_WORDS, count))
    if candidate.title_run == 0:
        flags.append(_at(_MAIN_HEAD[min(count, _MOST_MAIN)], candidate.to_head))
        flags.append(_at(_MAIN_START[min(count, _MOST_MAIN)], candidate.from_start))
    size = len(candidate.text)
    flags.append(_at(_CHARS_CJK, size) if pool.language in CJK else _at(_CHARS, size // 3))
    if candidate.gapped:
        flags += ("gapped", f"gapped{len(candidate.words)}")
        if candidate.across:
            flags.append(f"across{min(candidate.across, 2)}")
        if candidate.from_start == 0:
            flags.append("gapped_first")


def _kinds(candidate: Candidate, pool: Pool, flags: list[str]) -> None:
    words = candidate.words
    for kind in {word.kind for word in words}:
        if kind in _KIND_NAMES:
            flags.append(f"has_{_KIND_NAMES[kind]}")
        elif kind is Kind.CONNECTOR:
            flags.append("connector")
    head, other = words[-1], words[0]
    if pool.language in HEAD_FIRST:
        head, other = other, head
    _ends("head", head, flags)
    _ends("other", other, flags)
    if head.product:
        flags.append("head_product")
    elif any([word.product for word in words]):  # noqa: C419 # a list is faster here
        flags.append("product_inside")


def _ends(name: str, word: Word, flags: list[str]) -> None:
    if word.kind in _KIND_NAMES:
        flags.append(f"{name}_{_KIND_NAMES[word.kind]}")
    if word.verb:
        flags.append(f"{name}_verb")


def _place(candidate: Candidate, found: Evidence) -> None:
    fields, total, flags = candidate.fields, candidate.total, found.flags
    if Field.TITLE in fields:
        flags += (
            "title",
            _at(_RUNS, candidate.title_run),
            _at(_TO_HEAD, candidate.to_head),
            _at(_FROM_START, candidate.from_start),
        )
        if candidate.whole_title_run:
            flags.append("whole_title_run")
        if fields[Field.TITLE] > 1:
            flags.append("title_twice")
        found.numbers.append(("title_place", candidate.title_place))
    for field, count in fields.items():
        if field is not Field.TITLE:
            found.numbers.append((_IN_FIELD[field], _LOGS[min(count, _MOST_COUNTED)]))
    found.numbers += (
        ("total", math.log(total)),
        ("whole_runs", candidate.whole_runs / total),
        ("capitals", candidate.capitals / total),
        ("names", candidate.names / total),
        ("first", _LOGS[min(candidate.first, _MOST_COUNTED)]),
    )


def _words(candidate: Candidate, pool: Pool, found: Evidence) -> None:
    content = [word for word in candidate.words if word.kind is not Kind.CONNECTOR]
    head, other = content[-1], content[0]
    if pool.language in HEAD_FIRST:
        head, other = other, head
    zipfs = [word.zipf - _PEAK_ZIPF for word in content]
    size = len(zipfs)
    head_zipf = head.zipf - _PEAK_ZIPF
    found.numbers += (
        ("head_bell", head_zipf * head_zipf),
        ("head_zipf", head_zipf),
        ("mean_bell", sum([zipf * zipf for zipf in zipfs]) / size),
        ("mean_zipf", sum(zipfs) / size),
        ("max_zipf", max(zipfs)),
    )
    if head.zipf == tables.UNKNOWN_ZIPF:
        found.flags.append("head_unknown")
    if size > 1:
        other_zipf = other.zipf - _PEAK_ZIPF
        found.numbers += (("other_zipf", other_zipf), ("other_bell", other_zipf * other_zipf))
        if other.zipf == tables.UNKNOWN_ZIPF:
            found.flags.append("other_unknown")
            if candidate.from_start == 0:
                found.flags.append("other_unknown_first")
    _support(candidate, pool, head.stems, found)


def _support(candidate: Candidate, pool: Pool, head: tuple[str, ...], found: Evidence) -> None:
    stems = candidate.stems
    if pool.title_stems:
        inside = sum([stem in pool.title_stems for stem in stems])
        found.numbers.append(("title_share", inside / len(stems)))
        if not pool.title_heads.isdisjoint(head):
            found.flags.append("title_head")
        elif not pool.title_heads.isdisjoint(stems):
            found.flags.append("title_head_inside")
    counts = [pool.stems[stem] for stem in stems]
    found.numbers += (
        ("mean_support", sum([_LOGS[min(count, _MOST_COUNTED)] for count in counts]) / len(counts)),
        ("min_support", _LOGS[min(*counts, _MOST_COUNTED)]),
        ("nested", candidate.total / max(counts[0], counts[-1], 1)),
    )


_MOST_COUNTED = 500
_LOGS = tuple(math.log1p(count) for count in range(_MOST_COUNTED + 1))


def _cjk(candidate: Candidate, language: str, found: Evidence) -> None:
    first, last = candidate.words[0], candidate.words[-1]
    short = 2 if language == "zh" else 9
    found.flags += (
        f"first_tag_{first.tag[:short]}",
        f"last_tag_{last.tag[:short]}",
        f"last_length{min(len(last.lower), 4)}",
        f"first_length{min(len(first.lower), 4)}",
    )
    if candidate.edges:
        found.numbers.append(("edges", candidate.edges / candidate.total))
    if language == "zh" and candidate.text in tables.word_set("products.toml", "zh", "words"):
        found.flags.append("product_word")


class Weights(dict[str, float]):
    """The weights of a profile; a feature not named weighs nothing."""

    def __missing__(self, name: str) -> float:
        return 0.0


@functools.cache
def _weight_table() -> Mapping[str, Weights]:
    table = json.loads(tables.read_bytes("weights.json"))
    likes = table.pop("like")
    likes = {profile: table[like] for profile, like in likes.items()}
    return {profile: Weights(found) for profile, found in {**table, **likes}.items()}


def weights(profile: str) -> Weights:
    """Give the fitted weights of a profile such as `short_en`."""
    return _weight_table()[profile]


def score(candidate: Candidate, pool: Pool, by: Weights) -> float:
    """Give the probability, in (0, 1), that the candidate is what a person would pick."""
    found = _evidence(candidate, pool)
    total = sum(map(by.__getitem__, found.flags))
    for name, value in found.numbers:
        total += by[name] * value
    return squashed(total)


def squashed(total: float) -> float:
    """Give the logistic of a sum of evidence."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
