"""Search keywords of a product listing, without a model: `extract`; with one: `guard_and_mix`.

    from gateway.rules.keywords import KeywordRequest, Listing, extract

    result = extract(KeywordRequest(Listing(title="Insulated Steel Water Bottle 750 ml")))
    [keyword.text for keyword in result.keywords]

Pure and deterministic; tables are read at first use, or at once by `warm()`. The method, its
sources, limits and measured quality: docs/rules-keywords.md.
"""

from gateway.rules.keywords.engine import extract, guard, guard_and_mix
from gateway.rules.keywords.limits import Limits, limits_for
from gateway.rules.keywords.log import Lexicon, SearchLog, SearchLogError, parse_search_log
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


def warm() -> None:
    """Read every table and the Chinese segmenter now, so that no call pays for it."""
    for tongue, title in _WARM:
        extract(KeywordRequest(Listing(title=title, language=tongue)))


_WARM = (
    ("en", "steel water bottle"),
    ("de", "Trinkflasche aus Edelstahl"),
    ("fr", "gourde en inox"),
    ("es", "botella de agua"),
    ("zh", "不锈钢保温杯"),
    ("ja", "ステンレス水筒"),
)

__all__ = [
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
    "parse_search_log",
    "warm",
]
