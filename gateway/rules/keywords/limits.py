"""What a marketplace takes: bytes of the search-terms line, length and number of keywords."""

import re
from dataclasses import dataclass

from gateway.rules.keywords import tables


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one marketplace; 0 means none. Sources stand in data/marketplaces.toml."""

    marketplace: str
    search_terms_bytes: int
    spaces_count: bool
    keyword_characters: int
    keywords: int
    title_characters: int


def limits_for(marketplace: str) -> Limits:
    """Find the limits of a free label: `AMAZON_US`, `amazon.de`, `Etsy`; unknown: the defaults.

    The label is cut from the right until a row fits: AMAZON_JP, then AMAZON, then default.
    """
    table = tables.read_toml("marketplaces.toml")
    words = [word for word in re.split(r"[\W_]+", marketplace.casefold()) if word]
    words = [word for word in words if word not in ("www", "com", "co")]
    while words and "_".join(words) not in table:
        words.pop()
    name = "_".join(words) or "default"
    row = {**table["default"], **table[name]}
    return Limits(
        marketplace=name,
        search_terms_bytes=row["search_terms_bytes"],
        spaces_count=row["spaces_count"],
        keyword_characters=row["keyword_characters"],
        keywords=row["keywords"],
        title_characters=row["title_characters"],
    )
