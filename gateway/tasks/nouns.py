"""The nouns of keywords and anomalies under names of their own, for the edge.

The edge converts these from and to protobuf; it may know the calls, but not the engines.
"""

from gateway.rules.anomaly import (
    Anomaly,
    BandPoint,
    Cause,
    Covariate,
    DetectRequest,
    DetectResult,
    Direction,
    Effect,
    Evaluate,
    Event,
    Interval,
    Measure,
    Point,
    QualityNote,
    Sensitivity,
    Series,
    Severity,
)
from gateway.rules.anomaly import Kind as AnomalyKind
from gateway.rules.keywords import (
    Field,
    Keyword,
    KeywordRequest,
    KeywordResult,
    KnownTerm,
    Listing,
    Rejected,
)

__all__ = [
    "Anomaly",
    "AnomalyKind",
    "BandPoint",
    "Cause",
    "Covariate",
    "DetectRequest",
    "DetectResult",
    "Direction",
    "Effect",
    "Evaluate",
    "Event",
    "Field",
    "Interval",
    "Keyword",
    "KeywordRequest",
    "KeywordResult",
    "KnownTerm",
    "Listing",
    "Measure",
    "Point",
    "QualityNote",
    "Rejected",
    "Sensitivity",
    "Series",
    "Severity",
]
