"""Unusual points in sales series, found by statistics alone: pure, deterministic, no I/O.

`detect(request)` judges a series, `detect_many(requests)` many at once; `explain(result, locale)`
words a result in another language; `check_text(text, result)` finds figures and dates in a
rewritten text that the result does not hold. Method and limits: docs/rules-anomaly.md.
"""

from typing import TYPE_CHECKING

from gateway.rules.anomaly.model import (
    Anomaly,
    BadSeriesError,
    BandPoint,
    Cause,
    CauseCode,
    Covariate,
    DetectRequest,
    DetectResult,
    Direction,
    Effect,
    Evaluate,
    Event,
    GroupAlert,
    Interval,
    Kind,
    Measure,
    NoteCode,
    Point,
    QualityNote,
    Sensitivity,
    Series,
    Severity,
)
from gateway.rules.on_demand import on_demand

if TYPE_CHECKING:
    from gateway.rules.anomaly.csv_io import CsvError, CsvOptions, detect_csv, read_csv
    from gateway.rules.anomaly.detecting import detect
    from gateway.rules.anomaly.explaining import Texts, explain
    from gateway.rules.anomaly.guard import Reason, Violation, check_text
    from gateway.rules.anomaly.many import BatchResult, detect_many
    from gateway.rules.anomaly.plot import plot_csv, plot_html
    from gateway.rules.anomaly.thresholds import SCORE_AT
    from gateway.rules.anomaly.warming import warm
else:
    __getattr__ = on_demand(
        __name__,
        {
            "csv_io": ("CsvError", "CsvOptions", "detect_csv", "read_csv"),
            "detecting": ("detect",),
            "explaining": ("Texts", "explain"),
            "guard": ("Reason", "Violation", "check_text"),
            "many": ("BatchResult", "detect_many"),
            "plot": ("plot_csv", "plot_html"),
            "thresholds": ("SCORE_AT",),
            "warming": ("warm",),
        },
    )

__all__ = [
    "SCORE_AT",
    "Anomaly",
    "BadSeriesError",
    "BandPoint",
    "BatchResult",
    "Cause",
    "CauseCode",
    "Covariate",
    "CsvError",
    "CsvOptions",
    "DetectRequest",
    "DetectResult",
    "Direction",
    "Effect",
    "Evaluate",
    "Event",
    "GroupAlert",
    "Interval",
    "Kind",
    "Measure",
    "NoteCode",
    "Point",
    "QualityNote",
    "Reason",
    "Sensitivity",
    "Series",
    "Severity",
    "Texts",
    "Violation",
    "check_text",
    "detect",
    "detect_csv",
    "detect_many",
    "explain",
    "plot_csv",
    "plot_html",
    "read_csv",
    "warm",
]
