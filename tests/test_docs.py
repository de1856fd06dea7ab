"""What the pages say is there, is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {".venv", ".cache", "node_modules", "vendor", "target"}
PAGES = [p for p in ROOT.rglob("*.md") if not SKIPPED & set(p.relative_to(ROOT).parts)]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
ANCHORED = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    lost = [to for to in LINK.findall(page.read_text("utf-8")) if not (page.parent / to).exists()]
    assert not lost


def anchors(page: Path) -> set[str]:
    """What GitHub calls the headings of a page: small letters, digits, `_` and `-` stay."""
    text = FENCED.sub("", page.read_text("utf-8"))
    names = [
        re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in HEADING.findall(text)
    ]
    again = {f"{name}-{number}" for name in names for number in range(1, names.count(name))}
    return again.union(names)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_anchor_of_a_link_is_a_heading(page: Path) -> None:
    lost = []
    for to, anchor in ANCHORED.findall(page.read_text("utf-8")):
        there = page.parent / to if to else page
        if there.suffix == ".md" and there.is_file() and anchor not in anchors(there):
            lost.append(f"{to}#{anchor}")
    assert not lost


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "LICENSE", "README.zh-CN.md"])
def test_the_front_pages_exist(name: str) -> None:
    assert (ROOT / name).is_file()
