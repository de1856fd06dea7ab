"""What the anomaly engine takes and gives: plain frozen data, no protobuf.

Times are epoch seconds (UTC, int); the series' `time_zone` turns them into local days and hours.
A daily or weekly series whose times are all at 00:00 UTC is read as a series of dates, whatever
its zone says. Values are in the series' own unit; so are impacts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Interval(Enum):
    """The distance of two points, in seconds."""

    HOUR = 3_600
    DAY = 86_400
    WEEK = 604_800

    @property
    def step_s(self) -> int:
        """The distance in seconds."""
        return int(self.value)


class Measure(StrEnum):
    """What the values are; it decides the noise model and whether values add up."""

    COUNT = "COUNT"
    AMOUNT = "AMOUNT"
    RATIO = "RATIO"


class Evaluate(StrEnum):
    """Which points are judged; history is always learnt from all points."""

    LAST_POINT = "LAST_POINT"
    LAST_N = "LAST_N"
    ALL = "ALL"


class Sensitivity(StrEnum):
    """How often a normal series may raise an alert; see `thresholds.SCORE_AT`."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"


class Direction(StrEnum):
    """Whether the value lies above or below what was expected; neither if it stands still."""

    UP = "UP"
    DOWN = "DOWN"
    NONE = "NONE"


class Kind(StrEnum):
    """What sort of anomaly it is."""

    SPIKE = "SPIKE"
    DROP = "DROP"
    LEVEL_SHIFT = "LEVEL_SHIFT"
    TREND_CHANGE = "TREND_CHANGE"
    MISSING_DATA = "MISSING_DATA"
    STUCK = "STUCK"
    SCALE_ERROR = "SCALE_ERROR"


class Severity(StrEnum):
    """How much it matters, from the impact and the surprise."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"


class Effect(StrEnum):
    """What a known event is expected to do to the series."""

    UNKNOWN = "UNKNOWN"  # its days are neither judged nor learnt
    UP = "UP"  # as UNKNOWN, but a fall below the ordinary band is still told
    DOWN = "DOWN"  # as UNKNOWN, but a rise above the ordinary band is still told
    CLOSED = "CLOSED"  # no business: as UNKNOWN


@dataclass(frozen=True, slots=True)
class Point:
    """One observation. `missing` (or a value of None or NaN) says the ERP knows it has no value."""

    time_s: int
    value: float | None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """A series of observations, in any order; see `grid` for how faults in it are handled."""

    points: Sequence[Point]
    series_id: str = ""
    interval: Interval = Interval.DAY
    time_zone: str = "UTC"
    measure: Measure = Measure.COUNT
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something known beforehand; it covers every point from `start_s` to `end_s`, inclusive."""

    start_s: int
    end_s: int
    name: str
    effect: Effect = Effect.UNKNOWN


