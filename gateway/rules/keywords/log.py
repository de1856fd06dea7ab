"""A tenant's words: product words, own brands, and what its shoppers searched for."""

from dataclasses import dataclass, field

from gateway.rules.keywords.model import KnownTerm


@dataclass(frozen=True)
class SearchLog:
    """What shoppers typed, with relative weights. Made by `parse_search_log` or `load`."""

    terms: tuple[KnownTerm, ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """A tenant's own words. `product_words` are never cut apart, `own_brands` are no foreign marks."""

    product_words: frozenset[str] = frozenset()
    own_brands: tuple[str, ...] = ()
    search_log: SearchLog = field(default_factory=SearchLog)


NO_LEXICON = Lexicon()
