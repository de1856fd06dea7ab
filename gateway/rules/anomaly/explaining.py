"""Sentences built from the evidence of a result: summary, anomalies, causes and notes."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from gateway.rules.anomaly import numerals
from gateway.rules.anomaly.model import (
    Anomaly,
    Cause,
    CauseCode,
    DetectResult,
    Direction,
    GroupAlert,
    Kind,
    Measure,
    QualityNote,
)
from gateway.rules.anomaly.phrases import TABLES, language_of

LASTING = (Kind.LEVEL_SHIFT, Kind.TREND_CHANGE)


@dataclass(frozen=True, slots=True)
class Texts:
    """All sentences of one result in one language, in the order of the result's own lists."""

    summary: str
    explanations: tuple[str, ...]
    causes: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]


def explain(result: DetectResult, locale: str) -> Texts:
    """The sentences for a result in the language of `locale` (English if there are none)."""
    say = Writer(result, language_of(locale))
    return Texts(
        summary=say.summary(),
        explanations=tuple(say.anomaly(a) for a in result.anomalies),
        causes=tuple(tuple(say.cause(c) for c in a.likely_causes) for a in result.anomalies),
        notes=tuple(say.note(n) for n in result.quality_notes),
    )


def with_texts(result: DetectResult) -> DetectResult:
    """The same result with its own locale's sentences filled in."""
    texts = explain(result, result.locale)
    anomalies = tuple(
        replace(
            a,
            explanation=text,
            likely_causes=tuple(
                replace(c, text=t) for c, t in zip(a.likely_causes, causes, strict=True)
            ),
        )
        for a, text, causes in zip(result.anomalies, texts.explanations, texts.causes, strict=True)
    )
    notes = tuple(
        replace(n, text=t) for n, t in zip(result.quality_notes, texts.notes, strict=True)
    )
    return replace(result, anomalies=anomalies, quality_notes=notes, summary=texts.summary)


def group_text(alert: GroupAlert, result: DetectResult) -> str:
    """The sentence of a group alert, in the language and time zone of one of its results."""
    return Writer(replace(result, unit=alert.unit), language_of(result.locale)).group(alert)


class Writer:
    """Writes the sentences of one result in one language."""

    def __init__(self, result: DetectResult, language: str) -> None:
        self._result = result
        self._language = language
        self._phrases = TABLES[language]

    def summary(self) -> str:
        """One sentence about the whole result."""
        result = self._result
        if not result.judged and not result.anomalies:
            return self._phrases["unjudged"]
        judged = self._plural("judged", result.judged)
        if not result.anomalies:
            return self._phrases["none"].format(judged=judged)
        worst = max(result.anomalies, key=lambda a: a.score)
        return self._phrases["some"].format(
            anomalies=self._plural("anomalies", len(result.anomalies)),
            judged=judged,
            date=self._date(worst.time_s),
        )

    def anomaly(self, anomaly: Anomaly) -> str:
        """What happened, what sort it is, and the likely causes."""
        parts = [] if anomaly.kind is Kind.MISSING_DATA else [self._point(anomaly)]
        parts.append(self._sort(anomaly))
        parts += [self.cause(c) for c in anomaly.likely_causes]
        return ("" if self._language in {"zh", "ja"} else " ").join(parts)

    def cause(self, cause: Cause) -> str:
        """One likely cause with its evidence."""
        key = "NO_DATA_CAUSE" if cause.code is CauseCode.NO_DATA else cause.code.value
        return self._phrases[key].format(
            subject=cause.subject,
            before=self._plain(cause.before),
            now=self._plain(cause.now),
        )

    def group(self, alert: GroupAlert) -> str:
        """One alert for many series."""
        key = "common_missing" if alert.kind is Kind.MISSING_DATA else "common"
        return self._phrases[key].format(
            count=self._plain(len(alert.series_ids)),
            total=self._plain(alert.total),
            direction=self._phrases[alert.direction.value.lower()],
            date=self._date(alert.time_s),
            impact=self._impact(alert.impact),
        )

    def note(self, note: QualityNote) -> str:
        """One fact about the data."""
        weekdays = self._phrases["weekdays"].split(",")
        subject = note.subject
        if note.code.value == "CLOSED_DAYS":
            mark = "、" if self._language in {"zh", "ja"} else ", "
            subject = mark.join(weekdays[int(k)] for k in subject)
        return self._phrases[note.code.value].format(
            count=self._plain(note.count),
            subject=subject,
            date="" if note.time_s is None else self._date(note.time_s),
        )

    def _point(self, a: Anomaly) -> str:
        value = 0.0 if a.value is None else a.value
        key, facts = self._comparison(value, a.expected, a.direction)
        return self._phrases[key].format(
            date=self._date(a.time_s),
            value=self._with_unit(value),
            expected=self._expected(a.expected),
            lower=self._expected(a.lower),
            upper=self._expected(a.upper),
            **facts,
        )

    def _comparison(
        self, value: float, expected: float, direction: Direction
    ) -> tuple[str, dict[str, str]]:
        if expected <= 0 or value <= 0:
            return "zeroish", {}
        ratio = value / expected
        if ratio >= 3:
            return "times", {"factor": self._plain(_round(ratio))}
        if ratio <= 0.1:
            return "fraction", {"factor": self._plain(_round(1 / ratio))}
        key = "above" if direction is Direction.UP and ratio >= 1 else "below"
        if (key == "below") is (ratio > 1):
            return "zeroish", {}
        return key, {"percent": numerals.percent(abs(ratio - 1), self._language)}

    def _sort(self, a: Anomaly) -> str:
        key = f"{a.kind.value}_{a.direction.value}" if a.kind in LASTING else a.kind.value
        return self._phrases[key].format(
            date=self._date(a.time_s),
            expected=self._expected(a.expected),
            start=self._date(a.start_s),
            span=self._plural(self._result.interval.name, a.points),
            impact=self._impact(a.impact),
        )

    def _impact(self, impact: float) -> str:
        sign = "+" if impact > 0 else ""
        return sign + self._with_unit(impact, whole=True)

    def _with_unit(self, value: float, *, whole: bool = False) -> str:
        text = numerals.number(value, self._language, whole=whole)
        return f"{text} {self._result.unit}" if self._result.unit else text

    def _expected(self, value: float) -> str:
        whole = self._result.measure is not Measure.RATIO
        return numerals.number(value, self._language, whole=whole)

    def _plain(self, value: float | None) -> str:
        return "–" if value is None else numerals.number(value, self._language)

    def _date(self, time_s: int) -> str:
        result = self._result
        return numerals.date(time_s, self._language, result.interval, result.time_zone)

    def _plural(self, key: str, count: int) -> str:
        pick: Callable[[str], str] = self._phrases.__getitem__
        form = f"{key}_1" if count == 1 else f"{key}_n"
        return pick(form).format(n=numerals.number(count, self._language))


def _round(ratio: float) -> float:
    """A factor as people say it: 3.4, 12, 98."""
    return round(ratio, 1) if ratio < 10 else float(round(ratio))
