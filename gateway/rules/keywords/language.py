"""Which of the six languages a text is in: the request's tag, else the script, else a vote."""

import re

from gateway.rules.keywords import tables

_KANA = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-zA-Zß-ÿœŒ]")
_WORD = re.compile(r"[a-zß-ÿœ]+")
_SAMPLE = 600  # characters; a vote of 60 words is unanimous
_MARKS = {"de": "äöüß", "fr": "éèêàçùœîô", "es": "ñáíóúé¿¡"}  # letters that speak for a language


def detect(text: str, requested: str = "") -> str:
    """Give one of en, zh, de, fr, es, ja. A requested tag we do not serve counts as none."""
    asked = requested.lower().replace("_", "-").split("-")[0]
    if asked in tables.LANGUAGES:
        return asked
    sample = text[:_SAMPLE]
    kana, han, latin = (len(p.findall(sample)) for p in (_KANA, _HAN, _LATIN))
    if kana and kana * 20 >= han + kana:
        return "ja"
    if han * 3 >= latin and han:
        return "zh"
    return _vote(sample.lower())


def _vote(text: str) -> str:
    """Sum how common each word is in each language; ties go to English."""
    words = _WORD.findall(text)
    score = {
        language: sum(tables.frequencies(language).zipf(word) for word in words)
        + sum(4.0 for letter in text if letter in _MARKS.get(language, ""))
        for language in ("en", "de", "fr", "es")
    }
    return max(score, key=lambda language: (score[language], language == "en"))
