"""A result as CSV or JSON text, for spreadsheets and scripts."""

import csv
import io
import json
from dataclasses import asdict

from gateway.rules.anomaly import numerals
from gateway.rules.anomaly.model import Anomaly, BandPoint, DetectResult, Interval

HEADING = (
    *("date", "value", "expected", "lower", "upper", "score"),
    *("direction", "kind", "severity", "start", "impact", "explanation"),
)


def to_csv(result: DetectResult) -> str:
    """One row per anomaly, with a heading."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADING)
    for a in result.anomalies:
        writer.writerow(
            [
                _date(a.time_s, result),
                "" if a.value is None else _plain(a.value),
                *(_plain(v) for v in (a.expected, a.lower, a.upper, a.score)),
                a.direction.value,
                a.kind.value,
                a.severity.value,
                _date(a.start_s, result),
                _plain(a.impact),
                a.explanation,
            ]
        )
    return out.getvalue()


def to_json(result: DetectResult) -> str:
    """The whole result, times as ISO dates."""
    fields = {
        "series_id": result.series_id,
        "summary": result.summary,
        "judged": result.judged,
        "threshold": result.threshold,
        "anomalies": [_anomaly(a, result) for a in result.anomalies],
        "quality_notes": [{"code": n.code.value, "text": n.text} for n in result.quality_notes],
        "band": [
            {
                "date": _date(b.time_s, result),
                **{k: v for k, v in asdict(b).items() if k != "time_s"},
            }
            for b in result.band
        ],
    }
    return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


def _without_times(b: BandPoint, result: DetectResult) -> dict[str, object]:
    plain = {k: v for k, v in asdict(b).items() if k != "time_s"}
    return {"date": _date(b.time_s, result), **plain}


def _anomaly(a: Anomaly, result: DetectResult) -> dict[str, object]:
    fields: dict[str, object] = {"date": _date(a.time_s, result), "start": _date(a.start_s, result)}
    plain = {k: v for k, v in asdict(a).items() if k not in {"time_s", "start_s", "likely_causes"}}
    causes = [{"cause": c.code.value, "evidence": c.text} for c in a.likely_causes]
    return {**fields, **plain, "likely_causes": causes}


def _date(time_s: int, result: DetectResult) -> str:
    at = numerals.local(time_s, result.interval, result.time_zone)
    return f"{at:%Y-%m-%dT%H:%M}" if result.interval is Interval.HOUR else f"{at:%Y-%m-%d}"


def _plain(value: float) -> str:
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.2f}"
