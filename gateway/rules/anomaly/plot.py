"""The picture of a result: a band plot as SVG, and a page with it that needs nothing else.

The page holds its own style, data and script; it loads nothing, so that it can be mailed or kept.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from gateway.rules.anomaly import csv_io, numerals
from gateway.rules.anomaly.detecting import detect
from gateway.rules.anomaly.model import (
    Anomaly,
    BandPoint,
    DetectRequest,
    DetectResult,
    Direction,
    Interval,
)
from gateway.rules.anomaly.page import PAGE
from gateway.rules.anomaly.phrases import language_of

MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 64.0, 16.0, 14.0, 28.0
HEADROOM = 1.08
TICKS = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """Where times and values lie on the drawing, in its pixels."""

    width: float
    height: float
    first_s: int
    last_s: int
    low: float
    high: float

    def x(self, time_s: int) -> float:
        """Pixels from the left."""
        span = max(self.last_s - self.first_s, 1)
        inner = self.width - MARGIN_LEFT - MARGIN_RIGHT
        return MARGIN_LEFT + inner * (time_s - self.first_s) / span

    def y(self, value: float) -> float:
        """Pixels from the top; values beyond the frame lie on its edge."""
        inner = self.height - MARGIN_TOP - MARGIN_BOTTOM
        share = (value - self.low) / max(self.high - self.low, 1e-12)
        return MARGIN_TOP + inner * (1 - min(max(share, 0.0), 1.0))


def plot_csv(text: str, options: csv_io.CsvOptions | None = None) -> str:
    """The page for a CSV file. Raises CsvError with line numbers."""
    request = csv_io.read_csv(text, options)
    return plot_html(request, detect(request))


def plot_html(request: DetectRequest, result: DetectResult) -> str:
    """A self-contained page: chart with values under the pointer, summary, list of anomalies.

    `result` must have its band (`return_band`), otherwise only the list is shown.
    """
    frame = frame_of(result, 1000, 360)
    language = language_of(result.locale)
    spans = [(e.start_s, e.end_s, e.name) for e in request.events]
    data = {
        "points": [_row(b, frame, result, language) for b in result.band],
        "anomalies": {str(a.time_s): a.explanation for a in result.anomalies},
    }
    return PAGE.format(
        language=language,
        title=escape(result.series_id or "series"),
        summary=escape(result.summary),
        svg=band_svg(result, frame, spans) if result.band else "",
        notes="".join(f"<li>{escape(n.text)}</li>" for n in result.quality_notes),
        rows="".join(_listed(a, result, language) for a in result.anomalies),
        data=json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
    )


def frame_of(result: DetectResult, width: float, height: float) -> Frame:
    """A frame that shows the usual band and values fully; a factor of 100 is cut off."""
    times = [b.time_s for b in result.band] or [0, 1]
    shown = [b.upper for b in result.band]
    ordinary = {a.time_s for a in result.anomalies}
    shown += [b.value for b in result.band if b.value is not None and b.time_s not in ordinary]
    top = _quantile(shown, 0.95) * 1.3 if shown else 1.0
    strange = [a.value for a in result.anomalies if a.value is not None]
    top = max(top, min(max(strange, default=0.0), 1.6 * top))
    low = min([0.0, *(b.value for b in result.band if b.value is not None)])
    return Frame(width, height, times[0], times[-1], low, top * HEADROOM or 1.0)


def band_svg(
    result: DetectResult, frame: Frame, events: Sequence[tuple[int, int, str]] = ()
) -> str:
    """The band, the expected value, the values and the anomalies, as an SVG element."""
    parts = [*_axes(result, frame), *(_event(frame, e) for e in events)]
    upper = [(frame.x(b.time_s), frame.y(b.upper)) for b in result.band]
    lower = [(frame.x(b.time_s), frame.y(b.lower)) for b in reversed(result.band)]
    parts.append(f'<polygon class="band" points="{_path(upper + lower)}"/>')
    expected = [(frame.x(b.time_s), frame.y(b.expected)) for b in result.band]
    parts.append(f'<polyline class="expected" points="{_path(expected)}"/>')
    parts += [f'<polyline class="value" points="{_path(run)}"/>' for run in _runs(result, frame)]
    parts += [_mark(a, frame) for a in result.anomalies]
    size = f'viewBox="0 0 {frame.width:g} {frame.height:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">{"".join(parts)}</svg>'


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _runs(result: DetectResult, frame: Frame) -> list[list[tuple[float, float]]]:
    """The values as lines that break where a value is missing."""
    runs: list[list[tuple[float, float]]] = [[]]
    for b in result.band:
        if b.value is None:
            runs.append([])
        else:
            runs[-1].append((frame.x(b.time_s), frame.y(b.value)))
    return [run for run in runs if run]


def _mark(a: Anomaly, frame: Frame) -> str:
    value = a.expected if a.value is None else a.value
    x, y = frame.x(a.time_s), frame.y(value)
    style = f"mark {a.severity.value.lower()}"
    title = f"<title>{escape(a.explanation)}</title>"
    if value > frame.high:
        corner = f"{x:.1f},{y - 7:.1f} {x - 6:.1f},{y + 4:.1f} {x + 6:.1f},{y + 4:.1f}"
        return f'<polygon class="{style}" points="{corner}">{title}</polygon>'
    return f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="4.5">{title}</circle>'


def _event(frame: Frame, event: tuple[int, int, str]) -> str:
    start, end, name = event
    if end < frame.first_s or start > frame.last_s:
        return ""
    left, right = frame.x(max(start, frame.first_s)), frame.x(min(end, frame.last_s))
    box = (
        f'x="{left - 1.5:.1f}" y="{MARGIN_TOP:g}" width="{right - left + 3:.1f}" '
        f'height="{frame.height - MARGIN_TOP - MARGIN_BOTTOM:g}"'
    )
    return f'<rect class="event" {box}><title>{escape(name)}</title></rect>'


def _axes(result: DetectResult, frame: Frame) -> list[str]:
    language = language_of(result.locale)
    parts = []
    for value in _ticks(frame.low, frame.high):
        y = frame.y(value)
        ends = f'x1="{MARGIN_LEFT:g}" x2="{frame.width - MARGIN_RIGHT:g}"'
        parts.append(f'<line class="grid" {ends} y1="{y:.1f}" y2="{y:.1f}"/>')
        at = f'x="{MARGIN_LEFT - 8:g}" y="{y + 4:.1f}"'
        text = numerals.number(value, language)
        parts.append(f'<text class="tick" {at} text-anchor="end">{text}</text>')
    for k in range(TICKS + 1):
        time_s = frame.first_s + (frame.last_s - frame.first_s) * k // TICKS
        if result.interval is not Interval.HOUR:
            time_s -= time_s % 86_400
        text = numerals.date(time_s, language, result.interval, result.time_zone)
        anchor = "start" if k == 0 else "end" if k == TICKS else "middle"
        at = f'x="{frame.x(time_s):.1f}" y="{frame.height - 8:g}"'
        parts.append(f'<text class="tick" {at} text-anchor="{anchor}">{text}</text>')
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Round values, about five of them."""
    rough = (high - low) / TICKS
    power = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 10.0 ** -len(f"{1 / rough:.0f}")
    step = next((s * power for s in (1, 2, 2.5, 5, 10) if s * power >= rough), rough)
    first = int(low / step) - (low < 0)
    return [round(k * step, 10) for k in range(first, int(high / step) + 1) if k * step >= low]


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _row(b: BandPoint, frame: Frame, result: DetectResult, language: str) -> list[object]:
    """What the script needs of one point: place, date, value and band as text, time."""
    texts = [numerals.number(v, language) for v in (b.expected, b.lower, b.upper)]
    value = "–" if b.value is None else numerals.number(b.value, language)
    place = None if b.value is None else round(frame.y(b.value), 1)
    date = numerals.date(b.time_s, language, result.interval, result.time_zone)
    return [round(frame.x(b.time_s), 1), place, date, value, *texts, b.time_s]


