"""A tenant's words: product words, own brands, and what its shoppers searched for.

`parse_search_log` reads the CSV reports of marketplaces, `dump` and `load` the kept form: UTF-8
lines `weight TAB term` under the line FORMAT, most searched first.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.rules.keywords import variants
from gateway.rules.keywords.model import KnownTerm

FORMAT = "# erp-gateway search log 1"
MAX_ROWS = 200_000
"""Rows read of one report; the reports are sorted by volume, what follows is rare."""
MAX_TERM_CHARACTERS = 120
_HEADER_ROWS = 30  # reports begin with some lines about shop and period
# Column names, best first, lower case. Amazon: Search Query Performance, Search Terms, Brand
# Analytics. Shopee, Lazada, TikTok Shop: keyword reports in English and Chinese.
_TERM_COLUMNS = (
    "search query", "customer search term", "search term", "search terms", "search keyword",
    "keyword", "keywords", "query", "term", "搜索词", "搜索查询", "关键词", "关键字",
    "搜索关键词",
    "検索クエリ", "検索用語", "検索語句", "suchanfrage", "suchbegriff", "requête",
    "terme de recherche",
    "consulta de búsqueda", "término de búsqueda",
)  # fmt: skip
_WEIGHT_COLUMNS = (
    "search query volume", "search volume", "searches", "volume", "搜索量", "搜索次数",
    "搜索查询数量",
    "検索クエリのボリューム", "clicks: total count", "clicks", "click", "点击量", "点击数",
    "点击次数",
    "orders", "订单数", "impressions: total count", "impressions", "impression", "曝光量", "展现量",
    "weight", "count", "frequency",
)  # fmt: skip


class SearchLogError(ValueError):
    """A report or kept log that cannot be read; the message says what was looked for."""


class SearchLog:
    """What shoppers typed, most searched first. Never changed; keeps its index in memory."""

    __slots__ = ("_indexes", "terms")

    def __init__(self, terms: Iterable[KnownTerm] = ()) -> None:
        self.terms = tuple(terms)
        self._indexes: dict[str, LogIndex] = {}

    def __repr__(self) -> str:
        return f"SearchLog({len(self.terms)} terms)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SearchLog) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(len(self.terms))

    def index(self, language: str) -> "LogIndex":
        """Give the log by stems; built once a language (1 s for 50,000 terms)."""
        if language not in self._indexes:
            self._indexes[language] = index_of(self.terms, language)
        return self._indexes[language]


@dataclass(frozen=True, slots=True)
class LogIndex:
    """Terms by their rarest word, and how much is searched for each word (0 to 1)."""

    by_word: Mapping[str, tuple[tuple[frozenset[str], KnownTerm], ...]]
    words: Mapping[str, float]
    most: float


def index_of(terms: Iterable[KnownTerm], language: str) -> LogIndex:
    """Index search terms by their stems."""
    rows = [(frozenset(variants.content(term.text, language)), term) for term in terms]
    volume: dict[str, float] = defaultdict(float)
    for words, term in rows:
        for word in words:
            volume[word] += term.weight
    by_word: dict[str, list[tuple[frozenset[str], KnownTerm]]] = defaultdict(list)
    for words, term in rows:
        if words:
            by_word[min(words, key=lambda word: (volume[word], word))].append((words, term))
    top = max(volume.values(), default=1.0)
    return LogIndex(
        by_word={word: tuple(found) for word, found in by_word.items()},
        words={word: value / top for word, value in volume.items()},
        most=max((term.weight for _, term in rows), default=1.0),
    )


@dataclass(frozen=True)
class Lexicon:
    """A tenant's own words.

    Chinese `product_words` are never cut apart, `own_brands` are no foreign marks, `search_log`
    lifts what its shoppers typed.
    """

    product_words: frozenset[str] = frozenset()
    own_brands: tuple[str, ...] = ()
    search_log: SearchLog = field(default_factory=SearchLog)


NO_LEXICON = Lexicon()


def parse_search_log(text: str) -> SearchLog:
    """Read a marketplace's search-query report: CSV, TSV or semicolons.

    Amazon Search Query Performance, Shopee and alike, or just `query,count`.
    Weights: searches, else clicks, orders, impressions, else 1. Terms that differ only in case and
    blanks are added up. Raises SearchLogError when no column of search terms is found.
    """
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=_delimiter(text))
    try:
        return _from_rows(rows)
    except csv.Error as error:
        raise SearchLogError(f"the report is no readable CSV: {error}") from error


def _delimiter(text: str) -> str:
    sample = text[:4000]
    return max(",;\t", key=lambda mark: (sample.count(mark), mark == ","))


def _from_rows(rows: Iterable[list[str]]) -> SearchLog:
    at_term = at_weight = -1
    weights: dict[str, float] = defaultdict(float)
    for number, row in enumerate(rows):
        if at_term < 0:
            names = [cell.strip().casefold() for cell in row]
            at_term, at_weight = _column(names, _TERM_COLUMNS), _column(names, _WEIGHT_COLUMNS)
            if at_term < 0 and number >= _HEADER_ROWS:
                break
            continue
        if number > MAX_ROWS:
            break
        if at_term < len(row):
            term = " ".join(row[at_term].split())
            weight = _number(row[at_weight]) if 0 <= at_weight < len(row) else 1.0
            if term and len(term) <= MAX_TERM_CHARACTERS and weight > 0:
                weights[term.casefold()] += weight
    if at_term < 0:
        raise SearchLogError(
            f"no column of search terms in the first {_HEADER_ROWS} rows; name one 'Search Query', "
            "'Search Term' or 'Keyword'"
        )
    return _sorted(weights)


def _column(names: list[str], wanted: tuple[str, ...]) -> int:
    return next((names.index(name) for name in wanted if name in names), -1)


def _number(cell: str) -> float:
    """Read `1,234`, `1.234` and `12.5`; anything else counts as nothing."""
    digits = re.sub(r"[^\d.,]", "", cell)
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", digits):
        digits = re.sub(r"[.,]", "", digits)
    try:
        found = float(digits.replace(",", "."))
    except ValueError:
        return 0.0
    return min(found, 1e12)


def _sorted(weights: Mapping[str, float]) -> SearchLog:
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return SearchLog(KnownTerm(term, weight) for term, weight in ranked)


def dump(log: SearchLog) -> str:
    """Give the kept form of a log."""
    return "\n".join([FORMAT, *(f"{term.weight:g}\t{term.text}" for term in log.terms)]) + "\n"


def load(text: str) -> SearchLog:
    """Read what `dump` gave. Raises SearchLogError naming the line that is wrong."""
    lines = text.split("\n")
    if lines[0].strip() != FORMAT:
        raise SearchLogError(f"the log begins with {lines[0][:80]!r}, expected {FORMAT!r}")
    weights: dict[str, float] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        weight, _, term = line.partition("\t")
        if not term or _number(weight.split("e")[0]) <= 0:
            raise SearchLogError(f"line {number} is {line[:80]!r}, expected weight TAB term")
        weights[term] = float(weight)
    return _sorted(weights)
