"""What may not come out, and why: the same judge for the rules' own phrases and a model's."""

import functools
import re
from dataclasses import dataclass

from gateway.rules.keywords import clean, tables
from gateway.rules.keywords.limits import Limits
from gateway.rules.keywords.model import Listing, RejectReason
from gateway.rules.keywords.tokens import CJK
from gateway.rules.keywords.variants import Terms, bare, is_bare

Verdict = tuple[RejectReason, str]
MOST_CHARACTERS = 80
"""Longest keyword on any marketplace; nobody types more."""
_HAN_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1fff\u3130-\u318f\uac00-\ud7ff]")
_COMPATIBLE = re.compile(
    r"(?:\b(?:for|fits?|compatible with|works with|like|not"
    r"|für|passend|kompatibel|pour|compatible avec|para|compatible con)\b"
    r"|适用于?|兼容|适配|通用|対応|用)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Guard:
    """The judge of one request; build it with `guard_for`."""

    language: str
    limits: Limits
    banned: Terms
    marks: Terms

    def refuse(self, text: str) -> Verdict | None:
        """Give why a phrase may not come out, or None."""
        plain = text if is_bare(text) else clean.plain(text)
        if not any(c.isalnum() for c in plain):
            return RejectReason.EMPTY, "holds no word"
        return self.refuse_content(plain) or self._form(plain)

    def refuse_content(self, plain: str) -> Verdict | None:
        """Give what a plain text holds that may not come out, whatever its form."""
        if term := self.banned.within(plain):
            return RejectReason.BANNED_TERM, f"holds the banned term {term!r}"
        if mark := self.marks.within(plain):
            return RejectReason.TRADEMARK, f"holds another firm's mark {mark!r}"
        if clean.is_marketing(plain, self.language):
            return RejectReason.MARKETING, "holds a marketing phrase or a year"
        return None

    def _form(self, plain: str) -> Verdict | None:
        most = self.limits.keyword_characters or MOST_CHARACTERS
        if len(plain.strip()) > most:
            return RejectReason.TOO_LONG, f"longer than {most} characters"
        letters = sum(c.isalpha() for c in plain)
        if letters < 2 and not _HAN_KANA.search(plain):  # noqa: PLR2004 # "5", "3x4", "x1"
            return RejectReason.CODE_OR_NUMBER, "a number, measure or code"
        if _OTHER_SCRIPT.search(plain) or (self.language not in CJK and _HAN_KANA.search(plain)):
            return RejectReason.WRONG_SCRIPT, f"not written as {self.language!r} is"
        return None


def guard_for(
    listing: Listing,
    language: str,
    limits: Limits,
    banned_terms: tuple[str, ...],
    own_brands: tuple[str, ...] = (),
) -> Guard:
    """Build the judge of one listing: foreign marks are all known marks but the listing's own."""
    return Guard(
        language=language,
        limits=limits,
        banned=Terms(banned_terms, language) if banned_terms else _NO_TERMS,
        marks=_foreign_marks(listing, language, own_brands),
    )


_NO_TERMS = Terms((), "en")


def _foreign_marks(listing: Listing, language: str, own_brands: tuple[str, ...]) -> Terms:
    text = "\n".join((listing.title, *listing.bullet_points, listing.description[:4000]))
    own = tuple(brand for brand in (listing.brand, *own_brands, _leading_mark(listing)) if brand)
    ambiguous = frozenset(
        mark for mark in _ambiguous(language) if not _speaks_of_compatibility(text, mark)
    )
    return _marks(language, own, ambiguous)


@functools.lru_cache(maxsize=256)
def _marks(language: str, own: tuple[str, ...], ambiguous: frozenset[str]) -> Terms:
    mine = Terms(own, language, inside=False)
    kept = tuple(m for m in known_marks() if m not in ambiguous and not mine.within(m))
    return Terms(kept, language, inside=False)


@functools.cache
def known_marks() -> tuple[str, ...]:
    """Give all marks of the table, blanks for hyphens ("new balance")."""
    table = tables.read_toml("trademarks.toml")
    words = [
        word
        for part in table.values()
        for key in ("marks", "ambiguous")
        for word in part[key].split()
    ]
    return tuple(sorted({word.replace("-", " ") for word in words}))


@functools.cache
def _ambiguous(language: str) -> frozenset[str]:
    del language
    table = tables.read_toml("trademarks.toml")
    return frozenset(word for part in table.values() for word in part["ambiguous"].split())


def _speaks_of_compatibility(text: str, mark: str) -> bool:
    """Tell whether "for", "适用" or the like stands up to 40 characters before the mark."""
    lowered = text.casefold()
    at = lowered.find(mark)
    while at >= 0:
        if _COMPATIBLE.search(lowered[max(0, at - 40) : at]):
            return True
        at = lowered.find(mark, at + 1)
    return False


_ACCESSORIES = re.compile(
    r"\b(case|cover|charger|cable|strap|band|protector|adapter|holder|mount|stand|replacement|parts?|filter|lid|hülle|kabel|coque|funda)\b"
    r"|壳|膜|充电|数据线|表带|支架|ケース|カバー|フィルム",
    re.IGNORECASE,
)


def _leading_mark(listing: Listing) -> str:
    """Give the mark a title begins with: its maker, unless it sells an accessory."""
    if listing.brand or _ACCESSORIES.search(listing.title):
        return ""
    words = bare(listing.title[:60]).split()[:_LONGEST_MARK]
    marks = frozenset(known_marks())
    starts = (" ".join(words[:count]).strip(".,:;-") for count in range(len(words), 0, -1))
    return next((start for start in starts if start in marks), "")


_LONGEST_MARK = 3  # words
