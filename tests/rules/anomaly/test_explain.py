import re

import pytest

from gateway.rules.anomaly import (
    CauseCode,
    Direction,
    Evaluate,
    Interval,
    Kind,
    NoteCode,
    check_text,
    detect,
    explain,
)
from gateway.rules.anomaly.numerals import date, number, percent
from gateway.rules.anomaly.phrases import TABLES, language_of
from tests.rules.anomaly.made import request, sales

LANGUAGES = ("zh", "en", "de", "fr", "es", "ja")


def blanks(phrase: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", phrase))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_phrase_with_the_same_blanks(language: str) -> None:
    english, other = TABLES["en"], TABLES[language]
    assert set(other) == set(english)
    singular = {k for k in english if k.endswith("_1")}
    assert {k: blanks(other[k]) for k in english if k not in singular} == {
        k: blanks(english[k]) for k in english if k not in singular
    }


def test_every_cause_note_and_kind_has_a_phrase() -> None:
    causes = {"NO_DATA_CAUSE" if c is CauseCode.NO_DATA else c.value for c in CauseCode}
    lasting = {Kind.LEVEL_SHIFT, Kind.TREND_CHANGE}
    kinds = {k.value for k in Kind if k not in lasting}
    kinds |= {f"{k.value}_{d.value}" for k in lasting for d in (Direction.UP, Direction.DOWN)}
    assert causes | {n.value for n in NoteCode} | kinds <= set(TABLES["en"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "end",
    [[5.0], [900.0], [30_000.0], [None], [61.0] * 6, [50.0] * 8, [0.0] * 5, [100.0]],
    ids=["drop", "spike", "factor", "missing", "stuck", "shift", "zeros", "nothing"],
)
def test_every_sentence_passes_its_own_check(language: str, end: list[float | None]) -> None:
    values = [*sales(200), *end]
    result = detect(request(values, evaluate=Evaluate.ALL, unit="EUR", locale=language))
    texts = explain(result, language)
    assert texts.explanations == tuple(a.explanation for a in result.anomalies)
    for text in (texts.summary, *texts.explanations, *texts.notes):
        assert check_text(text, result) == ()
        assert "{" not in text


def test_an_unknown_locale_reads_english_and_a_region_its_language() -> None:
    assert [language_of(tag) for tag in ("pt-BR", "zh-Hant-TW", "de_AT", "")] == [
        *("en", "zh", "de", "en")
    ]


def test_numbers_are_written_as_the_language_writes_them() -> None:
    written = {lang: number(-1234567.5, lang) for lang in ("en", "de", "fr")}
    assert written == {"en": "−1,234,568", "de": "−1.234.568", "fr": "−1\u202f234\u202f568"}
    assert [number(v, "en") for v in (0.0, 0.05, 0.01234, 12.5, 12.0)] == [
        *("0", "0.05", "0.01234", "12.5", "12")
    ]
    assert [percent(0.425, lang) for lang in ("en", "de")] == ["42%", "42\u00a0%"]


def test_dates_are_local_and_written_as_the_language_writes_them() -> None:
    time_s = 1_731_254_400  # 2024-11-11 00:00 in Shanghai
    said = [date(time_s, lang, Interval.DAY, "Asia/Shanghai") for lang in ("zh", "en", "de", "fr")]
    assert said == ["2024年11月11日", "2024-11-11", "11.11.2024", "11/11/2024"]
