"""What speaks for a candidate, as named numbers, and its score under fitted weights.

The score is a logistic regression: 1 / (1 + exp(-sum(weight x feature))). The weights of each
profile stand in data/weights.json; docs/rules-keywords.md says on what they were fitted.
"""

import functools
import json
import math
from collections.abc import Iterator, Mapping

from gateway.rules.keywords import tables
from gateway.rules.keywords.candidates import HEAD_FIRST, Candidate, Pool
from gateway.rules.keywords.model import Field
from gateway.rules.keywords.tokens import CJK, Kind, Word

Named = Iterator[tuple[str, float]]
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
_EN_ENDINGS = (
    ("ly", "ly"), ("ing", "ing"), ("ed", "ed"), ("able", "adj"), ("ible", "adj"), ("ful", "adj"),
    ("ous", "adj"), ("ive", "adj"), ("al", "adj"), ("ic", "adj"), ("less", "adj"), ("tion", "tion"),
)  # fmt: skip


def named(candidate: Candidate, pool: Pool) -> Named:
    """Give every feature that is not zero. Counts enter as logarithms."""
    yield "bias", 1.0
    yield from _shape(candidate, pool)
    yield from _place(candidate)
    yield from _words(candidate, pool)
    if pool.language in CJK:
        yield from _cjk(candidate, pool.language)
    else:
        yield from _endings(candidate, pool.language)


def _shape(candidate: Candidate, pool: Pool) -> Named:
    count = len(candidate.stems)
    yield f"words{min(count, 5)}", 1.0
    if candidate.title_run == 0:
        yield f"main_words{min(count, 4)}_head{min(candidate.to_head, 2)}", 1.0
        yield f"main_words{min(count, 4)}_start{min(candidate.from_start, 2)}", 1.0
    if pool.language in CJK:
        yield f"chars{min(len(candidate.text), 9)}", 1.0
    else:
        yield f"chars{min(len(candidate.text) // 3, 10)}", 1.0
    if candidate.gapped:
        yield "gapped", 1.0
        yield f"gapped{len(candidate.words)}", 1.0
        if candidate.across:
            yield f"across{min(candidate.across, 2)}", 1.0
        if candidate.from_start == 0:
            yield "gapped_first", 1.0
    for kind in {word.kind for word in candidate.words}:
        if kind in _KIND_NAMES:
            yield f"has_{_KIND_NAMES[kind]}", 1.0
    first, last = candidate.words[0], candidate.words[-1]
    head = first if pool.language in HEAD_FIRST else last
    other = last if pool.language in HEAD_FIRST else first
    for name, word in (("head", head), ("other", other)):
        if word.kind in _KIND_NAMES:
            yield f"{name}_{_KIND_NAMES[word.kind]}", 1.0
        if word.verb:
            yield f"{name}_verb", 1.0
    if head.product:
        yield "head_product", 1.0
    elif any(word.product for word in candidate.words):
        yield "product_inside", 1.0
    if any(word.kind is Kind.CONNECTOR for word in candidate.words):
        yield "connector", 1.0


def _place(candidate: Candidate) -> Named:
    fields, total = candidate.fields, candidate.total
    if Field.TITLE in fields:
        yield "title", 1.0
        yield f"title_run{min(candidate.title_run, 3)}", 1.0
        yield f"to_head{min(candidate.to_head, 4)}", 1.0
        yield f"from_start{min(candidate.from_start, 4)}", 1.0
        yield "title_place", candidate.title_place
        if candidate.whole_title_run:
            yield "whole_title_run", 1.0
        if fields[Field.TITLE] > 1:
            yield "title_twice", 1.0
    for field in fields:
        if field is not Field.TITLE:
            yield f"in_{field}", math.log1p(fields[field])
    yield "total", math.log(total)
    yield "whole_runs", candidate.whole_runs / total
    yield "capitals", candidate.capitals / total
    yield "names", candidate.names / total
    yield "first", math.log1p(candidate.first)


