"""Search keywords of a product listing, without a model: `extract`; with one: `guard_and_mix`.

    from gateway.rules.keywords import KeywordRequest, Listing, extract

    result = extract(KeywordRequest(Listing(title="Insulated Steel Water Bottle 750 ml")))
    [keyword.text for keyword in result.keywords]

Pure and deterministic; tables are read at first use, or at once by `warm()`. The method, its
sources, limits and measured quality: docs/rules-keywords.md.
"""

from typing import TYPE_CHECKING

from gateway.rules.keywords.model import (
    Field,
    Keyword,
    KeywordReason,
    KeywordRequest,
    KeywordRequestError,
    KeywordResult,
    KnownTerm,
    Listing,
    Rejected,
    RejectReason,
)
from gateway.rules.on_demand import on_demand

if TYPE_CHECKING:
    from gateway.rules.keywords.engine import extract, guard, guard_and_mix
    from gateway.rules.keywords.limits import Limits, limits_for
    from gateway.rules.keywords.log import (
        NO_LEXICON,
        Lexicon,
        SearchLog,
        SearchLogError,
        load,
        parse_search_log,
    )
    from gateway.rules.keywords.warming import warm
else:
    __getattr__ = on_demand(
        __name__,
        {
            "engine": ("extract", "guard", "guard_and_mix"),
            "limits": ("Limits", "limits_for"),
            "log": (
                *("NO_LEXICON", "Lexicon", "SearchLog", "SearchLogError"),
                *("load", "parse_search_log"),
            ),
            "warming": ("warm",),
        },
    )

__all__ = [
    "NO_LEXICON",
    "Field",
    "Keyword",
    "KeywordReason",
    "KeywordRequest",
    "KeywordRequestError",
    "KeywordResult",
    "KnownTerm",
    "Lexicon",
    "Limits",
    "Listing",
    "RejectReason",
    "Rejected",
    "SearchLog",
    "SearchLogError",
    "extract",
    "guard",
    "guard_and_mix",
    "limits_for",
    "load",
    "parse_search_log",
    "warm",
]
