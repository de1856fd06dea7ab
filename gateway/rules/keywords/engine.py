"""The two calls: `extract` by rules alone, `guard_and_mix` with a model's proposals."""

from collections.abc import Sequence

from gateway.rules.keywords import cjk, clean, line, variants
from gateway.rules.keywords.candidates import Candidate
from gateway.rules.keywords.log import NO_LEXICON, Lexicon
from gateway.rules.keywords.model import (
    Field,
    Keyword,
    KeywordReason,
    KeywordRequest,
    KeywordResult,
    Rejected,
    RejectReason,
)
from gateway.rules.keywords.pick import Scored, pick, scored
from gateway.rules.keywords.reading import Reading, read
from gateway.rules.keywords.tokens import CJK

MODEL_SHARE = 0.6
"""Weight of the model's rank in a mixed score; the rest is what the rules think."""
SYNONYM_SHARE = 0.4
"""At most this share of the answer may be words the listing supports only in part."""
RELATED = 0.5
"""Share of a proposal's words that must stand in the listing to count as supported."""
MOST_PROPOSALS = 200
"""Proposals read of one model answer; more are refused unread."""


def extract(request: KeywordRequest, lexicon: Lexicon = NO_LEXICON) -> KeywordResult:
    """Find the best search keywords of a listing without a model.

    Deterministic. About 1 ms for a title, 10 ms for a listing of 2,500 characters. Fewer than
    `max_keywords` come back only when the listing holds no more. Raises KeywordRequestError for
    a listing without any word.
    """
    reading = read(request, lexicon)
    ranked = scored(reading)
    return _result(reading, ranked, [], [])


def guard_and_mix(
    request: KeywordRequest, proposals: Sequence[str], lexicon: Lexicon = NO_LEXICON
) -> KeywordResult:
    """Judge a model's proposals (best first), mix with the rules, top up to `max_keywords`.

    Ask the model for `max_keywords` + 5, so that refusals leave enough. Refused proposals come
    back with a reason. Raises as `extract` does.
    """
    reading = read(request, lexicon)
    ranked = scored(reading)
    accepted, rejected = _judge(reading, ranked, proposals)
    return _result(reading, ranked, accepted, rejected)


def guard(
    request: KeywordRequest, proposals: Sequence[str], lexicon: Lexicon = NO_LEXICON
) -> tuple[tuple[Keyword, ...], tuple[Rejected, ...]]:
    """Judge proposals only: the acceptable ones as keywords, the others with their reasons."""
    reading = read(request, lexicon)
    accepted, rejected = _judge(reading, scored(reading), proposals)
    return tuple(accepted), tuple(rejected)


def _most(reading: Reading) -> int:
    most = reading.request.max_keywords
    return min(most, reading.limits.keywords) if reading.limits.keywords else most


def _result(
    reading: Reading, ranked: list[Scored], accepted: list[Keyword], rejected: list[Rejected]
) -> KeywordResult:
    most = _most(reading)
    surplus = [
        Rejected(k.text, RejectReason.SURPLUS, "better ones filled the answer")
        for k in accepted[most:]
    ]
    kept = accepted[:most]
    top = pick(reading, ranked, most - len(kept), [k.text for k in kept])
    keywords = [*kept, *_top_up(reading, ranked, kept, top)]
    return KeywordResult(
        keywords=tuple(keywords),
        search_terms=line.fill(reading, ranked),
        rejected=(*rejected, *surplus),
        language=reading.language,
        truncated=reading.truncated,
    )


def _top_up(
    reading: Reading, ranked: list[Scored], kept: list[Keyword], top: list[Scored]
) -> list[Keyword]:
    """Rules' keywords follow the model's, so their scores may not exceed the last of those."""
    best = ranked[0].score if ranked else 1.0
    roof = kept[-1].score if kept else 1.0
    return [_keyword(reading, one, min(roof, one.score / best)) for one in top]


def _keyword(reading: Reading, one: Scored, score: float) -> Keyword:
    candidate = one.candidate
    reason = KeywordReason.SEARCHED if one.searched else _reason(candidate, reading)
    return Keyword(
        text=candidate.text.lower() if reading.language != "de" else candidate.text,
        score=max(round(score, 4), 0.0001),
        reason=reason,
        note=_NOTES[reason],
        fields=tuple(field for field in Field if field in candidate.fields),
        in_listing=True,
    )