def _words(candidate: Candidate, pool: Pool) -> Named:
    content = [word for word in candidate.words if word.kind is not Kind.CONNECTOR]
    head = content[0] if pool.language in HEAD_FIRST else content[-1]
    zipfs = [word.zipf for word in content]
    yield "head_bell", (head.zipf - _PEAK_ZIPF) ** 2
    yield "head_zipf", head.zipf - _PEAK_ZIPF
    yield "mean_bell", sum((z - _PEAK_ZIPF) ** 2 for z in zipfs) / len(zipfs)
    yield "mean_zipf", sum(zipfs) / len(zipfs) - _PEAK_ZIPF
    yield "max_zipf", max(zipfs) - _PEAK_ZIPF
    if head.zipf == tables.UNKNOWN_ZIPF:
        yield "head_unknown", 1.0
    if len(content) > 1:
        other = content[-1] if pool.language in HEAD_FIRST else content[0]
        yield "other_zipf", other.zipf - _PEAK_ZIPF
        yield "other_bell", (other.zipf - _PEAK_ZIPF) ** 2
        if other.zipf == tables.UNKNOWN_ZIPF:
            yield "other_unknown", 1.0
            if candidate.from_start == 0:
                yield "other_unknown_first", 1.0
    if pool.title_stems:
        stems = candidate.stems
        yield "title_share", sum(stem in pool.title_stems for stem in stems) / len(stems)
        if any(stem in pool.title_heads for stem in head.stems):
            yield "title_head", 1.0
        elif any(stem in pool.title_heads for stem in stems):
            yield "title_head_inside", 1.0
    counts = [pool.stems[stem] for stem in candidate.stems]
    yield "mean_support", sum(map(math.log1p, counts)) / len(counts)
    yield "min_support", math.log1p(min(counts))
    yield "nested", candidate.total / max(counts[0], counts[-1], 1)


def _endings(candidate: Candidate, language: str) -> Named:
    if language != "en":
        return
    for name, word in (("first", candidate.words[0]), ("last", candidate.words[-1])):
        ending = _ending(word)
        if ending:
            yield f"{name}_{ending}", 1.0


def _ending(word: Word) -> str:
    lower = word.lower
    if len(lower) > 4:  # noqa: PLR2004 # "red", "metal" and "king" are no endings
        for ending, name in _EN_ENDINGS:
            if lower.endswith(ending):
                return name
    return ""


def _cjk(candidate: Candidate, language: str) -> Named:
    first, last = candidate.words[0], candidate.words[-1]
    tag = (lambda word: word.tag[:2]) if language == "zh" else (lambda word: word.tag)
    yield f"first_tag_{tag(first)}", 1.0
    yield f"last_tag_{tag(last)}", 1.0
    yield f"last_length{min(len(last.lower), 4)}", 1.0
    yield f"first_length{min(len(first.lower), 4)}", 1.0
    if candidate.edges:
        yield "edges", candidate.edges / candidate.total
    if language == "zh":
        if candidate.text in tables.word_set("products.toml", "zh", "words"):
            yield "product_word", 1.0


@functools.cache
def _weight_table() -> Mapping[str, Mapping[str, float]]:
    table = json.loads(tables.read_bytes("weights.json"))
    likes = table.pop("like")
    return {**table, **{profile: table[like] for profile, like in likes.items()}}


def weights(profile: str) -> Mapping[str, float]:
    """Give the fitted weights of a profile; a feature not named weighs nothing."""
    return _weight_table()[profile]


def score(candidate: Candidate, pool: Pool, by: Mapping[str, float]) -> float:
    """Give the probability, in (0, 1), that the candidate is what a person would pick."""
    return squashed(sum(by.get(name, 0.0) * value for name, value in named(candidate, pool)))


def squashed(total: float) -> float:
    """Give the logistic of a sum of evidence."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))
