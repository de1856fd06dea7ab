"""What is found of personal data and secrets: recall and precision on marked texts, and the price.

    python -m benchmarks.privacy            prints, and writes the figures into docs/privacy.md

A find counts when kind and both ends are right. `covered` is what matters most: the share of marked
characters that would not leave, whatever kind they were taken for.
"""

import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.rules.masking import EVERY_KIND, Kind, Placeholders, Span, find_spans

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "benchmarks" / "data" / "privacy"
DOC = ROOT / "docs" / "privacy.md"
SETS = ("tuned", "held_out")
KINDS = EVERY_KIND - {Kind.NUMBER}
BEGIN, END = "<!-- figures: make bench-privacy -->", "<!-- end of figures -->"
_MARK = re.compile(r"\{\{([A-Z_]+):(.*?)\}\}")


@dataclass(frozen=True)
class Row:
    country: str
    text: str
    spans: tuple[Span, ...]


@dataclass
class Score:
    hits: Counter[str]
    missed: Counter[str]
    wrong: Counter[str]
    covered: Counter[str]
    marked: Counter[str]

    def recall(self, kind: str) -> float:
        return self.hits[kind] / max(1, self.hits[kind] + self.missed[kind])

    def precision(self, kind: str) -> float:
        return self.hits[kind] / max(1, self.hits[kind] + self.wrong[kind])


def rows(name: str) -> Iterator[Row]:
    for line in (DATA / f"{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, marked = line.split("\t", 1)
            yield row_of(country, marked.replace("\\n", "\n"))


def row_of(country: str, marked: str) -> Row:
    text, spans, done = "", [], 0
    flat = re.sub("\n", "\v", marked)  # a mark may span lines
    for match in _MARK.finditer(flat):
        text += flat[done : match.start()]
        spans.append(Span(Kind(match[1]), len(text), len(text) + len(match[2])))
        text, done = text + match[2], match.end()
    return Row(country, (text + flat[done:]).replace("\v", "\n"), tuple(spans))


def score(of: Sequence[Row]) -> Score:
    made = Score(Counter(), Counter(), Counter(), Counter(), Counter())
    for row in of:
        got, wanted = set(find_spans(row.text, KINDS)), set(row.spans)
        made.hits.update(span.kind.value for span in got & wanted)
        made.missed.update(span.kind.value for span in wanted - got)
        made.wrong.update(span.kind.value for span in got - wanted)
        hidden = {place for span in got for place in range(span.start, span.end)}
        for span in wanted:
            made.marked[span.kind.value] += span.end - span.start
            made.covered[span.kind.value] += len(hidden & set(range(span.start, span.end)))
    return made


def faults(of: Sequence[Row]) -> Iterator[str]:
    for row in of:
        got, wanted = set(find_spans(row.text, KINDS)), set(row.spans)
        for sign, spans in (("-", wanted - got), ("+", got - wanted)):
            for span in spans:
                found = row.text[span.start : span.end]
                yield f"{sign} {row.country} {span.kind.value} {found!r} in {row.text[:100]!r}"


def table(name: str, of: Sequence[Row]) -> str:
    made = score(of)
    lines = [
        f"`{name}.txt`, {len(of)} texts, {sum(not row.spans for row in of)} of them hold nothing:",
        "",
        "| kind | marked | recall | precision | characters covered |",
        "|---|---|---|---|---|",
    ]
    for kind in sorted(KINDS):
        count = made.hits[kind] + made.missed[kind]
        if count:
            share = made.covered[kind] / made.marked[kind]
            lines.append(
                f"| {kind} | {count} | {made.recall(kind):.2f} | {made.precision(kind):.2f}"
                f" | {share:.2f} |"
            )
    hits, missed, wrong = (sum(c.values()) for c in (made.hits, made.missed, made.wrong))
    share = sum(made.covered.values()) / sum(made.marked.values())
    lines.append(
        f"| all | {hits + missed} | {hits / (hits + missed):.2f} | {hits / (hits + wrong):.2f}"
        f" | {share:.2f} |"
    )
    return "\n".join(lines)


def price() -> str:
    """Milliseconds on this machine to hide the personal data of texts of some lengths."""
    text = " ".join(row.text for name in SETS for row in rows(name))
    times = []
    for size in (200, 2_000, 20_000):
        part = (text * 5)[:size]
        took = []
        for _ in range(9):
            began = time.perf_counter()
            Placeholders([part]).hidden(part, KINDS)
            took.append(time.perf_counter() - began)
        times.append(f"{size:,} characters {min(took) * 1e3:.2f} ms")
    return "Time for a text full of it: " + ", ".join(times) + "."


def main() -> None:
    figures = [table(name, list(rows(name))) for name in SETS] + [price()]
    print("\n\n".join(figures))
    if "--faults" in sys.argv:
        print("\n".join(fault for fault in faults(list(rows(sys.argv[-1])))))
        return
    if DOC.exists():
        page = DOC.read_text("utf-8")
        head, _, rest = page.partition(BEGIN)
        _, _, tail = rest.partition(END)
        DOC.write_text("\n\n".join([head + BEGIN, *figures, END + tail]), "utf-8")


if __name__ == "__main__":
    main()