_NOTES = {
    KeywordReason.PRODUCT_TYPE: "names the product",
    KeywordReason.PRODUCT_PHRASE: "the product with a quality, material, use or audience",
    KeywordReason.FEATURE: "a quality, material or use",
    KeywordReason.BRAND: "the listing's own brand",
    KeywordReason.SEARCHED: "shoppers typed it",
    KeywordReason.TOPIC: "what the text speaks of",
    KeywordReason.MODEL: "proposed by the model, found in the listing",
    KeywordReason.SYNONYM: "proposed by the model, partly found in the listing",
}


def _reason(candidate: Candidate, reading: Reading) -> KeywordReason:
    if reading.profile.startswith("document"):
        return KeywordReason.TOPIC
    if candidate.fields.get(Field.BRAND):
        return KeywordReason.BRAND
    if candidate.to_head == 0:
        single = len(candidate.words) == 1
        return KeywordReason.PRODUCT_TYPE if single else KeywordReason.PRODUCT_PHRASE
    return KeywordReason.FEATURE


def _judge(
    reading: Reading, ranked: list[Scored], proposals: Sequence[str]
) -> tuple[list[Keyword], list[Rejected]]:
    by_key = _scores_by_key(reading, ranked)
    taken: set[str] = set()
    accepted: list[Keyword] = []
    rejected: list[Rejected] = []
    synonyms = max(1, int(SYNONYM_SHARE * _most(reading)))
    for rank, text in enumerate(proposals):
        verdict = _verdict(reading, text, taken, rank)
        if isinstance(verdict, float):
            if verdict < RELATED and synonyms == 0:
                verdict = (
                    RejectReason.TOO_MANY_SYNONYMS,
                    "too few of its words stand in the listing",
                )
            else:
                synonyms -= verdict < RELATED
                rank_score = 1.0 - rank / max(len(proposals), 1)
                accepted.append(_accepted(reading, text, verdict, by_key, rank_score))
                taken |= variants.keys(text, reading.language)
                continue
        rejected.append(Rejected(text[:200], *verdict))
    accepted.sort(key=lambda keyword: (-keyword.score, keyword.text))
    return accepted, rejected


def _verdict(
    reading: Reading, text: str, taken: set[str], rank: int
) -> tuple[RejectReason, str] | float:
    """Give the share of the proposal's words that stand in the listing, or why it is refused."""
    if rank >= MOST_PROPOSALS:
        return RejectReason.SURPLUS, f"only {MOST_PROPOSALS} proposals are read"
    if refused := reading.guard.refuse(text[:400]):
        return refused
    if variants.keys(text, reading.language) & taken:
        return RejectReason.DUPLICATE, "a variant of a better one"
    share = support(reading, text)
    if share == 0.0:
        return RejectReason.UNRELATED, "none of its words stands in the listing"
    return share


def support(reading: Reading, text: str) -> float:
    """Give the share of a phrase's words that stand in the listing (CJK: of its characters)."""
    words = variants.content(text, reading.language)
    if reading.language in CJK:
        return _cjk_support(reading, "".join(variants.raw(text)))
    listing = set(variants.parts(reading.text[:_MOST_COMPARED], reading.language))
    found = sum(word in listing or word in reading.pool.stems for word in words)
    return found / len(words) if words else 0.0


_MOST_COMPARED = 20_000  # characters


def _cjk_support(reading: Reading, text: str) -> float:
    whole = "".join(variants.raw(reading.text[:_MOST_COMPARED]))
    if text in whole:
        return 1.0
    spans = list(cjk.spans(text, reading.language, reading.lexicon.product_words))
    found = sum(end - start for start, end, _ in spans if text[start:end] in whole)
    return found / max(sum(end - start for start, end, _ in spans), 1)


def _scores_by_key(reading: Reading, ranked: list[Scored]) -> dict[str, Scored]:
    found: dict[str, Scored] = {}
    for one in ranked[:400]:
        for key in variants.keys(one.candidate.text, reading.language):
            found.setdefault(key, one)
    return found


def _accepted(
    reading: Reading, text: str, share: float, by_key: dict[str, Scored], rank_score: float
) -> Keyword:
    keys = variants.keys(text, reading.language)
    known = next((by_key[key] for key in sorted(keys) if key in by_key), None)
    best = max((one.score for one in by_key.values()), default=1.0)
    rules = known.score / best if known else 0.3 * share
    reason = KeywordReason.MODEL if share >= RELATED else KeywordReason.SYNONYM
    plain = " ".join(clean.plain(text).split())
    return Keyword(
        text=plain,
        score=max(round(MODEL_SHARE * rank_score + (1 - MODEL_SHARE) * rules, 4), 0.0001),
        reason=reason,
        note=_NOTES[reason],
        fields=tuple(f for f in Field if known and f in known.candidate.fields),
        in_listing=share == 1.0,
    )
