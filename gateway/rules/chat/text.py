"""One bounded, normal form of what people type, so that every later step does bounded work."""

import re
import unicodedata

MAX_CHARS = 4000
"""Characters read of a message. Longer ones are pasted mails whose question stands at the top."""

KANA = "\u3040-\u30ff\u31f0-\u31ff"
HAN = "\u3400-\u4dbf\u4e00-\u9fff\u3005"
CJK = KANA + HAN

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"), "-")
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4\u0060"), "'")
_TO_PLAIN = _DASHES | _QUOTES
_COMBINING = re.compile("[\u0300-\u036f]")
_DROPPED = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufe00-\ufe0f]")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def normalise(text: str) -> str:
    """Return the first MAX_CHARS characters as NFKC with plain dashes, quotes and spaces.

    Letter case is kept: SKUs and order numbers need it.
    """
    text = text[:MAX_CHARS]
    if text.isascii() and text.isprintable():  # of spaces and marks there are these two then
        return " ".join(text.replace("`", "'").split())
    plain = unicodedata.normalize("NFKC", text)[:MAX_CHARS]
    plain = _DROPPED.sub("", plain.translate(_TO_PLAIN))
    return _SPACE.sub(" ", plain).strip()


def fold(text: str) -> str:
    """Return normalised text without case and Latin accents: how words are compared.

    Japanese voicing marks stay, they are other letters.
    """
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", _COMBINING.sub("", apart))
