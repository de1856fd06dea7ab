"""A listing read once: language, profile, stretches, candidates, guard. All later steps use it."""

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.rules.keywords import clean, collect, language, tables
from gateway.rules.keywords.candidates import Pool
from gateway.rules.keywords.guarding import Guard, guard_for
from gateway.rules.keywords.limits import Limits, limits_for
from gateway.rules.keywords.log import NO_LEXICON, Lexicon
from gateway.rules.keywords.model import Field, KeywordRequest, KeywordRequestError, Listing
from gateway.rules.keywords.tokens import CJK, Stretch, stretches

MOST_BULLETS = 30
MOST_ATTRIBUTES = 60
MOST_BRAND = 200  # characters
MOST_CATEGORY = 1000
THIN_CHARACTERS = 400
"""A listing with less text beside its title is judged by its title alone."""


@dataclass(slots=True)
class Reading:
    """What the engine knows of one request."""

    request: KeywordRequest
    lexicon: Lexicon
    language: str
    profile: str
    limits: Limits
    guard: Guard
    stretches: list[Stretch]
    pool: Pool
    text: str
    truncated: tuple[Field, ...]


def read(request: KeywordRequest, lexicon: Lexicon = NO_LEXICON) -> Reading:
    """Read a listing. Raises KeywordRequestError when it holds no word at all."""
    raw = [(field, text) for field, text in fields_of(request.listing) if text]
    listing = _shortened(request.listing)
    plain = [(field, clean.plain(text)) for field, text in raw]
    joined = "\n".join(text for _, text in plain)
    if not any(c.isalnum() for c in joined):
        raise KeywordRequestError(
            "listing holds no word: send a title, bullet points or a description"
        )
    tongue = language.detect(joined, listing.language)
    limits = limits_for(listing.marketplace)
    found: list[Stretch] = []
    for field, text in plain:
        kept = clean.without_marketing(text, tongue)
        found += stretches(field, kept, tongue, len(found), lexicon.product_words)
    return Reading(
        request=request,
        lexicon=lexicon,
        language=tongue,
        profile=profile_of(listing, tongue),
        limits=limits,
        guard=guard_for(listing, tongue, limits, request.banned_terms, lexicon.own_brands),
        stretches=found,
        pool=collect.build(found, tongue),
        text=joined,
        truncated=tuple({f: 0 for f, text in raw if len(text) > clean.MAX_CHARACTERS}),
    )


def _shortened(listing: Listing) -> Listing:
    """Cut the texts that later steps look at as they came, so that their time is bounded."""
    most = clean.MAX_CHARACTERS
    return dataclasses.replace(
        listing,
        title=listing.title[:most],
        bullet_points=tuple(text[:most] for text in listing.bullet_points[:MOST_BULLETS]),
        description=listing.description[:most],
        brand=listing.brand[:MOST_BRAND],
    )


def fields_of(listing: Listing) -> Iterator[tuple[Field, str]]:
    """Give the texts of a listing, most telling field first."""
    yield Field.TITLE, listing.title
    for bullet in listing.bullet_points[:MOST_BULLETS]:
        yield Field.BULLET_POINTS, bullet
    yield Field.DESCRIPTION, listing.description
    for part in listing.category[:MOST_CATEGORY].replace("|", ">").split(">")[-2:]:
        yield Field.CATEGORY, part.strip()
    for value in [*listing.attributes.values()][:MOST_ATTRIBUTES]:
        yield Field.ATTRIBUTES, value
    yield Field.BRAND, listing.brand


def profile_of(listing: Listing, tongue: str) -> str:
    """Name the weights to use, by how much text there is and whether it sells something.

    title: a bare title. short: a title and little else. listing: much text of something for sale.
    document: text without any product data.
    """
    rest = len(listing.description) + sum(map(len, listing.bullet_points))
    if tongue in CJK:
        rest *= 3  # a Chinese character says as much as three letters
    sells = any(
        (listing.marketplace, listing.brand, listing.category, listing.bullet_points)
    ) or bool(listing.attributes)  # fmt: skip
    sells = sells or (bool(listing.title) and _reads_like_a_listing(listing, tongue))
    if not rest:
        kind = "title"
    elif not sells:
        kind = "document"
    else:
        kind = "short" if rest < THIN_CHARACTERS else "listing"
    return f"{kind}_{tongue}"


_SAMPLE = 3000  # characters of the description that are weighed
_LETTERS = re.compile(r"[^\W\d_]+")


def _reads_like_a_listing(listing: Listing, tongue: str) -> bool:
    """Tell something for sale from a paper or the news, where the request does not say it."""
    text = f"{listing.title}\n{listing.description[:_SAMPLE]}".casefold()
    selling, prose = (tables.word_set("words.toml", tongue, key) for key in ("selling", "prose"))
    if tongue in CJK:
        return sum(map(text.count, selling)) > sum(map(text.count, prose))
    words = _LETTERS.findall(text)
    return sum(word in selling for word in words) > sum(word in prose for word in words)
