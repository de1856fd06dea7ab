"""Reads what the engine else reads at its first use."""

from gateway.rules.keywords.engine import extract
from gateway.rules.keywords.model import KeywordRequest, Listing


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
