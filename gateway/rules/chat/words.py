"""Words that stand before ids, and the building of word patterns.

A word may stand right beside a Chinese character, so its edges are "no Latin letter" and not
the word boundary of regular expressions.
"""

import re
from collections.abc import Iterable
from itertools import chain

from gateway.rules.chat.needed import Key, key_of, literals_of, pieces_of

_KEYS: set[Key] = set()
"""The keys of all patterns of this process, complete when its modules are imported."""


class Seen:
    """A folded text, and which keys of patterns it holds: looked up once for all of them."""

    __slots__ = ("keys", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.keys = _KEYS.intersection(pieces_of(text))

    def __repr__(self) -> str:
        return f"Seen({self.text!r}, {len(self.keys)} keys)"


def seen_in(text: str | Seen) -> Seen:
    """The text looked through, if it is not yet."""
    return text if isinstance(text, Seen) else Seen(text)


class _Part:
    """One pattern, compiled when a text first holds what it needs: most never are."""

    __slots__ = ("_compiled", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> bool:
        if self._compiled is None:
            self._compiled = re.compile(self._source)
        return self._compiled.search(text) is not None


class AnyOf:
    """Whether one of many patterns occurs in a text; asks only those whose words stand there."""

    __slots__ = ("_always", "_asked", "_keys", "sources")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.sources = tuple(chain.from_iterable(map(alternatives, patterns)))
        self._always: list[_Part] = []
        self._asked: dict[Key, list[tuple[str, _Part]]] = {}
        for source in self.sources:
            part, literals = _Part(source), literals_of(source)
            for literal in literals:
                self._asked.setdefault(key_of(literal), []).append((literal, part))
            if not literals:
                self._always.append(part)
        self._keys = frozenset(self._asked)
        _KEYS.update(self._keys)

    def __repr__(self) -> str:
        return f"AnyOf({len(self._keys)} keys, {len(self._always)} patterns asked always)"

    def search(self, text: str | Seen) -> bool:
        """Whether a pattern is found; several questions about one text share one `Seen`."""
        seen = seen_in(text)
        tried = set()
        for key in self._keys & seen.keys:
            for literal, part in self._asked[key]:
                if part not in tried and literal in seen.text:
                    if part.search(seen.text):
                        return True
                    tried.add(part)
        return any(part.search(seen.text) for part in self._always)


def any_of(*patterns: str) -> AnyOf:
    """Prepare patterns of which any may occur. For patterns made at import: see `Seen`."""
    return AnyOf(patterns)


_SPLITTER = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]])*\]|[()|]", re.DOTALL)


def alternatives(pattern: str) -> list[str]:
    """The alternatives of a pattern, parted at the bars outside of all brackets."""
    parts, begun, depth = [], 0, 0
    for match in _SPLITTER.finditer(pattern):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if match.group() == "|" and not depth:
            parts.append(pattern[begun : match.start()])
            begun = match.end()
    return [*parts, pattern[begun:]]


_START = "(?<![a-z])"

ORDER_CUE = (
    rf"(?:{_START}(?:order(?:\s*(?:number|no\.?|num|id|nr\.?))?|bestell(?:ung|nummer|nr\.?)"
    r"|auftrag(?:snummer)?|commande(?: (?:numero|n[o°]))?|pedido(?: (?:numero|n[o°]))?)"
    r"|订单(?:编?号|号码)?|单号|注文(?:番号)?)(?: is|は|是|为|:|：)?"
)
TRACKING_CUE = (
    rf"{_START}(?:track|parcel|package|shipment|waybill|courier|fedex|dhl|usps|ups(?![a-z])"
    r"|sendung|paket|colis|suivi|envio|paquete|seguimiento|guia)"
    r"|快递|物流|运单|包裹|面单|中通|申通|圆通|韵达|顺丰|追跡|荷物|伝票|ヤマト|佐川|ゆうパック"
)
SKU_CUE = (
    rf"(?:{_START}(?:sku|asin|item (?:no\.?|number|code)|product (?:no\.?|number|code)"
    r"|artikel(?:nummer|nr\.?)|ref(?:erence|erencia)?)(?![a-z])"
    r"|货号|商品编号|商品编码|款号|品番|商品番号|型番)"
)
