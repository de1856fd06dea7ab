"""Placeholders such as [EMAIL_1] for what was found, and back again."""

import json
import re
from collections.abc import Iterable, Set

from gateway.rules.masking.find import find_spans
from gateway.rules.masking.kinds import EVERY_KIND, Kind

MAX_CHARS = 20_000
"""Characters read of a text for the log; what follows is cut."""

_KINDS = "|".join(kind.value for kind in Kind)
_PLACEHOLDER = re.compile(rf"[\[【［]\s?({_KINDS})[ _]?(\d{{1,4}})\s?[\]】］]", re.IGNORECASE)
"""As models write them back: other brackets, other case, a space for the line."""
_BEGUN = re.compile(r"[\[【［][A-Za-z_ ]{0,10}[\d ]{0,6}$")
"""The end of a text that may yet become one."""
_LEAST_KNOWN = 2
_NAME_ENDS = r"(?![A-Za-zÀ-ɏ]|_\d{1,4}\])"
"""An empty "NAME: EMAIL: ..." of a form makes EMAIL a name: it is none inside of [EMAIL_1]."""


class Placeholders:
    """The placeholders of one talk: equal values have equal ones in all of its texts.

    `texts`: all that will be masked with it, so that no placeholder is used that stands there
    already.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._names: dict[tuple[Kind, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[Kind, int] = {}
        self._texts = tuple(texts)
        self._taken: set[str] | None = None

    def __repr__(self) -> str:
        return f"Placeholders({sorted(self._values)})"

    def __len__(self) -> int:
        return len(self._values)

    def hidden(self, text: str, kinds: Set[Kind] = EVERY_KIND) -> str:
        """The text with placeholders; names found before are hidden wherever they stand."""
        parts: list[str] = []
        done = 0
        for span in find_spans(text, kinds):
            name = self._name(span.kind, text[span.start : span.end])
            parts += [text[done : span.start], name]
            done = span.end
        return self._without_names("".join([*parts, text[done:]]), kinds)

    def shown(self, text: str) -> str:
        """The text with the values in place of placeholders; unknown ones stay."""
        return self._restored(text, as_json=False) if self._values else text

    def shown_in_json(self, text: str) -> str:
        """The same for text that is JSON: values are escaped as its strings need it."""
        return self._restored(text, as_json=True) if self._values else text

    def _restored(self, text: str, *, as_json: bool) -> str:
        def value(match: re.Match[str]) -> str:
            found = self._values.get(_canonical(match))
            if found is None:
                return match.group()
            return json.dumps(found, ensure_ascii=False)[1:-1] if as_json else found

        return _PLACEHOLDER.sub(value, text)

    def _name(self, kind: Kind, value: str) -> str:
        key = (kind, _same(kind, value))
        if key not in self._names:
            name = self._free(kind)
            self._names[key] = name
            self._values[name] = value
        return self._names[key]

    def _free(self, kind: Kind) -> str:
        if self._taken is None:  # most talks need no placeholder, so nobody looks for used ones
            found = (m for text in self._texts for m in _PLACEHOLDER.finditer(text))
            self._taken = set(map(_canonical, found))
        while True:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            name = f"[{kind.value}_{self._counts[kind]}]"
            if name not in self._taken:
                return name

    def _without_names(self, text: str, kinds: Set[Kind]) -> str:
        if Kind.NAME not in kinds:
            return text
        for (kind, _), name in self._names.items():
            value = self._values[name]
            if kind is Kind.NAME and len(value) > _LEAST_KNOWN and value in text:
                text = re.sub(rf"(?<![A-Za-zÀ-ɏ]){re.escape(value)}{_NAME_ENDS}", name, text)
        return text


class Restorer:
    """Restores a text that comes in pieces; holds back an end that may become a placeholder."""

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be shown now."""
        text = self._held + text
        begun = _BEGUN.search(text)
        self._held = text[begun.start() :] if begun else ""
        return self._placeholders.shown(text[: begun.start()] if begun else text)

    def rest(self) -> str:
        """What was held back, at the end."""
        held, self._held = self._held, ""
        return self._placeholders.shown(held)


def mask(*texts: str) -> tuple[str, ...]:
    """The texts with placeholders; equal values have equal ones in all of them."""
    placeholders = Placeholders()
    return tuple(placeholders.hidden(text[:MAX_CHARS]) for text in texts)


def redacted(text: str) -> str:
    """The text for a log: personal data and secrets replaced; order-like numbers stay."""
    return Placeholders().hidden(text, EVERY_KIND - {Kind.NUMBER, Kind.NAME, Kind.ADDRESS})


def _same(kind: Kind, value: str) -> str:
    """What two spellings of one value share; a dot tells one mailbox from another."""
    if kind is Kind.SECRET:
        return value
    return value.casefold() if kind is Kind.EMAIL else re.sub(r"[\s().-]", "", value).casefold()


def _canonical(match: re.Match[str]) -> str:
    return f"[{match[1].upper()}_{int(match[2])}]"
