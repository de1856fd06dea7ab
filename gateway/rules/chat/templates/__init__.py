"""What customers read, in six languages; one file each, all with the same keys (a test checks)."""

from collections.abc import Iterable, Mapping

from gateway.rules.chat.templates import de, en, es, fr, ja, zh
from gateway.rules.chat.templates.texts import Texts

_TEXTS: Mapping[str, Texts] = {
    "zh": zh.TEXTS,
    "en": en.TEXTS,
    "de": de.TEXTS,
    "fr": fr.TEXTS,
    "es": es.TEXTS,
    "ja": ja.TEXTS,
}

__all__ = ["Texts", "all_texts", "texts_in"]


def texts_in(language: str) -> Texts:
    """Return the texts of a language, English for one without texts."""
    return _TEXTS.get(language.partition("-")[0].lower(), en.TEXTS)


def all_texts() -> Iterable[Texts]:
    """Return the texts of every language."""
    return _TEXTS.values()
