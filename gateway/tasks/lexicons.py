"""A tenant's own words for keywords, from a folder: `<lexicons>/<name>/`.

- `search.log`: what its shoppers typed, written by `erp-gateway keywords import-log`
- `product_words.txt`: words never cut apart (Chinese compounds), one a line
- `own_brands.txt`: brands that are no foreign trademarks, one a line

`#` begins a comment. A process reads a lexicon when it first needs it, and again when its files
have changed; what cannot be read then stays as it was.
"""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from gateway.rules import keywords as keyword_rules

log = logging.getLogger(__name__)

NO_FOLDER = Path("no-lexicons")
SEARCH_LOG = "search.log"


PRODUCT_WORDS = "product_words.txt"
OWN_BRANDS = "own_brands.txt"
FILES = (SEARCH_LOG, PRODUCT_WORDS, OWN_BRANDS)
MOST_KEPT = 64
"""Lexicons a process remembers; more tenants than these are read again and again."""

Marks = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A lexicon as it was read, and the state of its files then."""

    marks: Marks
    lexicon: "keyword_rules.Lexicon"


_kept: dict[tuple[Path, str], _Read] = {}


def lexicon_of(folder: Path, name: str) -> "keyword_rules.Lexicon":
    """The lexicon of this name; without a name, a file or a readable one, what can be had.

    A file that cannot be read is told in the log and stays as it was: keywords must not fail for
    it. Looks at the disk, so not for the event loop.
    """
    if not name:
        return keyword_rules.NO_LEXICON
    place = folder / name
    marks = tuple(_mark(place / file) for file in FILES)
    known = _kept.get((folder, name))
    if known is not None and known.marks == marks:
        return known.lexicon
    if known is None and len(_kept) >= MOST_KEPT:
        del _kept[next(iter(_kept))]
    lexicon = _read(place, known.lexicon if known else keyword_rules.NO_LEXICON)
    _kept[folder, name] = _Read(marks, lexicon)
    return lexicon


def lexicon_versions(folder: Path) -> dict[str, str]:
    """A short hash of every lexicon's files by its name, for cache keys. Reads them all."""
    try:
        places = sorted(place for place in folder.iterdir() if place.is_dir())
    except OSError:
        return {}
    return {place.name: _digest(place) for place in places}


def _digest(place: Path) -> str:
    digest = hashlib.sha256()
    for file in FILES:
        try:
            raw = (place / file).read_bytes()
        except OSError:
            raw = b""
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.hexdigest()[:16]


def _mark(file: Path) -> tuple[int, ...]:
    try:
        found = file.stat()
    except OSError as error:
        return (error.errno or -1,)
    return (found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _read(place: Path, before: "keyword_rules.Lexicon") -> "keyword_rules.Lexicon":
    words = _lines(place / PRODUCT_WORDS)
    brands = _lines(place / OWN_BRANDS)
    return keyword_rules.Lexicon(
        product_words=before.product_words if words is None else frozenset(words),
        own_brands=before.own_brands if brands is None else tuple(brands),
        search_log=_search_log(place / SEARCH_LOG, before.search_log),
    )


def _lines(file: Path) -> list[str] | None:
    text = _text(file)
    if text is None:
        return None
    return [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]


def _search_log(file: Path, before: "keyword_rules.SearchLog") -> "keyword_rules.SearchLog":
    text = _text(file)
    if text is None:
        return before
    try:
        return keyword_rules.load(text) if text else keyword_rules.SearchLog()
    except keyword_rules.SearchLogError as error:
        log.warning("%s is left as it was: %s; import it again", file, error)
        return before


def _text(file: Path) -> str | None:
    """Its text, empty when there is no such file; None when it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        log.warning("%s is left as it was: %s", file, error)
        return None
