"""A tenant's own words for keywords, from a folder: `<lexicons>/<name>/`.

- `search.log`: what its shoppers typed, written by `erp-gateway keywords import-log`
- `product_words.txt`: words never cut apart (Chinese compounds), one a line
- `own_brands.txt`: brands that are no foreign trademarks, one a line

Each process reads a lexicon once; `#` begins a comment. A new one is seen after a restart.
"""

import logging
from functools import lru_cache
from pathlib import Path

from gateway.rules.keywords import Lexicon
from gateway.rules.keywords.log import NO_LEXICON, SearchLog, SearchLogError, load

log = logging.getLogger(__name__)

NO_FOLDER = Path("no-lexicons")
SEARCH_LOG = "search.log"


@lru_cache(maxsize=64)
def lexicon_of(folder: Path, name: str) -> Lexicon:
    """The lexicon of this name; without a name, a file or a readable one, what can be had.

    A file that cannot be read is told in the log and left out: keywords must not fail for it.
    """
    if not name:
        return NO_LEXICON
    place = folder / name
    return Lexicon(
        product_words=frozenset(_lines(place / "product_words.txt")),
        own_brands=tuple(_lines(place / "own_brands.txt")),
        search_log=_search_log(place / SEARCH_LOG),
    )


def _lines(file: Path) -> list[str]:
    text = _text(file)
    return [line for raw in text.splitlines() if (line := raw.partition("#")[0].strip())]


def _search_log(file: Path) -> SearchLog:
    try:
        return load(text) if (text := _text(file)) else SearchLog()
    except SearchLogError as error:
        log.warning("%s is left out: %s; import it again", file, error)
        return SearchLog()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        log.warning("%s is left out: %s", file, error)
        return ""
