"""The sentences of the explanations, one table per language, all with the same keys."""

from types import MappingProxyType

from gateway.rules.anomaly.phrases import de, en, es, fr, ja, zh

TABLES = MappingProxyType(
    {
        "zh": zh.PHRASES,
        "en": en.PHRASES,
        "de": de.PHRASES,
        "fr": fr.PHRASES,
        "es": es.PHRASES,
        "ja": ja.PHRASES,
    }
)


def language_of(locale: str) -> str:
    """The language of a BCP-47 tag, if there are phrases for it; else `en`."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if language in TABLES else "en"
