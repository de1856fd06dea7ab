"""The shared keyword data as requests. Third parties' texts: read where they are, never copied."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from gateway.rules.keywords import KeywordRequest, Listing

REPOSITORY = Path(__file__).resolve().parent.parent
MARKETPLACES = {"etsy_tags": "ETSY", "taobao_ner_zh": "TAOBAO", "homedepot_queries": "HOMEDEPOT"}
LINE_BYTES = {"etsy_tags": 249, "homedepot_queries": 32}
"""Bytes at which score.py cuts the search-terms line of a set."""

Record = dict[str, Any]


def data_folder() -> Path:
    """Give the folder of the keyword data; ends the program with a clear sentence if absent."""
    shared = os.environ.get("ERP_SHARED_DATA") or str(REPOSITORY.parent / "shared" / "data")
    folder = Path(shared) / "keywords"
    if not (folder / "score.py").is_file():
        sys.exit(
            f"data not found: no score.py in {str(folder)!r}; "
            "set ERP_SHARED_DATA to the folder that holds keywords/"
        )
    return folder


def records(folder: Path) -> Iterator[tuple[str, Record]]:
    """Give every record with the name of its set."""
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                yield file.stem, json.loads(line)


def request_of(name: str, record: Record, most: int = 40) -> KeywordRequest:
    """Give what a caller of ours would send for a record; the gold is never part of it."""
    listing = Listing(
        title=record["title"],
        bullet_points=tuple(record.get("bullets", ())),
        description=record["description"],
        brand=record.get("brand", ""),
        category=record.get("category", ""),
        attributes=record.get("attributes", {}) or {},
        marketplace=record.get("marketplace", "") or MARKETPLACES.get(name, ""),
        language=record["lang"],
    )
    return KeywordRequest(listing, most, LINE_BYTES.get(name))


def scorer(folder: Path) -> ModuleType:
    """Load the shared score.py."""
    sys.path.insert(0, str(folder))
    try:
        import score  # type: ignore[import-not-found] # noqa: PLC0415 # lives with the data
    finally:
        sys.path.remove(str(folder))
    found: ModuleType = score
    return found