def _listed(a: Anomaly, result: DetectResult, language: str) -> str:
    date = numerals.date(a.time_s, language, result.interval, result.time_zone)
    arrow = {Direction.UP: "▲", Direction.DOWN: "▼", Direction.NONE: "="}[a.direction]
    cells = (
        f'<td class="{a.severity.value.lower()}">{arrow} {a.severity.value}</td>'
        f"<td>{date}</td><td>{a.kind.value}</td><td>{escape(a.explanation)}</td>"
        f"<td>{numerals.number(a.score, language)}</td>"
    )
    return f'<tr data-time="{a.time_s}">{cells}</tr>'


FILE_STYLE = (
    "text{font:11px sans-serif;fill:#67707f}.band{fill:#cfe0f7}.grid{stroke:#e3e7ee}"
    ".expected{fill:none;stroke:#67707f;stroke-dasharray:4 3}"
    ".value{fill:none;stroke:#1f4e8c;stroke-width:1.4}.event{fill:#e0a100;opacity:.18}"
    ".mark{fill:#c1121f;stroke:#fff}"
)


def svg_file(result: DetectResult, spans: Sequence[tuple[int, int, str]] = ()) -> str:
    """The band plot as a file of its own, 720 by 220 pixels, for documents."""
    drawing = band_svg(result, frame_of(result, 720, 220), spans)
    background = f'<style>{FILE_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>'
    return drawing.replace(">", f">{background}", 1) + "\n"
