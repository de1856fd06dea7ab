import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from gateway.rules.anomaly import CsvOptions, Evaluate, Event, detect, plot_csv, plot_html
from gateway.rules.anomaly.plot import band_svg, frame_of
from tests.rules.anomaly.made import day, request, sales

EVIL = "<script>alert(1)</script>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def page(**options: object) -> str:
    asked = request([*sales(120), None, 900.0], evaluate=Evaluate.ALL, return_band=True, **options)
    return plot_html(asked, detect(asked))


def test_the_page_loads_nothing_from_elsewhere() -> None:
    tags = Tags()
    tags.feed(page())
    assert not [t for t, a in tags.seen if t in {"link", "img", "iframe"} or "src" in a]
    assert "url(" not in page()


def test_names_given_by_the_caller_are_escaped() -> None:
    text = page(series_id=EVIL, unit="<b>", events=[Event(day(50), day(51), EVIL)])
    assert EVIL not in text
    assert "<b>," not in text


def test_the_data_of_the_script_holds_every_judged_point_and_anomaly() -> None:
    found = re.search(r'id="data">(.*?)</script>', page(), re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert len(data["points"]) > 100
    assert str(day(121)) in data["anomalies"]


def test_the_drawing_is_well_formed_and_stays_inside_its_frame() -> None:
    asked = request([*sales(120), 90_000.0], evaluate=Evaluate.ALL, return_band=True)
    result = detect(asked)
    frame = frame_of(result, 600, 200)
    root = ET.fromstring(band_svg(result, frame))  # noqa: S314 - our own text
    drawn = " ".join(e.get("points", "") for e in root.iter()).split()
    heights = [float(p.split(",")[1]) for p in drawn]
    assert min(heights) >= 0
    assert max(heights) <= 200


def test_a_csv_file_becomes_a_page_in_the_language_asked() -> None:
    text = plot_csv("2025-11-01,5\n2025-11-02,6\n", CsvOptions(locale="zh"))
    assert '<html lang="zh">' in text
    assert "不足以判断" in text