@dataclass(frozen=True, slots=True)
class Covariate:
    """Another series of the same shop at the same times (price, ad spend, stock, traffic)."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class DetectRequest:
    """One question: which points of this series are unusual.

    `min_impact`: in the series' unit; anomalies that matter less are left out (0: none are).
    `calendars`: names known to `calendars.names()`, whose days are treated as events.
    `locale`: BCP-47; texts exist in zh, en, de, fr, es and ja, anything else reads English.
    """

    series: Series
    evaluate: Evaluate = Evaluate.LAST_POINT
    last_n: int = 1
    events: Sequence[Event] = ()
    sensitivity: Sensitivity = Sensitivity.MEDIUM
    min_impact: float = 0.0
    covariates: Sequence[Covariate] = ()
    calendars: Sequence[str] = ()
    return_band: bool = False
    locale: str = "en"


class CauseCode(StrEnum):
    """What may lie behind an anomaly."""

    OUT_OF_STOCK = "OUT_OF_STOCK"
    PRICE_UP = "PRICE_UP"
    PRICE_DOWN = "PRICE_DOWN"
    ADS_UP = "ADS_UP"
    ADS_DOWN = "ADS_DOWN"
    TRAFFIC_UP = "TRAFFIC_UP"
    TRAFFIC_DOWN = "TRAFFIC_DOWN"
    COVARIATE_UP = "COVARIATE_UP"
    COVARIATE_DOWN = "COVARIATE_DOWN"
    CALENDAR = "CALENDAR"
    DOUBLE_COUNT = "DOUBLE_COUNT"
    UNIT_FACTOR = "UNIT_FACTOR"
    PARTIAL_DATA = "PARTIAL_DATA"
    FROZEN_FEED = "FROZEN_FEED"
    NO_DATA = "NO_DATA"
    ONE_LARGE_ORDER = "ONE_LARGE_ORDER"
    COMMON_CAUSE = "COMMON_CAUSE"


@dataclass(frozen=True, slots=True)
class Cause:
    """A likely cause with the evidence for it; `text` is in the request's language.

    `before` and `now` are the covariate's usual value and its value at the anomaly, or the
    factor between value and expectation; None where they mean nothing.
    """

    code: CauseCode
    subject: str
    before: float | None = None
    now: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One judged point that is unusual, seen with what was known that day.

    `score`: -log10 of the false-alarm rate per point (3.0: one such alarm in 1,000 ordinary
    points). `start_s`: the first point of what is going on; equal to `time_s` for one-day events.
    `points`: how many points that is. `impact`: sum of value - expected since `start_s` (for a
    RATIO their mean). `ongoing`: an earlier point of the same episode was already an anomaly.
    """

    time_s: int
    value: float | None
    expected: float
    lower: float
    upper: float
    score: float
    direction: Direction
    kind: Kind
    severity: Severity
    impact: float
    start_s: int
    points: int = 1
    ongoing: bool = False
    explanation: str = ""
    likely_causes: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class BandPoint:
    """What was expected at one point before it was seen; `score` is None if it was not judged."""

    time_s: int
    value: float | None
    expected: float
    lower: float
    upper: float
    score: float | None


class NoteCode(StrEnum):
    """Facts about the data that limit the answer."""

    NO_DATA = "NO_DATA"
    TOO_SHORT = "TOO_SHORT"
    COLD_START = "COLD_START"
    GAPS = "GAPS"
    DUPLICATES = "DUPLICATES"
    CONFLICTING_DUPLICATES = "CONFLICTING_DUPLICATES"
    UNORDERED = "UNORDERED"
    OFF_GRID = "OFF_GRID"
    NEGATIVE = "NEGATIVE"
    NOT_FINITE = "NOT_FINITE"
    ALL_ZERO = "ALL_ZERO"
    CONSTANT = "CONSTANT"
    SPARSE = "SPARSE"
    CLOSED_DAYS = "CLOSED_DAYS"
    REBASED = "REBASED"
    EVENT_DAY = "EVENT_DAY"
    UNKNOWN_CALENDAR = "UNKNOWN_CALENDAR"


@dataclass(frozen=True, slots=True)
class QualityNote:
    """One such fact: how many points, or which day, it is about; `text` in the language asked."""

    code: NoteCode
    count: int = 0
    time_s: int | None = None
    subject: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class DetectResult:
    """The answer. `judged`: how many points were; `threshold`: the score an anomaly had to reach.

    `judged == 0` means the engine could not say anything; the notes tell why.
    """

    series_id: str
    anomalies: tuple[Anomaly, ...]
    summary: str
    quality_notes: tuple[QualityNote, ...]
    judged: int
    threshold: float
    interval: Interval
    measure: Measure
    unit: str
    locale: str
    time_zone: str = "UTC"
    band: tuple[BandPoint, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class GroupAlert:
    """Many series that moved the same way at one time: one alert in place of many.

    `series_ids`: those that moved, of `total` judged then. `impact`: the sum of their value -
    expected, meaningful where `unit` (the one they share) is not empty. `kind`: MISSING_DATA if
    what they share is that no value came.
    """

    time_s: int
    direction: Direction
    series_ids: tuple[str, ...]
    total: int
    score: float
    impact: float
    unit: str
    kind: Kind | None = None
    text: str = ""


class BadSeriesError(ValueError):
    """The series or the options break a documented rule; the message names which and the remedy."""
